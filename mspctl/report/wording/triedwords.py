"""How the work on a computer ended, for whoever pays: by its outcome and reason, in the reader's language."""

from mspctl.model.outcome import Outcome
from mspctl.report.facts.summary import Attempt
from mspctl.report.wording.speech import Speech


def tried(attempt: Attempt, speech: Speech) -> str:
    """One line. What the host said of a step that failed stands in it as it was said."""
    say = speech.say
    if attempt.outcome is Outcome.UNREACHABLE:
        return _unreached(attempt.reason, speech)
    told = {
        Outcome.TIMED_OUT: say("the work did not end in time"),
        Outcome.LOST: say("the connection broke off, and nobody can say what became of the work"),
        Outcome.CANCELLED: say("the work was cancelled"),
        Outcome.BROKEN: say("our own program failed"),
    }
    if attempt.outcome in told:
        return told[attempt.outcome]
    return say("the work failed: {why}", why=attempt.why) if attempt.why else say("the work failed")


def _unreached(reason: str, speech: Speech) -> str:
    say = speech.say
    if reason.startswith("host-key"):
        return say("it could not prove who it is, so nothing was sent to it")
    if reason in {"auth", "timeout-auth"}:
        return say("it was there, but did not let us in")
    if reason == "jump":
        return say("the way to it was closed: its gateway could not be reached")
    return say("it could not be reached")
