"""Reasons that people give on the command line and that the run log keeps."""

from mspctl.errors import UsageError

LONGEST = 500


def given_reason(text: str) -> str:
    """The reason in one line.

    Raises:
        UsageError: it is empty, too long, or holds what steers a terminal.
    """
    reason = " ".join(text.split())
    if not reason or len(reason) > LONGEST or not reason.isprintable():
        raise UsageError(f"the reason is one line of at most {LONGEST} characters")
    return reason
