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
from mspctl.model.fleet import LastRun
from mspctl.model.run import HostRun, Run
from mspctl.report.staff.concern import Concern, Kind
from mspctl.wiring.app import App
from mspctl.wiring.fleet import fleet_of
from mspctl.wiring.request import Request, Target

PLAYBOOK = "diagnose"
_RECENT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found. `changes` are the host's own words; `runs` what we did there lately."""

    run: Run
    host: HostRun
    causes: tuple[Likely, ...]
    changes: tuple[str, ...]
    runs: tuple[LastRun, ...]
    open: tuple[Concern, ...]


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
    target = Target(clients=(slug,), limit=name)
    return Request(PLAYBOOK, target, params={"hours": hours}, command=tuple(words))


def diagnosed(app: App, run: Run) -> Diagnosis:
    """What the run saw and what is on record, as causes.

    Raises:
        ConfigurationError: the project's causes are wrong.
        StorageError: the run log cannot be read.
    """
    (host,) = run.hosts
    inventory = app.inventory({run.client})
    (view,) = (each for each in fleet_of(app, inventory).hosts if f"{each.client}/{each.name}" == host.host)
    concerns = tuple(each for each in view.concerns if run.id not in each.evidence)
    evidence = (*evidence_of(host), *_on_record(concerns))
    causes = likely(known_causes(app.project / "inventory"), evidence)
    with closing(app.open_store(write=False)) as store:
        since = app.clock.now() - _RECENT
        recent = store.fleet_book().last_runs([run.client], since)
    runs = tuple(each for each in recent if each.host == host.host and each.run != run.id)
    return Diagnosis(run, host, causes, tuple(_changes(host)), runs, concerns)


def _on_record(concerns: Sequence[Concern]) -> Iterator[Evidence]:
    for each in concerns:
        word = "incident" if each.kind in {Kind.DOWN, Kind.WARNING} else each.kind.value
        yield Evidence(SignKind.OPEN, f"{word}:{each.text}", f"{each.text} ({each.evidence})")


def _changes(host: HostRun) -> Iterator[str]:
    for step in host.steps:
        if step.module == "recent-changes":
            yield from (report.name for report in step.reports if report.kind is ReportKind.NOTE)
