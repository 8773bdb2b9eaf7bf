"""How safe hosts are, as tables or a document: new, fixed, open, waived; what nobody measured says so."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from mspctl.cli.console import Console, Document
from mspctl.cli.rundoc import utc_text
from mspctl.model.security import Waiver
from mspctl.report.facts.posture import CheckState, HostPosture, Result, counted
from mspctl.report.facts.sidebyside import Row, agreement

HOSTS = ("host", "new", "open", "not measured", "waived", "fixed", "good", "last look", "remark")
FINDINGS = ("host", "check", "severity", "result", "since", "what", "remark")
NOT_MEASURED = "not measured"
_TOLD = (Result.NEW, Result.OPEN, Result.UNMEASURED, Result.WAIVED, Result.FIXED)
_WORDS: Mapping[Result, str] = {Result.OPEN: "still open", Result.UNMEASURED: NOT_MEASURED}
_LONGEST = 200


def show_postures(console: Console, found: Sequence[HostPosture]) -> None:
    """A line for each host and one for each finding, or one document."""
    if console.wants_json:
        console.json({"hosts": posture_documents(found)})
        return
    if not found:
        return
    console.table("", HOSTS, [_host_row(each) for each in found])
    _show_states(console, found, lambda _: True)


def posture_documents(found: Sequence[HostPosture]) -> list[Document]:
    """One document for each host."""
    return [_document(each) for each in found]


def show_changes(console: Console, found: Sequence[HostPosture]) -> None:
    """What a run has brought: the counts, what is new or fixed, and whose waiver has ended."""
    counts = counted(found)
    console.out("security: " + ", ".join(f"{counts[each]} {_WORDS.get(each, each.value)}" for each in _TOLD))
    _show_states(console, found, _moved)


def _moved(state: CheckState) -> bool:
    ended = state.waiver is not None and state.result.open
    return state.result in {Result.NEW, Result.FIXED} or ended


def _show_states(
    console: Console, found: Sequence[HostPosture], wanted: Callable[[CheckState], bool]
) -> None:
    rows = [_finding_row(state) for host in found for state in host.of(*_TOLD) if wanted(state)]
    if rows:
        console.table("", FINDINGS, rows)
    for line in _idle(found):
        console.out(line)


def show_comparison(console: Console, rows: Sequence[Row]) -> None:
    """The baseline and lynis side by side, and on how many the two agree."""
    agree, told = agreement(rows)
    if console.wants_json:
        console.json({"agree": agree, "of": told, "rows": [_row_document(row) for row in rows]})
        return
    if not rows:
        console.out("no host has answers of both: run `mspctl security` and `mspctl security scan`")
        return
    verdicts = {True: "yes", False: "NO", None: ""}
    cells = [
        (row.host, row.check, row.ours.value, row.test, row.lynis.value, verdicts[row.agree], row.words)
        for row in rows
    ]
    console.table("", ("host", "check", "ours", "lynis asks", "lynis", "agree", "why lynis"), cells)
    console.out(f"{agree} of {told} alike, where both could tell")


def _row_document(row: Row) -> Document:
    return {
        "host": row.host,
        "check": row.check,
        "test": row.test,
        "ours": row.ours.value,
        "lynis": row.lynis.value,
        "agree": row.agree,
        "why": row.words or None,
    }


def _host_row(each: HostPosture) -> Sequence[str]:
    if each.at is None:
        return (each.host, *(NOT_MEASURED if column == "last look" else "" for column in HOSTS[1:]))
    counts = (
        Result.NEW, Result.OPEN, Result.UNMEASURED, Result.WAIVED, Result.FIXED, Result.GOOD,
    )  # fmt: skip
    remark = f"no answer since: {each.silent}" if each.silent else ""
    return (each.host, *(str(each.count(one)) for one in counts), f"{each.at:%Y-%m-%d %H:%M}", remark)


def _finding_row(state: CheckState) -> Sequence[str]:
    words = state.words
    what = "" if words is None else ": ".join(part for part in (words.title, words.evidence) if part)
    return (
        state.host,
        state.check,
        state.severity,
        _WORDS.get(state.result, state.result.value),
        f"{state.since:%Y-%m-%d}",
        what if len(what) <= _LONGEST else f"{what[: _LONGEST - 1]}…",
        _remark(state),
    )


def _remark(state: CheckState) -> str:
    parts = []
    if state.waiver is not None:
        waiver = state.waiver
        if state.result is Result.WAIVED:
            parts.append(waiver.detail)
        else:
            parts.append(f"open again: the waiver of {waiver.owner} ended on {waiver.until}")
    if state.silent:
        parts.append(f"not answered since {state.at:%Y-%m-%d}: {state.why}")
    return "; ".join(parts)


def _idle(found: Sequence[HostPosture]) -> Iterator[str]:
    told: dict[Waiver, list[str]] = {}
    for host in found:
        for waiver in host.idle:
            told.setdefault(waiver, []).append(host.host)
    for waiver, hosts in told.items():
        yield f"{waiver.place}: the waiver of {waiver.check} waives nothing on {', '.join(hosts)}"


def _document(each: HostPosture) -> Document:
    return {
        "host": each.host,
        "site": each.site,
        "measured": each.at is not None,
        "last_look": utc_text(each.at),
        "no_answer_since": each.silent or None,
        "counts": {result.value: each.count(result) for result in Result} if each.checks else None,
        "findings": [_state(state) for state in each.of(*_TOLD)],
        "idle_waivers": [_waiver(waiver) for waiver in each.idle],
    }


def _state(state: CheckState) -> Document:
    words = state.words
    ended = state.waiver is not None and state.result is not Result.WAIVED
    return {
        "check": state.check,
        "result": state.result.value,
        "severity": state.severity or None,
        "since": utc_text(state.since),
        "seen": utc_text(state.at),
        "run": state.before or state.run,
        "title": words.title if words else None,
        "evidence": words.evidence if words else None,
        "remedy": words.remedy if words else None,
        "reference": (words.reference or None) if words else None,
        "waiver": _waiver(state.waiver) if state.waiver and not ended else None,
        "ended_waiver": _waiver(state.waiver) if state.waiver and ended else None,
        "looks_without_answer": state.silent,
    }


def _waiver(waiver: Waiver) -> Document:
    return {
        "check": waiver.check,
        "owner": waiver.owner,
        "reason": waiver.reason,
        "until": waiver.until.isoformat(),
        "place": str(waiver.place) if waiver.place else None,
    }
