"""The baseline and lynis side by side: agreement is counted only where both could tell."""

from datetime import UTC, datetime

from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Outcome
from mspctl.model.posture import Answer
from mspctl.model.run import HostRun, Run, StepRun
from mspctl.report.facts.posture import CheckState, HostPosture, Result
from mspctl.report.facts.sidebyside import SAME, Said, agreement, side_by_side
from tests.integration.modules.samples import NAMES, load

AT = datetime(2026, 11, 29, tzinfo=UTC)
WEB = "acme/web1"


def run(executed: str, *bad: str) -> Run:
    reports = (
        Report(ReportKind.FACT, "lynis.executed", executed),
        *(Report(ReportKind.FINDING, f"lynis:{each}", fields=(("reason", "because"),)) for each in bad),
    )
    step = StepRun(0, "lynis", "lynis", reports=reports)
    host = HostRun(WEB, "hq", Outcome.OK, finished=AT, steps=(step,))
    return Run(
        "r", "acme", "scan", check_mode=False, digest="", inventory_digest="", started=AT, hosts=(host,)
    )


def posture(**results: Result) -> HostPosture:
    states = (
        CheckState(WEB, name.replace("_", "-"), result, AT, AT, "r") for name, result in results.items()
    )
    return HostPosture(WEB, "hq", tuple(states))


def test_each_is_held_against_what_lynis_tried() -> None:
    ours = posture(
        ssh_x11=Result.OPEN,
        ssh_tries=Result.GOOD,
        ssh_grace=Result.UNMEASURED,
        kernel_keys=Result.GOOD,
        account_superuser=Result.WAIVED,
        file_suid=Result.OPEN,
    )
    told = run("SSH-7408|AUTH-9204", "SSH-7408:X11Forwarding", "SSH-7408:MaxAuthTries", "AUTH-9204")
    rows = {row.check: row for row in side_by_side([ours], [run("OLD-1"), told])}
    assert {check: (row.ours, row.lynis, row.agree) for check, row in rows.items()} == {
        "ssh-x11": (Answer.BAD, Said.BAD, True),
        "ssh-tries": (Answer.GOOD, Said.BAD, False),
        "ssh-grace": (Answer.UNMEASURED, Said.GOOD, None),
        "kernel-keys": (Answer.GOOD, Said.UNTRIED, None),
        "account-superuser": (Answer.BAD, Said.BAD, True),
    }
    assert rows["ssh-x11"].words == "because"
    assert agreement(rows.values()) == (2, 3)


def test_a_report_in_which_nothing_was_tried_is_none() -> None:
    assert side_by_side([posture(ssh_x11=Result.OPEN)], [run("")]) == ()


def test_only_checks_that_there_are_are_held_against_lynis() -> None:
    known = {check.name for name in NAMES for check in load(name).checks}
    assert SAME.keys() <= known
