"""What is said of a run: counts, digest, forecast."""

import io
from datetime import UTC, datetime

import pytest

from mspctl.cli.console import Console
from mspctl.cli.exits import Exit
from mspctl.cli.results import counts, forecast, show_digest, show_forecast, show_table
from mspctl.cli.runpage import show_run
from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Forecast, Outcome, StepStatus
from mspctl.model.run import HostRun, Output, Run, StepRun

START = datetime(2026, 11, 23, tzinfo=UTC)


def run(*hosts: HostRun, client: str = "acme", check_mode: bool = False) -> Run:
    return Run(f"id-{client}", client, "patch", check_mode, "d", "i", START, hosts=hosts)


def host(name: str, outcome: Outcome | None, *steps: StepRun, reason: str = "") -> HostRun:
    return HostRun(
        name, "hq", outcome=outcome, reason=reason, detail="why\nso", remedy="mend it", steps=steps
    )


def step(status: StepStatus | None, text: str = "", answer: Forecast | None = None) -> StepRun:
    change = Report(ReportKind.CHANGE, "pkg")
    return StepRun(
        0, "Upgrade", "packages", status, forecast=answer, output=Output(text.encode()), reports=(change,)
    )


def digest(*runs: Run) -> str:
    out = io.StringIO()
    show_digest(Console(out, None), runs, Exit.BAD_HOSTS)
    return out.getvalue()


def test_counts_name_each_outcome_that_there_is() -> None:
    three = run(host("acme/a", Outcome.OK), host("acme/b", Outcome.FAILED), host("acme/c", None))
    assert counts([three]) == "3 hosts: 1 ok, 1 failed, 1 pending"
    assert counts([run(host("acme/a", Outcome.CHANGED), check_mode=True)]) == "1 host: 1 would change"


def test_the_digest_tells_of_bad_hosts_only_with_their_last_words() -> None:
    printed = "\n".join(f"line {number}" for number in range(40)) + "\n\x1b[31mthe end\n"
    text = digest(
        run(
            host("acme/good", Outcome.CHANGED),
            host("acme/bad", Outcome.FAILED, step(StepStatus.FAILED, printed), reason="step-failed"),
            host("acme/busy", Outcome.SKIPPED, reason="locked"),
        )
    )
    assert "good" not in text
    assert "bad: failed (step-failed)\n  what:   why so\n  remedy: mend it\n" in text
    assert "| \\x1b[31mthe end" in text
    assert "line 39" in text
    assert "line 5\n" not in text
    assert "busy: skipped (locked)" in text
    assert "runs resume id-acme --failed" in text
    assert "collect" not in text


def test_what_is_due_again_is_what_ended_badly_and_who_was_turned_away() -> None:
    rows = (
        host("acme/bad", Outcome.FAILED, step(StepStatus.FAILED)),
        host("acme/behind", Outcome.SKIPPED, reason="gate"),
        host("acme/busy", Outcome.SKIPPED, step(None), reason="locked"),
        host("acme/busy2", Outcome.SKIPPED, step(StepStatus.SKIPPED), step(None), reason="locked"),
        host("acme/other", Outcome.SKIPPED, step(StepStatus.SKIPPED), reason="no-step-applied"),
        host("acme/shut", Outcome.HELD, reason="window"),
        host("acme/good", Outcome.CHANGED),
    )
    due = ["acme/bad", "acme/behind", "acme/busy", "acme/busy2"]
    assert [row.host for row in rows if row.due_again] == due
    assert "runs resume id-acme --failed" in digest(run(host("acme/busy", Outcome.SKIPPED, reason="locked")))


def test_lost_hosts_can_be_collected() -> None:
    assert "collect what can still be had:  mspctl runs resume id-acme\n" in digest(
        run(host("acme/a", Outcome.LOST))
    )


@pytest.mark.parametrize(
    ("outcome", "reason"), [(Outcome.LOST, "not-back"), (Outcome.CANCELLED, "reboot-unseen")]
)
def test_a_host_that_did_not_come_back_is_an_alarm_before_all_others(outcome: Outcome, reason: str) -> None:
    text = digest(
        run(host("acme/a", Outcome.FAILED)),
        run(host("beta/b", outcome, reason=reason), client="beta"),
    )
    assert text.index(f"ALARM: beta/b: {outcome} ({reason})") < text.index("acme/a: failed")
    assert text.count("ALARM") == 1


def test_hosts_that_were_not_touched_for_one_reason_are_told_of_together() -> None:
    kept_out = [host(f"acme/h{i}", Outcome.SKIPPED, reason="gate") for i in range(15)]
    text = digest(run(host("acme/can", Outcome.FAILED), *kept_out))
    assert "\nh0, h1, h2, h3, h4, h5, h6, h7, h8, h9, h10, h11 and 3 more: skipped (gate)\n" in text
    assert text.count("mend it") == 2


def test_several_clients_have_full_names_and_each_its_run() -> None:
    text = digest(run(host("acme/a", Outcome.FAILED)), run(host("beta/a", Outcome.FAILED), client="beta"))
    assert "\nacme/a: failed" in text
    assert "\nbeta/a: failed" in text
    assert "runs show id-acme" in text
    assert "runs show id-beta" in text


def test_the_table_counts_changes() -> None:
    out = io.StringIO()
    show_table(Console(out, None), [run(host("acme/a", Outcome.CHANGED, step(StepStatus.CHANGED)))])
    assert out.getvalue().splitlines()[2].split() == ["a", "changed", "1", "0.0"]


def test_a_dry_run_has_three_answers_and_no_answer_is_cannot_know() -> None:
    change, same, unknown = (
        step(StepStatus.OK, answer=answer)
        for answer in (Forecast.CHANGE, Forecast.NO_CHANGE, Forecast.UNKNOWN)
    )
    assert forecast(host("a/a", Outcome.CHANGED, same, change, unknown)) is Forecast.CHANGE
    assert forecast(host("a/a", Outcome.OK, same)) is Forecast.NO_CHANGE
    assert forecast(host("a/a", Outcome.OK, same, unknown)) is Forecast.UNKNOWN
    assert forecast(host("a/a", Outcome.UNREACHABLE)) is Forecast.UNKNOWN
    assert forecast(host("a/a", Outcome.FAILED, same)) is Forecast.UNKNOWN


def test_a_dry_run_shows_what_stays_back_once_for_each_package() -> None:
    kept = Report(ReportKind.HELD, "lab-held", fields=(("reason", "hold"),))
    twice = [StepRun(n, "Look", "updates", StepStatus.OK, reports=(kept,)) for n in range(2)]
    out = io.StringIO()
    show_forecast(Console(out, None), [run(host("acme/a", Outcome.OK, *twice), check_mode=True)])
    assert out.getvalue().count("\n  held back: lab-held reason=hold\n") == 1


def test_no_line_about_a_dry_run_says_that_it_changed_the_host() -> None:
    out = io.StringIO()
    done = host("acme/a", Outcome.CHANGED, step(StepStatus.CHANGED))
    show_run(Console(out, None), run(done, check_mode=True))
    assert "a at hq: would change, " in out.getvalue()
    assert "Upgrade [packages] would change (" in out.getvalue()
    assert " changed" not in out.getvalue().replace("nothing was changed", "")
