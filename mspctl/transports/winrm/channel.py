"""A Channel (mspctl.ports) over one WinRM command: polled only when somebody reads."""

from collections.abc import Callable
from time import monotonic, sleep

from winrm.exceptions import WinRMOperationTimeoutError
from winrm.protocol import Protocol

from mspctl.model.failure import Failure
from mspctl.transports.deadline import Deadline
from mspctl.transports.reasons import link_lost
from mspctl.transports.tail import Tail
from mspctl.transports.winrm.clixml import MARK, plain
from mspctl.transports.winrm.courier import Errand
from mspctl.transports.winrm.faults import explain
from mspctl.transports.winrm.service import READ
from mspctl.transports.winrm.session import Session

CHUNK = 100_000
"""Bytes of stdin in one request: base64 and envelope stay below the 150 KB that old hosts take."""
LONGEST_POLL = READ + 10.0
_TERMINATE = 5.0
_PACE = 0.5
"""Seconds before the next poll of a host that says at once that it has timed out."""
Polled = tuple[bytes, bytes, int, bool]


class WinrmChannel:
    """One running program. `limit` (seconds) ends a poll that the host neither answers nor times out."""

    def __init__(self, session: Session, command: str, limit: float) -> None:
        self._session = session
        self._command = command
        self._limit = limit
        self._poll: Errand[Polled] | None = None
        self._polled_at = 0.0
        self._sent: list[Errand[None]] = []
        self._input = b""
        self._ended = False
        self._errors = Tail()
        self._clixml = False
        self._status: int | None = None
        self._failure: Failure | None = None

    def send(self, content: bytes) -> None:
        """Kept until the next `read` or `end`, so that a word and the end of input are one request."""
        self._input += content

    def read(self, timeout: float) -> bytes | Failure | None:
        if self._failure is not None:
            return self._failure
        if self._status is not None:
            return b""
        self._flush()
        if self._poll is None:
            shell, command = self._session.shell, self._command
            self._polled_at = monotonic()
            self._poll = self._session.begin(lambda asked: asked.get_command_output_raw(shell, command))
        if not self._poll.wait(timeout):
            if monotonic() - self._polled_at > self._limit:
                return self._lost(f"{self._session.where} has not answered for {self._limit:g} s")
            return self._unsent()
        poll, self._poll = self._poll, None
        return self._taken(poll)

    @property
    def noise(self) -> int:
        """Bytes of stderr so far."""
        return self._errors.total

    def errors(self) -> bytes:
        kept = self._errors.kept()
        return plain(kept, cut=self._errors.total > len(kept) and self._clixml)

    def end(self) -> None:
        self._ended = True
        self._flush()

    def exit_status(self, timeout: float) -> int | Failure | None:
        deadline = Deadline(timeout)
        while self._status is None and self._failure is None:
            self.read(deadline.left)
            if deadline.over:
                break
        return self._failure or self._status

    def close(self) -> None:
        """A program that still runs is ended; a poll that still waits is cut off with its connection."""
        if self._status is not None or self._session.broken:
            return
        if self._poll is not None:
            self._session.cut()
            return
        shell, command = self._session.shell, self._command
        self._session.ask(lambda asked: asked.cleanup_command(shell, command), _TERMINATE)
        self._status = -1

    def _flush(self) -> None:
        """Put what is kept, and the end, on their way; trouble with it shows at the next read."""
        shell, command = self._session.shell, self._command
        chunks = [self._input[at : at + CHUNK] for at in range(0, len(self._input), CHUNK)]
        self._input = b""
        if self._ended and not chunks:
            chunks = [b""]
        for number, chunk in enumerate(chunks, 1):
            last = self._ended and number == len(chunks)
            self._sent.append(self._session.begin(_sending(shell, command, chunk, end=last)))
        self._ended = False

    def _unsent(self) -> Failure | None:
        """Whether some input may not have arrived; it is not sent twice, for half of it may be there."""
        error = next((each.error for each in self._sent if each.error is not None), None)
        if error is None:
            return None
        why = explain(error, self._session.where)
        return self._lost(f"input may not have arrived: {why.reason}: {why.detail}")

    def _taken(self, poll: Errand[Polled]) -> bytes | Failure | None:
        if isinstance(poll.error, WinRMOperationTimeoutError):
            if monotonic() - self._polled_at < _PACE:
                sleep(_PACE)
            return self._unsent()
        if poll.error is not None:
            why = explain(poll.error, self._session.where)
            if why.reason in {"max-answer", "hostile-answer", "host-key-changed"}:
                self._session.broken = True
                self._failure = why
                return why
            return self._lost(f"{why.reason}: {why.detail}")
        stdout, stderr, status, done = poll.result()
        self._clixml = self._clixml or MARK in stderr
        self._errors.add(stderr)
        if done:
            self._status = status
        # Nothing on stdout yet is not its end.
        return stdout or (b"" if done else self._unsent())

    def _lost(self, detail: str) -> Failure:
        self._session.abort()
        self._failure = link_lost(detail)
        return self._failure


def _sending(shell: str, command: str, chunk: bytes, *, end: bool) -> Callable[[Protocol], None]:
    return lambda asked: asked.send_command_input(shell, command, chunk, end=end)
