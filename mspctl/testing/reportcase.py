"""A made-up month of a made-up client: every state a host can have in a report, told by runs."""

from dataclasses import replace
from datetime import datetime, timedelta

from mspctl.engine.fold import Fold
from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.event import Event, HostEnded, Report, ReportKind, StepEnded, StepReported, StepStarted
from mspctl.model.inventory import Access, Client, Host, Site
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import Run
from mspctl.model.selection import Selection
from mspctl.testing.runs import ended, made_run

UPGRADE, LOOK = 0, 1
STEPS = (BundleStep(0, "Upgrade packages", "packages", ""), BundleStep(1, "Look again", "updates", ""))


def client_of(*names: str, slug: str = "acme", name: str = "Acme Dental GmbH") -> Client:
    """A client in Berlin with these hosts."""
    hosts = tuple(Host(slug, "hq", each, Access()) for each in names)
    return Client(slug, name, "Europe/Berlin", (Site("hq", hosts),))


def upgraded(name: str, old: str = "1.0", new: str = "1.1", *, security: bool = False) -> Report:
    """A package that was upgraded."""
    fields = (("old", old), ("new", new), ("security", "yes" if security else "no"))
    return Report(ReportKind.CHANGE, name, "", fields)


def pending(name: str, old: str = "1.0", new: str = "1.1", *, security: bool = False) -> Report:
    """An update that a scan found."""
    fields = (("old", old), ("new", new), ("security", "yes" if security else "no"))
    return Report(ReportKind.FINDING, f"pending:{name}", "", fields)


def held_back(name: str, reason: str = "hold") -> Report:
    """A package that is held back."""
    fields = (("old", "1.0"), ("new", "2.0"), ("security", "no"), ("reason", reason))
    return Report(ReportKind.HELD, name, "", fields)


def metric(name: str, value: object) -> Report:
    """A number."""
    return Report(ReportKind.METRIC, name, str(value))


def scan(*found: Report, broken: int = 0, restart: bool = False, lists_age: int = 60) -> tuple[Report, ...]:
    """All that one scan reports, in the order of the module."""
    waiting = [report for report in found if report.kind is ReportKind.FINDING]
    security = sum(("security", "yes") in report.fields for report in waiting)
    return (
        *found,
        metric("packages.pending", len(waiting)),
        metric("packages.security", security),
        metric("packages.held", len(found) - len(waiting)),
        metric("packages.broken", broken),
        metric("reboot.required", int(restart)),
        metric("packages.lists_age", lists_age),
    )


def worked(
    host: str,
    *reports: Report,
    outcome: Outcome = Outcome.CHANGED,
    status: StepStatus = StepStatus.OK,
    reason: str = "",
    step: int = LOOK,
) -> list[Event]:
    """A host on which one step said `reports` and ended with `status`."""
    events: list[Event] = [StepStarted(host, step, 1.0)]
    events += [StepReported(host, step, report) for report in reports]
    return [*events, StepEnded(host, step, status, reason), ended(host, outcome)]


def run_of(
    client: Client,
    at: datetime,
    *events: Event,
    number: int = 0,
    check_mode: bool = False,
    finish: bool = True,
) -> Run:
    """A run over all hosts of the client; times of the events are moved to `at`."""
    bundles = tuple(Bundle(host, STEPS, (), (), "d") for host in client.hosts)
    plan = Plan("patch", check_mode, Selection(client.hosts), bundles, "p")
    fold = Fold(made_run(plan, f"{at:%Y%m%dT%H%MZ}-{client.slug}-patch-{number:04x}", at))
    fold.apply(_moved(event, at) for event in events)
    if finish and not fold.pending:
        fold.finish(at + timedelta(minutes=5))
    return fold.run


def _moved(event: Event, at: datetime) -> Event:

    return replace(event, at=at + timedelta(minutes=1)) if isinstance(event, HostEnded) else event
