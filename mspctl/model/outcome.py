"""What can become of a step and of a host. Nothing silent is green: no answer is never ok."""

from enum import StrEnum


class StepStatus(StrEnum):
    """The verdict on one step of one host."""

    OK = "ok"
    CHANGED = "changed"
    FAILED = "failed"
    SKIPPED = "skipped"
    HELD = "held"
    BROKEN = "broken"


class Forecast(StrEnum):
    """The three answers of a dry run."""

    NO_CHANGE = "no-change"
    CHANGE = "change"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What became of one host in one run: exactly one of these, once, for ever."""

    OK = "ok"
    CHANGED = "changed"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    HELD = "held"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    LOST = "lost"
    BROKEN = "broken"

    @property
    def good(self) -> bool:
        """True if the host is in the state that the playbook asks for."""
        return self in {Outcome.OK, Outcome.CHANGED}

    @property
    def bad(self) -> bool:
        """True if somebody has to look at this host."""
        return self in {
            Outcome.FAILED,
            Outcome.UNREACHABLE,
            Outcome.TIMED_OUT,
            Outcome.CANCELLED,
            Outcome.LOST,
            Outcome.BROKEN,
        }
