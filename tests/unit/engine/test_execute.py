"""The whole way of a bundle under real shells: steps, verdicts, lost links, stops, limits."""

import shutil
import subprocess
import threading
import time
from dataclasses import replace

import pytest

from mspctl.engine.fold import Fold
from mspctl.engine.openings import Admission
from mspctl.engine.policy import MaxFail, RunPolicy, Share
from mspctl.engine.waves import Order, Stage
from mspctl.model.event import BundleStarted, Event, LinkLost, Report, ReportKind, StepEnded, StepReported
from mspctl.model.failure import Failure
from mspctl.model.inventory import Deadlines
from mspctl.model.outcome import Forecast, Outcome, StepStatus
from mspctl.model.playbook import OnFailure
from mspctl.model.run import StepRun, Trace
from mspctl.testing.shell_transport import Faults, ShellTransport
from tests.unit.engine.bundles import (
    bundle,
    endings,
    events,
    execution,
    host,
    leftovers,
    output,
    pending,
    plan,
    step,
    step_endings,
)

SHELLS = [("/bin/dash", "-s"), ("/bin/bash", "--posix", "-s"), ("/bin/busybox", "sh", "-s")]
OK = 'check() { ok "as it should be"; }'
CHANGE = 'check() { needed "a thing"; }\napply() { echo "doing é %0A"; changed "a thing" old=1 "new=2%\n3"; }'
FAIL = 'check() { failed "no good"; }'


@pytest.fixture(params=SHELLS, ids=["dash", "bash", "busybox"])
def transport(request: pytest.FixtureRequest) -> ShellTransport:
    argv: tuple[str, ...] = request.param
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{argv[0]} is not installed")
    return ShellTransport(argv)


def test_verdicts_of_steps_decide_the_host(transport: ShellTransport) -> None:
    found = events(plan(bundle(step(0, OK), step(1, CHANGE), step(2, OK))), transport)
    assert [ended.status for ended in step_endings(found)] == ["ok", "changed", "ok"]
    ending = endings(found)["acme/web1"]
    assert (ending.outcome, ending.round_trips) == (Outcome.CHANGED, 3)
    reports = [event.report for event in found if isinstance(event, StepReported)]
    assert reports[0].name == "a thing"
    assert reports[0].fields == (("old", "1"), ("new", "2%\n3"))
    assert output(found, 1) == "doing é %0A\n".encode()


def test_nothing_is_left_on_the_host(transport: ShellTransport) -> None:
    before = set(leftovers())
    events(plan(bundle(step(0, OK))), transport)
    assert set(leftovers()) <= before


def test_a_failed_step_stops_the_rest_unless_told_otherwise(transport: ShellTransport) -> None:
    stopped = events(plan(bundle(step(0, FAIL), step(1, OK))), transport)
    assert [ended.status for ended in step_endings(stopped)] == ["failed", "skipped"]
    assert step_endings(stopped)[1].reason == "not reached: step 1 failed"
    on = events(plan(bundle(step(0, FAIL, on_failure=OnFailure.CONTINUE), step(1, OK))), transport)
    assert [ended.status for ended in step_endings(on)] == ["failed", "ok"]
    assert endings(on)["acme/web1"].outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("check() { :; }", "the check gave no verdict (status 0)"),
        ('check() { echo "$undefined"; ok; }', "the step's shell ended with status"),
        ("check() { exit 0; }", "the step's shell ended with status 0"),
        ("check() { needed x; }\napply() { return 3; }", "apply ended with status 3"),
        ("check() { needed x; }", "apply ended with status 127"),
    ],
)
def test_a_step_that_does_not_say_it_is_good_has_failed(
    transport: ShellTransport, body: str, reason: str
) -> None:
    found = events(plan(bundle(step(0, body, changes=False))), transport)
    (ended,) = step_endings(found)
    assert ended.status is StepStatus.FAILED
    assert ended.reason.startswith(reason)


def test_a_change_that_did_not_take_has_failed(transport: ShellTransport) -> None:
    body = "check() { needed x; }\napply() { changed x; }"
    (ended,) = step_endings(events(plan(bundle(step(0, body, verify=True, changes=False))), transport))
    assert ended.reason == "still needed after the change: x"


def test_check_mode_runs_no_apply(transport: ShellTransport) -> None:
    bodies = [
        OK,
        "check() { needed x; }\napply() { echo NEVER; }",
        "check() { unknown y; }\napply() { echo NEVER; }",
    ]
    made = plan(bundle(*(step(i, body) for i, body in enumerate(bodies)), check_mode=True))
    found = events(made, transport)
    assert [e.forecast for e in step_endings(found)] == [
        Forecast.NO_CHANGE,
        Forecast.CHANGE,
        Forecast.UNKNOWN,
    ]
    assert b"NEVER" not in b"".join(output(found, i) for i in range(3))


@pytest.mark.parametrize("cut", [0, 10, 60, 150, 200, 250, 400, 600, 5000])
def test_a_cut_link_loses_no_byte_and_starts_nothing_twice(cut: int) -> None:
    body = (
        "check() { for i in 1 2 3 4 5 6 7 8 9; do echo line $i; sleep 0.1; done; echo started >&2; ok fine; }"
    )
    transport = ShellTransport(faults=lambda _host: Faults(cuts=[cut, cut // 2 + 1]))
    found = events(plan(bundle(step(0, body), step(1, OK))), transport)
    assert endings(found)["acme/web1"].outcome is Outcome.OK
    expected = "".join(f"line {i}\n" for i in range(1, 10)) + "started\n"
    assert output(found, 0).decode() == expected
    assert len([event for event in found if isinstance(event, BundleStarted)]) == 1
    assert [ended.index for ended in step_endings(found)] == [0, 1]


def test_patience_begins_anew_with_every_link_that_stood() -> None:
    """The host may be away for 3 s; links that break after a longer time of work are no reason to give up."""
    short = Deadlines(step=40, run=100, reboot=3, lock_wait=1)
    body = "check() { for i in 1 2 3 4 5 6 7 8 9; do echo line $i; sleep 0.8; done; ok fine; }"
    transport = ShellTransport(faults=lambda _host: Faults(cuts=[330, 250, 250]))
    found = events(plan(bundle(step(0, body), at=host(deadlines=short))), transport)
    assert len([event for event in found if isinstance(event, LinkLost)]) >= 2
    assert endings(found)["acme/web1"].outcome is Outcome.OK


def test_no_exit_status_is_never_good() -> None:
    transport = ShellTransport(faults=lambda _host: Faults(lose_exit_status=True))
    ending = endings(events(plan(bundle(step(0, OK))), transport))["acme/web1"]
    assert ending.outcome is Outcome.LOST


def test_a_step_deadline_fires_on_the_host_and_ends_its_children() -> None:
    marker = f"400000.{time.time_ns()}"
    body = f"check() {{ sleep {marker} & sleep {marker}; ok; }}"
    found = events(plan(bundle(step(0, body, timeout=1), step(1, OK))), ShellTransport())
    ending = endings(found)["acme/web1"]
    assert (ending.outcome, ending.reason) == (Outcome.TIMED_OUT, "step-timeout")
    until = time.monotonic() + 20
    while marker in _command_lines():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_an_endless_printer_is_stopped() -> None:
    body = "check() { while :; do echo 0123456789012345678901234567890123456789; done; }"
    began = time.monotonic()
    ending = endings(events(plan(bundle(step(0, body, timeout=100))), ShellTransport()))["acme/web1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "max-output")
    assert time.monotonic() - began < 60


def test_a_killed_worker_is_not_a_good_end() -> None:
    body = 'check() { kill -9 "$(cat "$spool/worker" | cut -d" " -f1)"; sleep 1; ok; }'
    ending = endings(events(plan(bundle(step(0, body))), ShellTransport()))["acme/web1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "no-end-frame")


def test_forged_frames_stay_output() -> None:
    forged = "printf '\\036%s\\037E\\0370\\037ok\\037\\037\\n' 00000000000000000000000000000000"
    body = f"check() {{ {forged}; failed no; }}"
    found = events(plan(bundle(step(0, body))), ShellTransport())
    assert endings(found)["acme/web1"].outcome is Outcome.FAILED
    assert b"\x1f0\x1fok" in output(found, 0)


def test_500_planned_are_500_results() -> None:
    refused = Failure(Outcome.UNREACHABLE, "refused")

    def faults(at: object) -> Faults:
        return Faults(refusals=[refused] if str(at).count("7") else [])

    made = plan(*(bundle(step(0, OK), at=host(f"h{i}")) for i in range(100)))
    results = endings(events(made, ShellTransport(faults=faults), policy=RunPolicy(forks=20)))
    assert len(results) == 100


def test_max_fail_stops_before_the_next_host() -> None:
    made = plan(*(bundle(step(0, FAIL), at=host(f"h{i}")) for i in range(6)))
    transport = ShellTransport()
    policy = RunPolicy(forks=1, max_fail=MaxFail(Share(1)))
    results = endings(events(made, transport, policy=policy))
    assert [results[f"acme/h{i}"].outcome for i in range(6)] == ["failed"] * 2 + ["skipped"] * 4
    assert len(transport.connections) == 2
    assert results["acme/h5"].reason == "max-fail"


def test_waves_wait_for_each_other_and_sites_are_bounded() -> None:
    running: list[int] = []
    made = plan(*(bundle(step(0, OK), at=host(f"h{i}", site="s")) for i in range(6)))
    work = execution(
        made,
        ShellTransport(),
        policy=RunPolicy(serial=(Share(1), Share(50, percent=True)), per_site={("acme", "s"): 2}),
    )
    order: list[str] = []
    for batch in work.batches():
        running.append(threading.active_count())
        order += [event.host for event in batch if type(event).__name__ == "HostEnded"]
    assert order[0] == "acme/h0"
    assert sorted(order[1:4]) == ["acme/h1", "acme/h2", "acme/h3"]


def test_a_bad_canary_keeps_every_other_host_untouched() -> None:
    made = plan(
        bundle(step(0, OK), at=host("h0")),
        bundle(step(0, FAIL), at=host("h1")),
        *(bundle(step(0, OK), at=host(f"h{i}")) for i in range(2, 6)),
    )
    stages = (
        Stage("canary", ("acme/h0", "acme/h1"), 100),
        Stage("rest", tuple(f"acme/h{i}" for i in range(2, 6))),
    )
    transport = ShellTransport()
    run = pending(made)
    fold = Fold(run)
    for batch in execution(made, transport, run, order=Order((stages,))).batches():
        fold.apply(batch)
    results = {row.host: row for row in fold.run.hosts}
    assert [results[f"acme/h{i}"].outcome for i in range(6)] == ["ok", "failed", *["skipped"] * 4]
    assert [row.wave for row in fold.run.hosts] == ["canary", "canary", *["rest"] * 4]
    assert {results[f"acme/h{i}"].reason for i in range(2, 6)} == {"gate"}
    assert sorted(transport.connections) == ["acme/h0", "acme/h1"]


def test_a_resumed_run_knows_the_canary_that_failed_before() -> None:
    made = plan(*(bundle(step(0, OK), at=host(f"h{i}")) for i in range(3)))
    run = pending(made)
    first = replace(run.hosts[0], outcome=Outcome.FAILED, reason="step-failed")
    run = replace(run, hosts=(first, *run.hosts[1:]))
    stages = (Stage("canary", ("acme/h0",), 100), Stage("rest", ("acme/h1", "acme/h2")))
    transport = ShellTransport()
    work = execution(made, transport, run, order=Order((stages,)))
    results = endings([event for batch in work.batches() for event in batch])
    assert {key: ended.reason for key, ended in results.items()} == {"acme/h1": "gate", "acme/h2": "gate"}
    assert not transport.connections


@pytest.mark.parametrize(("proven", "outcome"), [(True, Outcome.OK), (False, Outcome.SKIPPED)])
@pytest.mark.parametrize("resumed", [True, False])
def test_a_late_host_goes_behind_a_canary_that_was_patched_well_in_time(
    *, proven: bool, outcome: Outcome, resumed: bool
) -> None:
    made = plan(*(bundle(step(0, OK), at=host(f"h{i}")) for i in range(2)))
    shut = Admission(Failure(Outcome.HELD, "window", "the window patch is shut"))
    earlier = frozenset({"acme/h0"}) if proven else frozenset()
    policy = RunPolicy(admissions={"acme/h0": shut}, proven=earlier)
    run = pending(made)
    if resumed:
        canary = replace(run.hosts[0], outcome=Outcome.HELD, reason="window")
        run = replace(run, hosts=(canary, run.hosts[1]))
    order = Order(((Stage("canary", ("acme/h0",), 100), Stage("rest", ("acme/h1",))),))
    work = execution(made, ShellTransport(), run, policy, order=order)
    results = endings([event for batch in work.batches() for event in batch])
    assert results["acme/h1"].outcome is outcome


def test_outside_the_window_every_host_is_held_whatever_its_wave() -> None:
    made = plan(*(bundle(step(0, OK), at=host(f"h{i}")) for i in range(3)))
    shut = Admission(Failure(Outcome.HELD, "window", "the window patch is shut"))
    policy = RunPolicy(admissions={each.host.key: shut for each in made.bundles})
    stages = (Stage("canary", ("acme/h0",), 100), Stage("rest", ("acme/h1", "acme/h2")))
    transport = ShellTransport()
    work = execution(made, transport, policy=policy, order=Order((stages,)))
    results = endings([event for batch in work.batches() for event in batch])
    assert {(ended.outcome, ended.reason) for ended in results.values()} == {(Outcome.HELD, "window")}
    assert len(results) == 3
    assert not transport.connections


def test_never_together_is_never_together() -> None:
    body = 'check() { mkdir "$MARK" || failed "not alone"; sleep 0.1; rmdir "$MARK"; ok; }'
    mark = f"/tmp/mspctl-alone-{time.time_ns()}"
    made = plan(*(bundle(step(0, body.replace("$MARK", mark)), at=host(f"h{i}")) for i in range(4)))
    keys = tuple(each.host.key for each in made.bundles)
    order = Order(((Stage("all", keys),),), groups=dict.fromkeys(keys, "acme/pair"))
    found = [event for batch in execution(made, ShellTransport(), order=order).batches() for event in batch]
    assert {ended.outcome for ended in endings(found).values()} == {Outcome.OK}
    spans = [(type(e).__name__, e.host) for e in found if type(e).__name__ in {"HostStarted", "HostEnded"}]
    assert [kind for kind, _ in spans] == ["HostStarted", "HostEnded"] * 4


def test_cancel_turns_the_rest_away_and_stops_what_runs() -> None:
    slow = "check() { sleep 60; ok; }"
    made = plan(bundle(step(0, slow), at=host("h0")), bundle(step(0, OK), at=host("h1")))
    work = execution(made, ShellTransport(), policy=RunPolicy(forks=1, cancel_grace=0.5))
    began = time.monotonic()
    found: list[Event] = []
    for batch in work.batches():
        found += batch
        if any(isinstance(event, BundleStarted) for event in batch):
            work.cancel()
    assert {e.outcome for e in endings(found).values()} == {Outcome.CANCELLED}
    assert time.monotonic() - began < 40
    assert any(isinstance(event, StepEnded) for event in found)


def test_a_stop_before_the_turn_of_a_resumed_host_says_what_is_left_of_it() -> None:
    reboots = bundle(step(0, "check() { sleep 60; ok; }", reboots=True), at=host("h1"))
    others = (bundle(step(0, "check() { sleep 60; ok; }"), at=host(name)) for name in ("h0", "h2", "h3"))
    first, *rest = others
    made = plan(first, reboots, *rest)
    begun, down, at_work, fresh = pending(made).hosts
    trace = Trace("5" * 32, "/nowhere", "b" * 36)
    steps = (StepRun(0, "step 0", "test", StepStatus.CHANGED),)
    rows = (
        replace(begun, reports=(Report(ReportKind.NOTE, "controller_before", "ended"),)),
        replace(down, trace=trace, steps=steps),
        replace(at_work, trace=trace),
        fresh,
    )
    run = replace(pending(made), hosts=rows)
    work = execution(made, ShellTransport(), run, RunPolicy(forks=1, cancel_grace=0.5))
    found: list[Event] = []
    for batch in work.batches():
        found += batch
        if any(isinstance(event, BundleStarted) for event in batch):
            work.cancel()
    told = {key: ended.detail for key, ended in endings(found).items()}
    assert told["acme/h2"].endswith("of the work that an earlier try began on it")
    assert told["acme/h3"] == "before anything was started on the host"
    assert endings(found)["acme/h1"].reason == "reboot-unseen"
    assert {each.outcome for each in endings(found).values()} == {Outcome.CANCELLED}


def test_link_loss_is_told() -> None:
    transport = ShellTransport(faults=lambda _host: Faults(cuts=[400]))
    body = "check() { echo " + "x" * 500 + "; sleep 0.5; ok; }"
    found = events(plan(bundle(step(0, body))), transport)
    assert [type(event) for event in found if isinstance(event, LinkLost)] == [LinkLost]


def _command_lines() -> str:
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
