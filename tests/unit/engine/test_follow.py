"""The conversation with a program: whatever comes, and however slowly, there is time to look at the clock."""

from dataclasses import dataclass, field

from mspctl.engine.follow import Allowance, Attached, Ending, NoBeginning, Quiet, follow
from mspctl.model.failure import Failure
from mspctl.testing.clock import HandClock

NONCE = "5f" * 16


@dataclass
class Drip:
    """A channel on which a piece comes each second, for ever; it is what a Channel is."""

    clock: HandClock
    pieces: list[bytes]
    sent: list[bytes] = field(default_factory=list)

    def read(self, timeout: float) -> bytes | Failure | None:
        del timeout
        self.clock.sleep(1)
        return self.pieces.pop(0) if len(self.pieces) > 1 else self.pieces[0]

    def send(self, content: bytes) -> None:
        self.sent.append(content)

    def end(self) -> None: ...

    def close(self) -> None: ...

    def errors(self) -> bytes:
        return b""

    def exit_status(self, timeout: float) -> int | Failure | None:
        del timeout
        return None


def said(*words: str) -> bytes:
    return ("\x1e" + NONCE + "\x1f@\x1f" + "\x1f".join(words) + "\n").encode()


def conversation(clock: HandClock, *pieces: bytes) -> tuple[int, list[object], Ending | None]:
    """The quiet moments, everything else that was heard, and the end, if it came within 1000 seconds."""
    heard: list[object] = []
    talk = follow(Drip(clock, list(pieces)), NONCE, clock, Allowance(), begin_within=45)
    quiet = 0
    until = clock.monotonic() + 1000
    while clock.monotonic() < until:
        try:
            item = next(talk)
        except StopIteration as stopped:
            ending: Ending = stopped.value
            return quiet, heard, ending
        quiet += isinstance(item, Quiet)
        heard += [] if isinstance(item, Quiet) else [item]
    return quiet, heard, None


def test_who_drips_without_beginning_is_not_waited_for() -> None:
    clock = HandClock()
    quiet, heard, ending = conversation(clock, b"x")
    assert (quiet, heard) == (46, [])
    assert isinstance(ending, NoBeginning)


def test_who_says_that_it_starts_gets_more_time_and_no_end_of_it_unseen() -> None:
    clock = HandClock()
    attached = said("attached", "spool", "boot", "boot", "new")
    _, heard, ending = conversation(clock, *[b".\n"] * 40, said("starting"), *[b".\n"] * 40, attached, b"x")
    assert [type(item) for item in heard[:1]] == [Attached]
    assert ending is None
    quiet, _, ending = conversation(HandClock(), said("starting"))
    assert (quiet, ending) == (1000, None)
