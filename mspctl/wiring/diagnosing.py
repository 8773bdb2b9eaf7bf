"""`mspctl diagnose`: one look at one host, held against what is on record about it."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

from mspctl.desk.diagnosis import evidence_of, likely
from mspctl.errors import UsageError
from mspctl.library.causes import known_causes
from mspctl.model.diagnosis import Evidence, Likely, SignKind
from mspctl.model.event import ReportKind
from mspctl.model.fleet import HostFinding, LastRun
from mspctl.model.run import HostRun, Run
from mspctl.report.staff.concern import Concern, Kind
from mspctl.report.staff.fleet import HostView
from mspctl.wiring.app import App
from mspctl.wiring.fleet import fleet_of
from mspctl.wiring.request import Request, Target

PLAYBOOK = "diagnose"
_RECENT = timedelta(days=7)
_LOG_MINUTES, _MOST_MINUTES = 240, 7 * 24 * 60
_BEFORE = timedelta(minutes=30)
"""What came before an incident may have brought it about."""
_INCIDENTS = frozenset({Kind.DOWN, Kind.WARNING})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found. `changes` and `errors` are the host's own words; `runs` what we did there lately."""

    run: Run
    host: HostRun
    causes: tuple[Likely, ...]
    changes: tuple[str, ...]
    errors: tuple[str, ...]
    runs: tuple[LastRun, ...]
    open: tuple[Concern, ...]
    findings: tuple[HostFinding, ...]
    """Of those runs; pending updates are left out, there is a command for them."""


def diagnosis_request(app: App, asked: str, client: str | None, hours: int, words: Sequence[str]) -> Request:
    """The run that looks. `asked` is `client/host`, or a host of `client`.

    Raises:
        UsageError: there is no such host, or it is not said of which client.
    """
    slug, slash, name = asked.partition("/")
    if not slash:
        slug, name = client or "", asked
    if not slug or (client and slug != client):
        raise UsageError(f"whose host is {asked}?", hint="write CLIENT/HOST, or give --client NAME")
    (found,) = (each for each in app.inventory({slug}).clients if each.slug == slug)
    if not any(host.name == name for host in found.hosts):
        raise UsageError(f"{slug} has no host `{name}`", hint=f"see `mspctl inventory list --client {slug}`")
    params = {"hours": hours, "log_minutes": _log_minutes(app, slug, name)}
    return Request(PLAYBOOK, Target(clients=(slug,), limit=name), params=params, command=tuple(words))


def _log_minutes(app: App, slug: str, name: str) -> int:
    """How far back the logs are read: from before the oldest open incident of the host on, within bounds."""
    opened = [
        each.since for each in _view(app, slug, name).concerns if each.kind in _INCIDENTS and each.since
    ]
    if not opened:
        return _LOG_MINUTES
    age = app.clock.now() - min(opened) + _BEFORE
    return min(max(_LOG_MINUTES, int(age.total_seconds()) // 60), _MOST_MINUTES)


def _view(app: App, slug: str, name: str) -> HostView:
    fleet = fleet_of(app, app.inventory({slug}))
    return next(each for each in fleet.hosts if each.name == name)


def diagnosed(app: App, run: Run) -> Diagnosis:
    """What the run saw and what is on record, as causes.

    Raises:
        ConfigurationError: the project's causes are wrong.
        StorageError: the run log cannot be read.
    """
    client, _, name = run.hosts[0].host.partition("/")
    view = _view(app, client, name)
    concerns = tuple(each for each in view.concerns if run.id not in each.evidence)
    with closing(app.open_store(write=False)) as store:
        (host,) = store.load(run.id).hosts
        recent = store.fleet_book().last_runs([client], app.clock.now() - _RECENT)
        runs = tuple(each for each in recent if each.host == host.host and each.run != run.id)
        others = [each.run for each in runs if each.playbook != PLAYBOOK]
        findings = store.fleet_book().findings(host.host, others)
    evidence = (*evidence_of(host), *_on_record(concerns))
    causes = likely(known_causes(app.project / "inventory"), evidence)
    seen = tuple(each for each in findings if not each.name.startswith("pending:"))
    return Diagnosis(run, host, causes, tuple(_changes(host)), tuple(_errors(host)), runs, concerns, seen)


def _on_record(concerns: Sequence[Concern]) -> Iterator[Evidence]:
    for each in concerns:
        word = "incident" if each.kind in _INCIDENTS else each.kind.value
        yield Evidence(SignKind.OPEN, f"{word}:{each.text}", f"{each.text} ({each.evidence})")


def _changes(host: HostRun) -> Iterator[str]:
    for step in host.steps:
        if step.module == "recent-changes":
            yield from (report.name for report in step.reports if report.kind is ReportKind.NOTE)


def _errors(host: HostRun) -> Iterator[str]:
    """The last errors in the logs, as the module prints them below a line of its own."""
    for step in host.steps:
        if step.module == "log-signs":
            yield from (line for line in step.output.text.splitlines()[1:] if line.strip())
