"""Which moments a call can have: none that would bill time twice or make it vanish."""

from datetime import datetime

from mspctl.desk.calls import Call
from mspctl.errors import UsageError
from mspctl.model.call import CallWord


def check_moment(call: Call, word: CallWord, at: datetime) -> None:
    """Refuse to stop before the work began, and to take it up again while it still went on.

    Raises:
        UsageError: the moment cannot be.
    """
    if at < call.started:
        raise UsageError(f"call {call.number} began only at {_text(call.started)}")
    begun = [stretch.start for stretch in call.raw if stretch.end is None]
    ended = [stretch.end for stretch in (*call.raw, *call.stretches) if stretch.end is not None]
    if word is CallWord.STOPPED and begun and at < max(begun):
        raise UsageError(f"work on call {call.number} was taken up again at {_text(max(begun))}")
    if word is CallWord.RESUMED and ended and at < max(ended):
        raise UsageError(
            f"work on call {call.number} went on until {_text(max(ended))}",
            hint="take it up from then on; `mspctl call edit` corrects what counts",
        )


def check_end(call: Call, now: datetime) -> None:
    """Refuse time that counts and is not over: a digit too many would bill weeks.

    Raises:
        UsageError: it ends in the future.
    """
    ends = [stretch.end for stretch in call.stretches if stretch.end is not None]
    if ends and max(ends) > now:
        raise UsageError(f"what counts would end only at {_text(max(ends))}", hint="or give --start, too")


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
