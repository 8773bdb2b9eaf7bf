"""One conversation with a bundle's program over one link: from its start to its end frame or its failure."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from mspctl.engine.frames import Frame, FrameReader
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.ports import Channel, Clock

MAX_READ = 64 * 1024 * 1024
"""Bytes read from one host at the most; the host's own watchdog ends it before."""
HEAD = 16 * 1024


TOO_MUCH = Failure(
    Outcome.FAILED,
    "max-output",
    f"the host sent more than {MAX_READ} bytes",
    "find out what prints so much; the output is cut",
)


class Allowance:
    """What may still be read from one host: every byte of every link counts, on stdout and on stderr."""

    def __init__(self, left: int = MAX_READ) -> None:
        self.left = left

    def take(self, count: int) -> bool:
        """Count so many bytes; False if they were more than there is left."""
        enough = count <= self.left
        self.left = max(0, self.left - count)
        return enough


@dataclass(frozen=True, slots=True)
class Attached:
    """The program follows a worker: a `new` one or one that ran already, on the kernel boot `boot_id`."""

    spool: str
    boot_id: str
    worker_boot: str
    new: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The program has sent everything there is. `space` is `full` if the host could not write any more."""

    worker_status: str
    space: str
    boot_id: str


@dataclass(frozen=True, slots=True)
class NoSpool:
    """There is no such worker on the host (or no place to put one)."""

    boot_id: str


@dataclass(frozen=True, slots=True)
class SameBoot:
    """The host has not rebooted yet."""

    boot_id: str


@dataclass(frozen=True, slots=True)
class NotRoot:
    """The program runs as somebody else than root: something in the login went around sudo."""

    uid: str


@dataclass(frozen=True, slots=True)
class NotStarted:
    """Windows did not start the worker; nothing was run."""

    why: str


@dataclass(frozen=True, slots=True)
class NoBeginning:
    """The program never spoke: what came instead, for somebody who can read it."""

    stdout: bytes
    stderr: bytes
    exit_status: int | Failure | None
    windows: bool = False
    """It was a program for PowerShell."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Nothing came for a moment, or a piece is over: time to look at deadlines and cancellation."""


Heard = Frame | bytes | Attached | Quiet
Ending = Ended | NoSpool | SameBoot | NotRoot | NotStarted | NoBeginning | Failure


def follow(
    channel: Channel,
    nonce: str,
    clock: Clock,
    allowance: Allowance,
    *,
    begin_within: float,
    tick: float = 0.5,
) -> Generator[Heard, None, Ending]:
    """Yields what the worker says, in order; returns how it ended.

    Frames and output count towards the spool's offset; `begin_within` (seconds) bounds the wait for the
    program's first word; `allowance` is the host's, over all its links.
    """
    return (yield from _Conversation(channel, nonce, clock, allowance, begin_within, tick).run())


class _Conversation:
    def __init__(
        self,
        channel: Channel,
        nonce: str,
        clock: Clock,
        allowance: Allowance,
        begin_within: float,
        tick: float,
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._allowance = allowance
        self._reader = FrameReader(nonce)
        self._begin_within = begin_within
        self._begin_by = clock.monotonic() + begin_within
        self._tick = tick
        self._attached = False
        self._noise = b""
        self._ending: Ending | None = None

    def run(self) -> Generator[Heard, None, Ending]:
        while self._ending is None:
            chunk = self._channel.read(self._tick)
            if isinstance(chunk, Failure):
                yield from self._flush()
                return chunk
            if chunk == b"":
                yield from self._flush()
                return self._silence()
            if chunk is not None:
                yield from self._take(chunk)
            # After a chunk, too: a host that drips must not keep anybody from looking at the clock.
            yield Quiet()
            self._check_begin()
        return self._ending

    def _take(self, chunk: bytes) -> Iterator[Heard]:
        if not self._allowance.take(len(chunk)):
            self._ending = TOO_MUCH
            return
        for item in self._reader.feed(chunk):
            yield from self._sort(item)
            if self._ending is not None:
                return

    def _sort(self, item: Frame | bytes) -> Iterator[Heard]:
        if isinstance(item, bytes):
            if self._attached:
                yield item
            else:
                self._noise = (self._noise + item)[:HEAD]
        elif item.verb != "@":
            if self._attached:
                yield item
        elif item.field(0) == "attached" and not self._attached:
            self._attached = True
            yield Attached(item.field(1), item.field(2), item.field(3), item.field(4) == "new")
        elif item.field(0) == "starting":
            self._begin_by = self._clock.monotonic() + self._begin_within
        else:
            self._ending = _ending(item)

    def _flush(self) -> Iterator[Heard]:
        """A frame that was cut off is not counted: it comes again after the next attach."""
        self._reader.close()
        yield from ()

    def _check_begin(self) -> None:
        late = self._clock.monotonic() > self._begin_by
        if late and not self._attached and self._ending is None:
            self._ending = self._silence(wait=0.0)

    def _silence(self, wait: float = 5.0) -> Ending:
        status = self._channel.exit_status(wait)
        if self._attached:
            detail = "the connection's program ended before it had sent everything"
            return Failure(Outcome.LOST, "link-lost", detail, "mspctl connects again by itself")
        return NoBeginning(self._noise, self._channel.errors(), status)


def _ending(item: Frame) -> Ending | None:
    match item.field(0):
        case "ended":
            return Ended(item.field(1), item.field(2), item.field(3))
        case "no-spool":
            return NoSpool(item.field(1))
        case "same-boot":
            return SameBoot(item.field(1))
        case "not-root":
            return NotRoot(item.field(1))
        case "not-started":
            return NotStarted(item.field(1))
    return None
