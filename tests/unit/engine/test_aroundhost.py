"""Lines for this machine stand around the work: a bad first one keeps the host untouched."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mspctl.engine.aroundhost import UNKNOWN
from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.openings import Admission
from mspctl.engine.policy import RunPolicy
from mspctl.engine.verdict import no_beginning
from mspctl.model.bundle import Around
from mspctl.model.event import Event, Report, ReportKind, StepOutput, StepReported
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.model.run import Run, Trace
from mspctl.ports import LocalRun
from mspctl.testing.clock import SystemClock
from mspctl.testing.shell_transport import ShellTransport
from tests.unit.engine.bundles import bundle, endings, no_secrets, pending, plan, step, texts

FINE = 'check() { ok "fine"; }'
BOTH = Around("snapshot take", "snapshot drop")


class Shell:
    """Answers each line as told, and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, LocalRun] | None = None) -> None:
        self._answers = answers or {}
        self.asked: list[tuple[str, str]] = []

    def run(self, line: str, variables: Mapping[str, str], *, timeout: float) -> LocalRun:
        assert timeout > 0
        assert (variables["MSPCTL_CLIENT"], variables["MSPCTL_HOST"]) == ("acme", "web1")
        self.asked.append((line, variables.get("MSPCTL_OUTCOME", "")))
        return self._answers.get(line, LocalRun(0))


def night(
    shell: Shell,
    transport: ShellTransport,
    body: str,
    *,
    begun: Run | None = None,
    policy: RunPolicy | None = None,
) -> list[Event]:
    made = plan(replace(bundle(step(0, body)), around=BOTH))
    run = pending(made) if begun is None else begun
    equipment = Equipment(transport, no_secrets, texts(), SystemClock(), no_beginning, shell)
    execution = Execution(made, run, equipment, policy or RunPolicy(), owner="a test")
    return [event for batch in execution.batches() for event in batch]


def test_both_lines_run_once_and_the_second_knows_how_it_ended() -> None:
    shell, transport = Shell(), ShellTransport()
    found = endings(night(shell, transport, 'check() { ok "fine"; }'))
    assert found["acme/web1"].outcome is Outcome.OK
    assert shell.asked == [("snapshot take", ""), ("snapshot drop", "ok")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (LocalRun(3, b"no space in the pool\n"), "ended with status 3: no space in the pool"),
        (LocalRun(None, trouble="was ended after 600 s"), "was ended after 600 s"),
    ],
)
def test_a_first_line_that_fails_keeps_the_host_untouched(answer: LocalRun, said: str) -> None:
    shell, transport = Shell({"snapshot take": answer}), ShellTransport()
    found = night(shell, transport, 'check() { ok "fine"; }')
    ending = endings(found)["acme/web1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "hook-before")
    assert ending.detail == f"the hook controller_before {said}"
    assert transport.connections == []
    assert shell.asked == [("snapshot take", "")], "where nothing began there is nothing to end"
    assert [e.chunk for e in found if isinstance(e, StepOutput)] == ([answer.output] if answer.output else [])


@pytest.mark.parametrize(
    ("body", "outcome", "reason", "told"),
    [
        ('check() { ok "fine"; }', Outcome.FAILED, "hook-after", "ok"),
        ('check() { failed "no"; }', Outcome.FAILED, "step-failed", "failed"),
    ],
)
def test_a_last_line_that_fails_spoils_a_good_end_and_hides_no_bad_one(
    body: str, outcome: Outcome, reason: str, told: str
) -> None:
    shell = Shell({"snapshot drop": LocalRun(1)})
    ending = endings(night(shell, ShellTransport(), body))["acme/web1"]
    assert (ending.outcome, ending.reason) == (outcome, reason)
    assert shell.asked[-1] == ("snapshot drop", told)


def test_a_resumed_host_has_had_its_first_line() -> None:
    made = plan(replace(bundle(step(0, 'check() { ok "fine"; }')), around=BOTH))
    run = pending(made)
    trace = Trace("5" * 32, "/nowhere", "b" * 36)
    begun = replace(
        run, hosts=(replace(run.hosts[0], trace=trace, started=datetime(2026, 11, 1, tzinfo=UTC)),)
    )
    shell = Shell()
    night(shell, ShellTransport(), 'check() { ok "fine"; }', begun=begun)
    assert [line for line, _ in shell.asked] == ["snapshot drop"]


def on_record(*states: tuple[str, str]) -> Run:
    made = plan(replace(bundle(step(0, FINE)), around=BOTH))
    reports = tuple(Report(ReportKind.NOTE, f"controller_{name}", state) for name, state in states)
    run = pending(made)
    return replace(run, hosts=(replace(run.hosts[0], reports=reports),))


def test_a_line_that_ended_is_not_run_by_who_resumes() -> None:
    shell, transport = Shell(), ShellTransport()
    begun = on_record(("before", "begun"), ("before", "ended"))
    ending = endings(night(shell, transport, FINE, begun=begun))["acme/web1"]
    assert (ending.outcome, shell.asked) == (Outcome.OK, [("snapshot drop", "ok")])
    begun = on_record(*((name, state) for name in ("before", "after") for state in ("begun", "ended")))
    shell = Shell()
    ending = endings(night(shell, transport, FINE, begun=begun))["acme/web1"]
    assert (ending.outcome, shell.asked) == (Outcome.OK, [])


@pytest.mark.parametrize("name", ["before", "after"])
def test_of_a_line_that_was_begun_it_is_said_that_its_end_is_not_known(name: str) -> None:
    shell, transport = Shell(), ShellTransport()
    ended = (("before", "begun"), ("before", "ended")) if name == "after" else ()
    begun = on_record(*ended, (name, "begun"))
    ending = endings(night(shell, transport, FINE, begun=begun))["acme/web1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, f"hook-{name}")
    assert ending.detail == f"the hook controller_{name} {UNKNOWN}"
    assert (shell.asked, len(transport.connections)) == ([], 0 if name == "before" else 1)


def test_that_a_line_begins_is_on_record_before_it_does() -> None:
    known: list[str] = []

    class Looking(Shell):
        def run(self, line: str, variables: Mapping[str, str], *, timeout: float) -> LocalRun:
            assert known == ["begun"] if line == "snapshot take" else known == ["begun", "ended", "begun"]
            return super().run(line, variables, timeout=timeout)

    made = plan(replace(bundle(step(0, FINE)), around=BOTH))
    equipment = Equipment(ShellTransport(), no_secrets, texts(), SystemClock(), no_beginning, Looking())
    for batch in Execution(made, pending(made), equipment, RunPolicy(), owner="a test").batches():
        known += [each.report.value for each in batch if isinstance(each, StepReported)]
    assert known == ["begun", "ended"] * 2


_TAKEN = (
    Report(ReportKind.NOTE, "controller_before", "begun"),
    Report(ReportKind.NOTE, "controller_before", "ended"),
)
_SENT = Trace("5" * 32, "/nowhere", "b" * 36)


@pytest.mark.parametrize(
    ("trace", "reports", "answer", "asked", "said"),
    [
        (None, _TAKEN, LocalRun(0), True, "after controller_before, before anything was started on the host"),
        (_SENT, _TAKEN, LocalRun(0), True, "of the work that an earlier try began on it"),
        (_SENT, _TAKEN, LocalRun(1), True, "began on it; the hook controller_after ended with status 1"),
        (None, (), LocalRun(0), False, "before anything was started on the host"),
        (None, _TAKEN[:1], LocalRun(0), False, f"the hook controller_before {UNKNOWN}"),
    ],
    ids=["first line", "worker", "last line fails", "nothing", "first line unknown"],
)
def test_what_the_first_line_did_is_undone_when_the_run_is_stopped_before_the_turn_of_a_resumed_host(
    *, trace: Trace | None, reports: tuple[Report, ...], answer: LocalRun, asked: bool, said: str
) -> None:
    made = plan(replace(bundle(step(0, FINE)), around=BOTH))
    run = pending(made)
    begun = replace(run, hosts=(replace(run.hosts[0], trace=trace, reports=reports),))
    shell, transport = Shell({"snapshot drop": answer}), ShellTransport()
    equipment = Equipment(transport, no_secrets, texts(), SystemClock(), no_beginning, shell)
    work = Execution(made, begun, equipment, RunPolicy(), owner="a test")
    work.cancel(at_once=True)
    (ending,) = endings([event for batch in work.batches() for event in batch]).values()
    assert ending.detail.endswith(said)
    assert ending.outcome.bad
    assert shell.asked == ([("snapshot drop", "cancelled")] if asked else [])
    assert transport.connections == []


@pytest.mark.parametrize("resumed", [False, True])
def test_after_a_long_first_line_the_window_is_asked_again(*, resumed: bool) -> None:
    class Slow(Shell):
        def run(self, line: str, variables: Mapping[str, str], *, timeout: float) -> LocalRun:
            time.sleep(max(0.0, (closes - datetime.now(UTC)).total_seconds() + 0.1))
            return super().run(line, variables, timeout=timeout)

    shell, transport = Slow(), ShellTransport()
    word = Failure(Outcome.HELD, "window", "the window patch closed")
    closes = datetime.now(UTC) + timedelta(seconds=-1 if resumed else 1.5)
    policy = RunPolicy(admissions={"acme/web1": Admission(word, closes)})
    begun = on_record(("before", "begun"), ("before", "ended")) if resumed else None
    ending = endings(night(shell, transport, FINE, policy=policy, begun=begun))["acme/web1"]
    assert (ending.outcome, ending.reason, transport.connections) == (Outcome.HELD, "window", [])
    assert shell.asked[-1] == ("snapshot drop", "held")
    assert ending.seconds < 1.5, "the lines are no work on the host"
