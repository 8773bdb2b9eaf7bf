"""The pages about what can become of steps and hosts, and about the exit codes that follow from it."""

from collections.abc import Mapping

from mspctl.docsgen.page import Page, code, page, table
from mspctl.model.outcome import Forecast, Outcome, StepStatus

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.OK: "Every step found what the playbook asks for; nothing was changed.",
    Outcome.CHANGED: "The host was changed and is now as the playbook asks.",
    Outcome.FAILED: "A step failed on the host, or the host did not prove that the work was done.",
    Outcome.UNREACHABLE: "No verified, authenticated connection came about. Nothing was started on the host.",
    Outcome.TIMED_OUT: "A deadline of the step or of the run fired while the host was at work.",
    Outcome.HELD: "A policy kept the whole host back: a window, a blackout, an approval, a contract.",
    Outcome.SKIPPED: "The host was planned, and the run ended by its own rules before its turn came.",
    Outcome.CANCELLED: "Somebody stopped the run before this host was done.",
    Outcome.LOST: "Nobody can say: the work was started, and its end was never seen.",
    Outcome.BROKEN: "mspctl itself failed while working on this host. Please report it.",
}

STATUSES: Mapping[StepStatus, str] = {
    StepStatus.OK: "The check found nothing to do.",
    StepStatus.CHANGED: "The step changed the host; in check mode: it would.",
    StepStatus.FAILED: "The check or the change failed, or the check still asks for the change afterwards.",
    StepStatus.SKIPPED: "The step's condition does not hold here, or an earlier step stopped the rest.",
    StepStatus.HELD: "Policy on the host keeps it from being done.",
    StepStatus.BROKEN: "mspctl itself failed on this step.",
}

FORECASTS: Mapping[Forecast, str] = {
    Forecast.NO_CHANGE: "A real run would change nothing here.",
    Forecast.CHANGE: "A real run would make the changes listed.",
    Forecast.UNKNOWN: "Only doing it will tell, for example because it depends on an earlier step.",
}

EXITS: Mapping[int, str] = {
    0: "Every host is ok, changed, skipped or held by policy, and at least one host was selected.",
    1: "Some host is failed, unreachable, timed_out, lost or broken, or was not started because of max-fail.",
    2: "Usage or configuration was refused, before any connection.",
    3: "Another mspctl is at the same work; who and since when is shown.",
    4: "The run log or stdout cannot be written, or mspctl has a bug.",
    5: "The run was stopped by a signal.",
}


def outcomes_page() -> Page:
    """Outcomes of hosts, verdicts on steps, answers of a dry run."""
    return page(
        "reference/outcomes.md",
        "Outcomes",
        "Each host of a run ends with exactly one outcome, once and for ever. No answer is never `ok`.",
        table(
            ["Outcome", "Meaning", "Counts as"],
            [(code(outcome), OUTCOMES[outcome], _counts_as(outcome)) for outcome in Outcome],
        ),
        "## Steps",
        table(["Status", "Meaning"], [(code(status), STATUSES[status]) for status in StepStatus]),
        "## Answers of a dry run",
        table(["Forecast", "Meaning"], [(code(forecast), FORECASTS[forecast]) for forecast in Forecast]),
    )


def exit_codes_page() -> Page:
    """Exit codes, for scripts and cron."""
    return page(
        "reference/exit-codes.md",
        "Exit codes",
        "The exit code is a function of the hosts' outcomes in the run log and of nothing else.",
        table(["Code", "Meaning"], [(str(number), meaning) for number, meaning in EXITS.items()]),
        "Under cron a run that succeeds prints nothing on either stream; one that fails prints one digest.",
    )


def _counts_as(outcome: Outcome) -> str:
    if outcome.good:
        return "good"
    return "needs somebody" if outcome.bad else "neither: nothing was asked of it"
