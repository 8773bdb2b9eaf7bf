"""The answers of checks in many runs, without reading the runs: what new, fixed and open are made of."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from mspctl.model.advisory import Package, PackageList
from mspctl.model.event import ReportKind
from mspctl.model.outcome import Outcome
from mspctl.model.posture import Answer, CheckFinding, Look
from mspctl.runstore import tables
from mspctl.runstore.codec import outline_value, report_value, time_text, time_value

_FACT, _FINDING = "check.", "check:"
_WITHOUT_WORK = frozenset({Outcome.HELD, Outcome.SKIPPED, Outcome.CANCELLED})
_ANSWERS = frozenset(Answer)
_COLUMNS = 4
"""Of a line: name, version, source, the source's version."""
_Places = dict[tuple[int, int], dict[int, dict[str, Answer]]]


@dataclass(frozen=True, slots=True)
class _Answers:
    """Run and position of a host → step → what its checks said."""

    found: _Places

    def of(self, host: Row[Any]) -> Mapping[int, Mapping[str, Answer]]:
        return self.found.get((host.run, host.position), {})


def read_looks(connection: Connection, client: str, since: datetime, until: datetime) -> tuple[Look, ...]:
    """The looks of a client's runs in [since, until), oldest first.

    A module is looked for on a host only if it has answered there once: others do not fit the host.
    """
    answers = _answers(connection, client, since, until)
    hosts = _hosts(connection, client, since, until)
    outlines = _outlines(connection, {host.outline for host in hosts})
    known = {
        (host.host, outlines[host.outline][step])
        for host in hosts
        for step in answers.of(host)
        if step < len(outlines[host.outline])
    }
    return tuple(
        look for host in hosts for look in _looks(host, outlines[host.outline], answers.of(host), known)
    )


def read_check_findings(connection: Connection, runs: Collection[str]) -> tuple[CheckFinding, ...]:
    """What was said in these runs about checks that were bad or unmeasured."""
    run, host, report = tables.run, tables.host_run, tables.report
    query = (
        select(run.c.id, host.c.host, report.c.kind, report.c.name, report.c.value, report.c.fields)
        .join(host, host.c.run == run.c.seq)
        .join(report, and_(report.c.run == host.c.run, report.c.position == host.c.position))
        .where(
            run.c.id.in_(tuple(runs)),
            report.c.kind == ReportKind.FINDING.value,
            report.c.name.startswith(_FINDING, autoescape=True),
        )
        .order_by(run.c.seq, host.c.position, report.c.step, report.c.number)
    )
    return tuple(_finding(row) for row in connection.execute(query))


def _finding(row: Row[*tuple[Any, ...]]) -> CheckFinding:
    report = report_value(row.kind, row.name, row.value, row.fields)
    told = dict(report.fields)
    words = (told.get(name, "") for name in ("severity", "title", "evidence", "remedy", "reference"))
    return CheckFinding(row.id, row.host, report.name.removeprefix(_FINDING), *words)


def _answers(connection: Connection, client: str, since: datetime, until: datetime) -> _Answers:
    run, report = tables.run, tables.report
    query = (
        select(report.c.run, report.c.position, report.c.step, report.c.name, report.c.value)
        .join(run, run.c.seq == report.c.run)
        .where(
            run.c.client == client,
            run.c.started >= time_text(since),
            run.c.started < time_text(until),
            report.c.kind == ReportKind.FACT.value,
            report.c.name.startswith(_FACT, autoescape=True),
        )
        .order_by(report.c.run, report.c.position, report.c.step, report.c.number)
    )
    found: _Places = {}
    for seq, position, step, name, value in connection.execute(query):
        said = Answer(value) if value in _ANSWERS else Answer.UNMEASURED
        found.setdefault((seq, position), {}).setdefault(step, {})[name.removeprefix(_FACT)] = said
    return _Answers(found)


def _hosts(connection: Connection, client: str, since: datetime, until: datetime) -> tuple[Row[Any], ...]:
    run, host = tables.run, tables.host_run
    columns = (
        run.c.id, run.c.started, host.c.run, host.c.position, host.c.host, host.c.outline, host.c.outcome,
        host.c.reason, host.c.detail, host.c.finished,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(host, host.c.run == run.c.seq)
        .where(run.c.client == client, run.c.started >= time_text(since), run.c.started < time_text(until))
        .order_by(run.c.started, run.c.seq, host.c.position)
    )
    return tuple(connection.execute(query))


def _outlines(connection: Connection, digests: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Digest → the module of each step."""
    query = select(tables.outline).where(tables.outline.c.digest.in_(tuple(digests)))
    return {
        row.digest: tuple(step.module for step in outline_value(row.steps))
        for row in connection.execute(query)
    }


def _looks(
    host: Row[Any],
    modules: tuple[str, ...],
    answers: Mapping[int, Mapping[str, Answer]],
    known: Collection[tuple[str, str]],
) -> Iterator[Look]:
    at = time_value(host.finished or host.started)
    assert at is not None  # noqa: S101 - the column is NOT NULL
    outcome = None if host.outcome is None else Outcome(host.outcome)
    for step, module in enumerate(modules):
        if (host.host, module) not in known:
            continue
        said = answers.get(step, {})
        if said:
            yield Look(host.id, host.host, module, at, said)
        elif outcome is not None and outcome not in _WITHOUT_WORK:
            why = host.detail or host.reason or outcome.value
            yield Look(host.id, host.host, module, at, {}, why if not outcome.good else "it gave no answer")


def read_package_lists(
    connection: Connection, client: str, since: datetime, until: datetime
) -> tuple[PackageList, ...]:
    """The last list of installed packages of each host, from runs in [since, until)."""
    run, host, report = tables.run, tables.host_run, tables.report
    query = (
        select(run.c.id, run.c.started, host.c.host, host.c.finished, report.c.name, report.c.value)
        .join(host, host.c.run == run.c.seq)
        .join(report, and_(report.c.run == host.c.run, report.c.position == host.c.position))
        .where(
            run.c.client == client,
            run.c.started >= time_text(since),
            run.c.started < time_text(until),
            report.c.kind == ReportKind.FACT.value,
            report.c.name.startswith("packages.", autoescape=True),
        )
        .order_by(run.c.started, run.c.seq, host.c.position, report.c.step, report.c.number)
    )
    found: dict[str, tuple[str, datetime, dict[str, str]]] = {}
    for row in connection.execute(query):
        at = time_value(row.finished or row.started)
        assert at is not None  # noqa: S101 - the column is NOT NULL
        if row.host not in found or found[row.host][0] != row.id:
            found[row.host] = (row.id, at, {})
        found[row.host][2][row.name] = row.value
    return tuple(_package_list(key, *told) for key, told in found.items() if "packages.count" in told[2])


def _package_list(host: str, run: str, at: datetime, facts: Mapping[str, str]) -> PackageList:
    release = facts.get("packages.release", "")
    lines = [
        line.split("|")
        for name, value in facts.items()
        if name.startswith("packages.list.")
        for line in value.splitlines()
    ]
    whole = [line for line in lines if len(line) == _COLUMNS and all(line)]
    if len(whole) != len(lines) or facts["packages.count"] != str(len(whole)):
        trouble = f"{len(whole)} of {facts['packages.count']} packages came here whole"
        return PackageList(host, run, at, release, trouble=trouble)
    return PackageList(host, run, at, release, tuple(Package(*line) for line in whole))
