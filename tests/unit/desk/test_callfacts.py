"""What the note of a call says of before and after: what was looked at, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mspctl.desk.callfacts import fact_lines
from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import HostRun, Run, StepRun, Trace

START = datetime(2026, 11, 3, 17, 35, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


def run(minutes: int, boot: str, *found: str, playbook: str = "diagnose", **values: str) -> Run:
    at = START + timedelta(minutes=minutes)
    facts = [Report(ReportKind.FACT, name.replace("_", "."), value) for name, value in values.items()]
    findings = [Report(ReportKind.FINDING, name) for name in found]
    step = StepRun(0, "Look", "facts", StepStatus.OK, reports=(*facts, *findings))
    host = HostRun("acme/web1", "hq", Outcome.OK, started=at, steps=(step,), trace=Trace("n", "/s", boot))
    return Run(f"r{minutes}", "acme", playbook, False, "", "", at, hosts=(host,))  # noqa: FBT003


BEFORE = run(
    0, "one", "unit:postfix", "disk:/", uptime_seconds="864000", disk_free="0", kernel="6.1", clock="1"
)
AFTER = run(
    73, "two", "disk:/", uptime_seconds="120", disk_free="9000", kernel="6.1", clock="2", lists_age="5"
)


def test_first_and_last_look_stand_beside_each_other() -> None:
    middle = run(30, "one", playbook="exec", disk_free="100")
    assert list(fact_lines([AFTER, BEFORE, middle], ZONE)) == [
        "- acme/web1",
        "  restarted between 19:05 and 19:48",
        "  disk.free: 0 (18:35) -> 9000 (19:48)",
        "  uptime.seconds: 864000 (18:35) -> 120 (19:48)",
        "  as before: kernel 6.1",
        "  seen once: lists.age 5",
        "  diagnose at 18:35 found disk:/, unit:postfix",
        "  diagnose at 19:48 found disk:/",
    ]


def test_a_look_that_failed_does_not_say_that_all_is_well() -> None:
    (host,) = AFTER.hosts
    failed = replace(AFTER, hosts=(replace(host, outcome=Outcome.UNREACHABLE, steps=(), trace=None),))
    lines = list(fact_lines([BEFORE, failed], ZONE))
    assert lines[-1] == "  diagnose at 19:48 found nothing, but it ended unreachable"
    assert not any("->" in line or "restarted" in line for line in lines)


def test_looks_on_several_days_have_their_day() -> None:
    lines = list(fact_lines([run(0, "one", disk_free="1"), run(24 * 60, "one", disk_free="2")], ZONE))
    assert lines == ["- acme/web1", "  disk.free: 1 (2026-11-03 18:35) -> 2 (2026-11-04 18:35)"]


def test_a_restart_in_the_run_itself_is_told() -> None:
    (host,) = BEFORE.hosts
    again = replace(BEFORE, hosts=(replace(host, trace=Trace("n", "/s", "two", first_step=3)),))
    assert "  restarted during the run of 18:35" in list(fact_lines([again], ZONE))


def test_runs_that_looked_at_nothing_have_no_before_and_after() -> None:
    assert list(fact_lines([run(0, "one"), run(5, "one")], ZONE)) == []


def test_many_findings_of_a_kind_are_their_number() -> None:
    pending = (f"pending:p{number}" for number in range(120))
    (_, line) = fact_lines([run(0, "one", "disk:/", *pending)], ZONE)
    assert line == "  diagnose at 18:35 found 120 x pending, disk:/"


def test_a_host_with_much_to_tell_stays_readable() -> None:
    first, last = (
        run(minutes, "one", **{f"v{number}": f"{number} {minutes} " + "x" * 100 for number in range(25)})
        for minutes in (0, 5)
    )
    lines = list(fact_lines([first, last], ZONE))
    assert len(lines) == 22
    assert lines[-1] == "  and 5 more values that are others than before"
    assert max(map(len, lines)) < 200
