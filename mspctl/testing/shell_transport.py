"""A transport without a network: programs run under a shell of this machine, with faults on request."""

import os
import select
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome

LINK_LOST = Failure(Outcome.LOST, "link-lost", "the test cut the link")


@dataclass(slots=True)
class Faults:
    """What goes wrong, in the order of links: `cuts` holds, per link, the stdout bytes after which it breaks.

    An empty `cuts` (or None in it) lets a link live; `refusals` are answered instead of a link first.
    """

    cuts: list[int | None] = field(default_factory=list)
    refusals: list[Failure] = field(default_factory=list)
    lose_exit_status: bool = False


class ShellTransport:
    """Runs programs with `argv` (a POSIX shell with `-s`), a process per link; a cut kills just the link."""

    def __init__(
        self, argv: tuple[str, ...] = ("/bin/sh", "-s"), faults: Callable[[Host], Faults] | None = None
    ) -> None:
        self._argv = argv
        self._make = faults or (lambda _host: Faults())
        self._faults: dict[str, Faults] = {}
        self._lock = threading.Lock()
        self.connections: list[str] = []

    def connect(self, host: Host) -> "ShellLink | Failure":
        """A link, unless a refusal is due."""
        with self._lock:
            faults = self._faults.setdefault(host.key, self._make(host))
            self.connections.append(host.key)
            if faults.refusals:
                return faults.refusals.pop(0)
            cut = faults.cuts.pop(0) if faults.cuts else None
        return ShellLink(self._argv, cut, lose_exit_status=faults.lose_exit_status)


class ShellLink:
    """A link to this machine."""

    fingerprint = "SHA256:none"

    def __init__(self, argv: tuple[str, ...], cut: int | None, *, lose_exit_status: bool) -> None:
        self._argv = argv
        self._cut = cut
        self._lose_exit_status = lose_exit_status
        self.round_trips = 2
        self.noise = 0

    def start(self, program: bytes) -> "ShellChannel | Failure":
        """Start the shell with `program` on its stdin."""
        self.round_trips += 1
        channel = ShellChannel(self._argv, self._cut, lose_exit_status=self._lose_exit_status)
        channel.send(program)
        return channel

    def close(self) -> None:
        """Nothing is kept open."""


class ShellChannel:
    """One shell process; see mspctl.ports.Channel."""

    def __init__(self, argv: tuple[str, ...], cut: int | None, *, lose_exit_status: bool) -> None:
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._left = cut
        self._dead = False
        self._errors = b""
        self._lose_exit_status = lose_exit_status
        os.set_blocking(self._fd(self._process.stderr), False)

    def send(self, content: bytes) -> None:
        """Write to stdin; a dead link swallows it."""
        if self._dead or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(content)
            self._process.stdin.flush()
        except BrokenPipeError:
            self._dead = True

    def read(self, timeout: float) -> bytes | Failure | None:
        """See mspctl.ports.Channel."""
        if self._dead:
            return LINK_LOST
        stdout = self._fd(self._process.stdout)
        ready, _, _ = select.select([stdout], [], [], timeout)
        if not ready:
            return None
        chunk = os.read(stdout, 32 * 1024)
        if self._left is not None:
            if len(chunk) >= self._left:
                chunk, self._left = chunk[: self._left], 0
                self._break()
                return chunk or LINK_LOST
            self._left -= len(chunk)
        return chunk

    def errors(self) -> bytes:
        """What came on stderr."""
        for chunk in self._pending_errors():
            self._errors += chunk
        return self._errors

    def end(self) -> None:
        """Close stdin."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                self._dead = True

    def exit_status(self, timeout: float) -> int | Failure | None:
        """The shell's status; LINK_LOST after a cut."""
        if self._dead or self._lose_exit_status:
            return LINK_LOST
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def close(self) -> None:
        """Break the link; the detached worker is not our child's business."""
        self._break()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        self._process.kill()
        self._process.wait()

    def _break(self) -> None:
        self._dead = self._dead or self._process.poll() is None
        self.end()

    def _pending_errors(self) -> Iterator[bytes]:
        while True:
            try:
                chunk = os.read(self._fd(self._process.stderr), 4096)
            except (BlockingIOError, ValueError):
                return
            if not chunk:
                return
            yield chunk

    @staticmethod
    def _fd(stream: object) -> int:
        return stream.fileno()  # type: ignore[attr-defined, no-any-return]
