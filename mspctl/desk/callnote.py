"""What a call leaves behind in writing: a note for the ticket, and a draft for the knowledge base.

Both are made from what was written down and what ran while somebody was at work. The draft names neither the
client nor its hosts nor people; it is a draft, because names may stand in what somebody typed, too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from mspctl.desk.callfacts import fact_lines
from mspctl.desk.calls import Call
from mspctl.model.event import Report, ReportKind
from mspctl.model.run import HostRun, Run, StepRun

_COMMAND = "command"
_MOST = 20
"""So many changes of a host are told."""
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", re.ASCII)


def ticket_note(call: Call, runs: Sequence[Run], timezone: str, now: datetime) -> str:
    """Who did what from when to when, on which hosts, what changed, how it ended."""
    return "\n".join(_ticket(call, runs, ZoneInfo(timezone), now)) + "\n"


def knowledge_draft(call: Call, runs: Sequence[Run], names: Iterable[str]) -> str:
    """What was wrong, why, what helped; `names` (client, hosts, people) are taken out."""
    text = "\n".join(_draft(call, runs)) + "\n"
    return without_names(text, names)


def without_names(text: str, names: Iterable[str]) -> str:
    """Whole words that are one of the names, and all addresses, become `…`."""
    known = sorted({name for name in names if name}, key=len, reverse=True)
    if known:
        words = "|".join(re.escape(name) for name in known)
        text = re.sub(rf"(?<![\w-])(?:{words})(?![\w-])", "…", text, flags=re.IGNORECASE)
    return _ADDRESS.sub("…", text)


def _ticket(call: Call, runs: Sequence[Run], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    yield f"Call {call.number}: {call.title}"
    if call.ticket or call.priority:
        yield ", ".join(filter(None, (call.ticket and f"ticket {call.ticket}", call.priority)))
    if call.asked:
        yield f"Asked: {_local(call.asked, zone)}"
    for stretch in call.raw:
        end = _local(stretch.end, zone) if stretch.end else "still at it"
        yield f"Worked: {_local(stretch.start, zone)} to {end}, {stretch.technician}"
    for hold in call.holds:
        end = _local(hold.end, zone) if hold.end else "still"
        yield f"Waited for {hold.reason}: {_local(hold.start, zone)} to {end}"
    yield f"Time: {call.seconds(now) // 60} min" + ("" if call.billable else ", not billable")
    if call.cause:
        yield f"Cause: {call.cause}"
    yield f"Solved: {_local(call.solved, zone)}" if call.solved else "Not solved yet"
    if call.notes:
        yield ""
        yield "Notes:"
        yield from (f"- {_local(note.at, zone)} {note.author}: {note.text}" for note in call.notes)
    for run in runs:
        yield ""
        yield f"{_local(run.started, zone)} {run.playbook}" + (" (dry run)" if run.check_mode else "")
        for host in run.hosts:
            yield from _host(host)
    facts = list(fact_lines(runs, zone))
    if facts:
        yield from ("", "Before and after, as the runs saw it:", *facts)


def _host(host: HostRun) -> Iterator[str]:
    outcome = host.outcome.value if host.outcome else "no answer yet"
    why = f": {host.reason or host.detail}" if host.reason or host.detail else ""
    yield f"- {host.host}: {outcome}{why}, {host.seconds:.0f} s"
    for step in host.steps:
        if step.module == _COMMAND:
            yield f"  $ {step.name}"
    changes = [each for step in host.steps for each in step.reports if each.kind is ReportKind.CHANGE]
    yield from (f"  {_change(each)}" for each in changes[:_MOST])
    if len(changes) > _MOST:
        yield f"  and {len(changes) - _MOST} more changes"


def _change(report: Report) -> str:
    fields: Mapping[str, str] = dict(report.fields)
    if fields.get("old") or fields.get("new"):
        return f"{report.name}: {fields.get('old') or 'nothing'} -> {fields.get('new') or 'nothing'}"
    return f"{report.name}: {report.value}" if report.value else report.name


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _draft(call: Call, runs: Sequence[Run]) -> Iterator[str]:
    yield f"# {call.title}"
    yield ""
    yield "## What was wrong"
    yield ""
    yield call.title
    yield ""
    yield "## Why"
    yield ""
    yield call.cause or "Not written down."
    yield ""
    yield "## What was found and done"
    yield ""
    yield from (f"- {note.text}" for note in call.notes)
    done = [(step, host) for run in runs if not run.check_mode for host in run.hosts for step in host.steps]
    yield from dict.fromkeys(_done(step) for step, _ in done)
    if not call.notes and not done:
        yield "Nothing was written down."
    yield ""
    yield "## How it was seen to be over"
    yield ""
    said = [note.text for note in call.notes if call.solved and call.raw and note.at >= call.raw[-1].start]
    yield said[-1] if said else "Not written down."


def _done(step: StepRun) -> str:
    if step.module == _COMMAND:
        return f"- `{step.name}`"
    changed = sorted({each.name for each in step.reports if each.kind is ReportKind.CHANGE})[:_MOST]
    return f"- {step.name}" + (f": {', '.join(changed)}" if changed else "")
