"""Nothing is started on a host outside its window, even if that closes while the host waits its turn."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.openings import Admission
from mspctl.engine.policy import MaxFail, RunPolicy, Share
from mspctl.engine.verdict import no_beginning
from mspctl.model.event import Event
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.model.run import Run, Trace
from mspctl.testing.clock import SystemClock
from mspctl.testing.shell_transport import ShellTransport
from tests.unit.engine.bundles import (
    bundle,
    endings,
    events,
    host,
    no_secrets,
    pending,
    plan,
    step,
    texts,
)

SHUT = Failure(Outcome.HELD, "window", "the window patch is shut; next opening Sun")
OK = 'check() { ok "fine"; }'
START = datetime(2026, 11, 29, 3, 59, tzinfo=UTC)


class ClockOfWork(SystemClock):
    """Each connection that was made so far took twenty minutes."""

    def __init__(self, transport: ShellTransport) -> None:
        self._transport = transport

    def now(self) -> datetime:
        return START + timedelta(minutes=20) * len(self._transport.connections)


def test_a_shut_host_is_held_without_a_connection() -> None:
    transport = ShellTransport()
    made = plan(*(bundle(step(0, OK), at=host(name)) for name in ("web1", "web2")))
    found = endings(events(made, transport, policy=RunPolicy(admissions={"acme/web1": Admission(SHUT)})))
    assert transport.connections == ["acme/web2"]
    held = found["acme/web1"]
    assert (held.outcome, held.reason, held.detail) == (Outcome.HELD, "window", SHUT.detail)
    assert found["acme/web2"].outcome is Outcome.OK


def test_a_window_that_closes_before_a_hosts_turn_holds_it() -> None:
    transport = ShellTransport()
    names = ("web1", "web2", "web3")
    made = plan(*(bundle(step(0, OK), at=host(name)) for name in names))
    closing = Admission(SHUT, START + timedelta(minutes=15))
    policy = RunPolicy(forks=1, admissions={f"acme/{name}": closing for name in names})
    equipment = Equipment(transport, no_secrets, texts(), ClockOfWork(transport), no_beginning)
    found = endings(ran(Execution(made, pending(made), equipment, policy, owner="a test")))
    assert transport.connections == ["acme/web1"]
    assert [found[f"acme/{name}"].outcome for name in names] == [Outcome.OK, Outcome.HELD, Outcome.HELD]


def test_work_that_was_begun_is_collected_outside_the_window() -> None:
    transport = ShellTransport()
    made = plan(bundle(step(0, OK)))
    begun = with_trace(pending(made))
    found = endings(events(made, transport, begun, RunPolicy(admissions={"acme/web1": Admission(SHUT)})))
    assert transport.connections
    assert found["acme/web1"].outcome is not Outcome.HELD


def test_ten_thousand_held_hosts_do_not_stop_a_run() -> None:
    transport = ShellTransport()
    names = [f"h{number}" for number in range(10_000)]
    made = plan(*(bundle(step(0, OK), at=host(name)) for name in names))
    admissions = {f"acme/{name}": Admission(SHUT) for name in names}
    policy = RunPolicy(forks=5, max_fail=MaxFail(Share(0)), admissions=admissions)
    found = endings(events(made, transport, policy=policy))
    assert transport.connections == []
    assert {ending.outcome for ending in found.values()} == {Outcome.HELD}
    assert len(found) == len(names)


def ran(execution: Execution) -> list[Event]:
    return [event for batch in execution.batches() for event in batch]


def with_trace(run: Run) -> Run:
    trace = Trace("5" * 32, "/nowhere", "b" * 36)
    return replace(run, hosts=tuple(replace(row, trace=trace) for row in run.hosts))
