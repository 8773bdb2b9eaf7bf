"""Plans and events made up for tests: what a run log or a report can be given without any host."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from mspctl.engine.fold import pending_run
from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.event import (
    BundleStarted,
    Connected,
    Event,
    HostEnded,
    HostStarted,
    Report,
    StepEnded,
    StepOutput,
    StepReported,
    StepStarted,
)
from mspctl.model.inventory import Access, Host
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import Run
from mspctl.model.selection import Selection

START = datetime(2026, 11, 23, 23, 26, 0, 123456, tzinfo=UTC)


def made_plan(
    *hosts: str, steps: int = 2, client: str = "acme", playbook: str = "patch", site: str = "hq"
) -> Plan:
    """A plan for hosts of these names, each with `steps` steps."""
    chosen = tuple(Host(client, site, name, Access(address=f"{name}.example")) for name in hosts)
    bundle_steps = tuple(BundleStep(index, f"step {index}", "packages", "true") for index in range(steps))
    bundles = tuple(Bundle(host, bundle_steps, (), (), digest=f"digest of {host.key}") for host in chosen)
    return Plan(playbook, check_mode=False, selection=Selection(chosen), bundles=bundles, digest="p" * 64)


def made_run(plan: Plan, run_id: str = "20261123T2326Z-acme-patch-7f3a", started: datetime = START) -> Run:
    """The pending run of a plan."""
    client = plan.bundles[0].host.client
    return pending_run(plan, run_id, client, started=started, version="0.1.0", nonce="5" * 32)


def story(
    host: str,
    *,
    steps: int = 2,
    outcome: Outcome = Outcome.CHANGED,
    reports: tuple[Report, ...] = (),
    output: bytes = b"Reading package lists...\n",
    started: datetime = START,
) -> Iterator[Event]:
    """What happens on one host that goes through all its steps, the last of which says `reports`."""
    yield HostStarted(host, started)
    yield Connected(host, started + timedelta(seconds=1), "SHA256:abc", 0.25)
    yield BundleStarted(
        host, started + timedelta(seconds=1), 0, "n" * 32, "/run/user/1000/mspctl-1", "b" * 36
    )
    for index in range(steps):
        yield StepStarted(host, index, 100.0 + index)
        yield StepOutput(host, index, output)
        if index == steps - 1:
            for report in reports:
                yield StepReported(host, index, report)
        yield StepEnded(host, index, StepStatus.OK, seconds=1.5)
    yield ended(host, outcome, started)


def ended(host: str, outcome: Outcome, started: datetime = START, reason: str = "") -> HostEnded:
    """The terminal word, a minute after `started`."""
    at = started + timedelta(minutes=1)
    return HostEnded(host, at, outcome, reason, seconds=60.0, round_trips=2)
