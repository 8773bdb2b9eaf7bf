"""Causes from signs, by the shipped rules and by made-up ones."""

import shlex
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mspctl.cli.diagnose import fix_line
from mspctl.desk.diagnosis import clock_off, evidence_of, likely
from mspctl.errors import ConfigurationError
from mspctl.library.causes import known_causes
from mspctl.model.diagnosis import Evidence, Likely, SignKind
from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import HostRun, StepRun

BEGAN = datetime(2026, 11, 29, 12, tzinfo=UTC)
NOTHING: Mapping[str, str] = {}


def step(
    module: str, *reports: Report, reason: str = "", status: StepStatus = StepStatus.FAILED, name: str = ""
) -> StepRun:
    return StepRun(0, name or module, module, status, reason, reports=reports)


def finding(name: str, **fields: str) -> Report:
    return Report(ReportKind.FINDING, name, "", tuple(fields.items()))


def found(*steps: StepRun, outcome: Outcome = Outcome.FAILED, reason: str = "") -> tuple[Likely, ...]:
    ended = BEGAN + timedelta(seconds=5)
    host = HostRun("acme/web1", "hq", outcome, reason, started=BEGAN, finished=ended, steps=steps)
    return likely(known_causes(None), tuple(evidence_of(host)))


def names(causes: tuple[Likely, ...]) -> list[str]:
    return [each.cause.name for each in causes]


FULL = step("disk", finding("disk:/var", level="critical", reason="99 % of /var used"), reason="full")


def test_a_full_disk_comes_before_all_that_it_brings_about() -> None:
    causes = found(
        FULL,
        step("boot-services", finding("service:nginx", reason="nginx: it has failed"), reason="nginx"),
        step("updates", finding("broken:curl", version="1"), reason="not finished by dpkg: curl"),
        step("log-signs", finding("log:space", count="3", reason="No space left"), status=StepStatus.OK),
    )
    assert names(causes) == ["disk-full", "service-down", "packages-stuck"]
    assert causes[0].title == "A file system is full: /var"
    assert causes[0].points == 90 + 2 * 5
    assert {each.because for each in causes[1:]} == {"A file system is full: /var"}
    assert [one.step for one in causes[0].evidence] == ["disk", "disk", "log-signs"]


def test_each_thing_that_is_wrong_is_a_cause_of_its_own() -> None:
    services = [finding(f"service:{name}", reason=name) for name in ("nginx", "cron")]
    note = Report(ReportKind.NOTE, "package: nginx:amd64 upgraded, 1.22 to 1.24 at 2026-11-29 02:00:00")
    causes = found(
        step("boot-services", *services, reason="nginx, cron"),
        step("recent-changes", note, status=StepStatus.OK),
    )
    assert [(each.subject, each.points) for each in causes] == [("nginx", 75), ("cron", 70)]
    assert "package: nginx" in causes[0].evidence[-1].text


def test_nothing_that_fails_is_passed_over() -> None:
    logs = (finding("log:space", reason="full"), finding("log:start", reason="nginx"))
    causes = found(FULL, step("log-signs", *logs, status=StepStatus.OK))
    assert names(causes) == ["disk-full", "service-failed"]
    causes = found(step("journal-errors", reason="120 errors in 15 minutes"), FULL)
    assert names(causes) == ["disk-full", "not-well"]
    assert [one.text for one in causes[1].evidence] == ["120 errors in 15 minutes"]
    assert names(found(step("updates", reason="no answer"))) == ["packages-sources"]
    assert names(found(outcome=Outcome.FAILED, reason="preamble")) == ["not-well"]
    assert names(found(outcome=Outcome.BROKEN, reason="bug")) == ["not-well"]
    assert names(found(outcome=Outcome.UNREACHABLE, reason="refused")) == ["unreachable"]


def test_a_host_that_is_well_has_no_cause() -> None:
    changed = Report(ReportKind.NOTE, "package: nginx upgraded")
    warning = finding("disk:/", level="warning", reason="90 % used")
    clock = Report(ReportKind.FACT, "clock", str(BEGAN.timestamp() + 2))
    steps = (
        step("recent-changes", changed, status=StepStatus.OK),
        step("disk", warning, status=StepStatus.OK),
        step("facts", clock, status=StepStatus.OK),
    )
    assert found(*steps, outcome=Outcome.OK) == ()


@pytest.mark.parametrize(
    ("clock", "off"), [(-3600, -3599), (-1, 0), (0, 0), (5, 0), (6, 1), (3605, 3600), (-0.5, 0)]
)
def test_a_clock_is_wrong_only_if_it_cannot_be_right(clock: float, off: float) -> None:
    told = BEGAN.timestamp() + clock
    assert clock_off(told, BEGAN, BEGAN + timedelta(seconds=5)) == off
    assert clock_off(told, BEGAN, None) == 0


def test_a_clock_that_nobody_keeps_is_not_called_wrong() -> None:
    unkept = step("time-sync", finding("time-sync", reason="no time service"), reason="no time service")
    assert names(found(unkept)) == ["clock-unkept"]
    off = Report(ReportKind.METRIC, "time.offset", "312.5")
    assert names(found(step("time-sync", off, finding("time-sync", reason="off"), reason="off"))) == [
        "time-off"
    ]


def test_a_wrong_clock_explains_a_certificate_that_is_over() -> None:
    clock = Report(ReportKind.FACT, "clock", str(BEGAN.timestamp() + 400 * 86_400))
    over = finding("certificate:/etc/a.pem", level="expired", reason="over")
    causes = found(step("facts", clock, status=StepStatus.OK), step("certificates", over, reason="over"))
    assert names(causes) == ["time-off", "certificate-over"]
    assert causes[1].because == "The clock is wrong"
    assert "34559995 s ahead" in causes[0].evidence[0].text


def test_what_a_host_says_is_quoted_in_the_command_and_no_pattern() -> None:
    mount = "/srv/*; reboot $(id)'"
    (cause,) = found(step("disk", finding(f"disk:{mount}", level="critical"), reason="full"))
    line = fix_line("acme", "web1", cause)
    assert shlex.split(line)[-1] == f"mount={mount}"
    assert line.endswith("""'mount=/srv/*; reboot $(id)'"'"''""")
    odd = found(step("disk", finding("disk:/a*", level="critical"), finding("inodes:/abc"), reason="full"))
    assert "inodes:/abc" not in [one.name for one in odd[0].evidence]


def test_metrics_that_are_no_numbers_are_no_evidence() -> None:
    report = Report(ReportKind.METRIC, "time.offset", "nan; rm")
    host = HostRun("acme/web1", "hq", Outcome.OK, steps=(step("x", report, status=StepStatus.OK),))
    assert tuple(evidence_of(host)) == ()
    endless = Report(ReportKind.METRIC, "time.offset", "1e999")
    host = HostRun("acme/web1", "hq", Outcome.OK, steps=(step("x", endless, status=StepStatus.OK),))
    assert tuple(evidence_of(host)) == ()


def test_what_is_on_record_speaks_for_a_cause() -> None:
    broken = Evidence(SignKind.FINDING, "broken:curl", "broken:curl", "Packages", NOTHING)
    record = Evidence(SignKind.OPEN, "failing:patch failed: dpkg", "patch failed", "", NOTHING)
    (cause,) = likely(known_causes(None), (broken, record))
    assert (cause.cause.name, cause.points) == ("packages-stuck", 65)


def test_a_project_has_causes_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "causes.yml").write_text(
        "causes:\n"
        "  - {name: crash, title: Ours, points: 99, signs: [{finding: 'log:crash'}]}\n"
        "  - {name: till, title: 'Till {}', points: 5, signs: [{metric: 'till:*', at_least: 3}]}\n"
    )
    causes = {cause.name: cause for cause in known_causes(tmp_path)}
    assert (causes["crash"].title, len(causes)) == ("Ours", len(known_causes(None)) + 1)
    till = [Evidence(SignKind.METRIC, "till:7", "", value=value) for value in (2.0, 3.0)]
    assert [each.title for each in likely((causes["till"],), till)] == ["Till 7"]


def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "causes.yml").write_text(
        "causes:\n"
        "  - {name: a, title: A, points: many, signs: [{finding: x, note: y}]}\n"
        "  - {name: a, title: B, points: 5, signs: [], wrong: 1}\n"
        "  - {name: c, title: C, points: 5, signs: [{metric: x, at_least: three}]}\n"
    )
    with pytest.raises(ConfigurationError) as raised:
        known_causes(tmp_path)
    told = "\n".join(str(each) for each in raised.value.problems)
    for part in ("is no number from 0", "a sign needs one of", "there twice", "never found", "`wrong`"):
        assert part in told
    assert "`three` is no number" in told


def test_the_playbooks_that_causes_name_exist_and_take_what_they_are_told() -> None:
    from mspctl.library.folders import open_library  # noqa: PLC0415 - only this test needs it

    library = open_library(None)
    for cause in known_causes(None):
        if cause.fix:
            taken = {parameter.name for parameter in library.playbook(cause.fix).parameters}
            assert set(cause.params) <= taken, cause.name
        assert cause.fix or cause.advice or cause.rest
