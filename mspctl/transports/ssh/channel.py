"""One program on a host over one SSH channel: bounded, never blocking longer than asked, never raising."""

import contextlib
import threading
from typing import TYPE_CHECKING

import paramiko
from paramiko.common import cMSG_CHANNEL_WINDOW_ADJUST

from mspctl.model.failure import Failure
from mspctl.transports.deadline import Deadline
from mspctl.transports.reasons import failed, link_lost
from mspctl.transports.tail import NOISE, Tail

if TYPE_CHECKING:
    from mspctl.transports.ssh.wire import Wire

_CHUNK = 4 * 1024 * 1024


class SshChannel:
    """A Channel (mspctl.ports) on a paramiko channel whose exec request was sent."""

    def __init__(self, wire: "Wire", channel: paramiko.Channel, *, fast: bool) -> None:
        self._wire = wire
        self._channel = channel
        self._wake = _Wake()
        self._errors = Tail()
        self._pending = bytearray()
        self._ending = False
        self._asked = True
        self._starved = False
        # Opening was one wait. Asked for quickly, the channel gets its window with the same answer.
        self.round_trips = 1
        self._window_due = fast
        channel.settimeout(0.0)
        wire.wakes[channel.chanid] = self._wake
        channel.in_buffer.set_event(self._wake)
        channel.in_stderr_buffer.set_event(self._wake)

    def send(self, content: bytes) -> None:
        self._pending += content
        self._push()

    def end(self) -> None:
        self._ending = True
        self._push()

    @property
    def noise(self) -> int:
        """Bytes of stderr so far."""
        return self._errors.total

    def read(self, timeout: float) -> bytes | Failure | None:
        deadline, enough = Deadline(timeout), self.noise + NOISE
        while True:
            self._wake.clear_for_wait()
            closed = self._channel.closed or self._channel.eof_received
            self._push()
            self._drain_errors(enough)
            if self._channel.recv_ready():
                self._answered()
                return self._take()
            if self.noise >= enough:
                return None
            if closed:
                self._answered()
                return self._at_end()
            if deadline.over:
                return None
            self._wake.wait(deadline.left)

    def wait_errors(self, timeout: float) -> bool:
        """Wait until more came on stderr; False if nothing did, or the program ended."""
        before, deadline = self.noise, Deadline(timeout)
        while True:
            self._wake.clear_for_wait()
            closed = self._channel.closed or self._channel.eof_received
            self._push()
            self._drain_errors(before + NOISE)
            if self.noise != before:
                self._answered()
                return True
            if closed or deadline.over:
                return False
            self._wake.wait(deadline.left)

    def errors(self) -> bytes:
        self._drain_errors(self.noise + NOISE)
        return self._errors.kept()

    def forget_errors(self) -> None:
        """Drop what came on stderr so far: a prompt is no message of the program."""
        self._errors.clear()

    def exit_status(self, timeout: float) -> int | Failure | None:
        deadline, enough = Deadline(timeout), self.noise + NOISE
        while not self._channel.status_event.wait(min(deadline.left, 0.05)):
            self._push()
            self._drain_errors(enough)
            if deadline.over or self.noise >= enough:
                return None
        self._answered()
        signal = self._wire.signals.get(self._channel.chanid)
        if signal is not None:
            return failed("signal", f"the program was ended by SIG{signal}")
        if self._channel.exit_status >= 0:
            return self._channel.exit_status
        if not self._wire.is_active():
            return link_lost(self._cause())
        return failed("no-exit-status", "the host closed the session without an exit status")

    def close(self) -> None:
        self._wire.wakes.pop(self._channel.chanid, None)
        if self._wire.is_active():
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                self._channel.close()  # the link may have died a moment ago, and nobody has noticed

    def _take(self) -> bytes:
        # Not recv(): it would lose what it took if telling the peer so fails.
        content: bytes = self._channel.in_buffer.read(_CHUNK, 0.0)
        self._acknowledge(len(content))
        return content

    def _acknowledge(self, count: int) -> None:
        more = self._channel._check_add_window(count)  # type: ignore[attr-defined]  # noqa: SLF001
        if more > 0:
            message = paramiko.Message()
            message.add_byte(cMSG_CHANNEL_WINDOW_ADJUST)
            message.add_int(self._channel.remote_chanid)
            message.add_int(more)
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                self._wire._send_user_message(message)  # type: ignore[attr-defined]  # noqa: SLF001

    def _at_end(self) -> bytes | Failure:
        if self._channel.eof_received or self._wire.is_active():
            return b""
        return link_lost(self._cause())

    def _cause(self) -> str:
        if self._wire.packetizer.dead:
            return f"nothing was heard for {3 * self._wire.packetizer.keepalive:g} s"
        error = self._wire.get_exception()
        return (getattr(error, "strerror", None) or "the connection was closed") if error else "disconnected"

    def _drain_errors(self, enough: int) -> None:
        while self._errors.total < enough and self._channel.recv_stderr_ready():
            content = self._channel.in_stderr_buffer.read(_CHUNK, 0.0)
            self._errors.add(content)
            self._acknowledge(len(content))

    def _push(self) -> None:
        """Send what the window takes; the rest waits for the next call."""
        try:
            while self._pending:
                sent = self._channel.send(bytes(self._pending[:32768]))
                if sent == 0:
                    self._pending.clear()
                del self._pending[:sent]
                self.round_trips += self._starved and not self._window_due
                self._asked, self._starved, self._window_due = True, False, False
            if self._ending and not self._channel.eof_sent and not self._channel.closed:
                self._channel.shutdown_write()
        except TimeoutError:
            self._starved = True  # the window is full, or OpenSSH has not opened it yet
        except (OSError, EOFError, paramiko.SSHException):
            self._pending.clear()  # the link is dead; read() says so

    def _answered(self) -> None:
        if self._asked:
            self.round_trips += 1
            self._asked = False


class _Wake(threading.Event):
    """Set by either stream, by the window and by the end.

    paramiko clears the event of a stream that was read empty, although the other stream may have something;
    so its clear() does nothing, and the reader clears before it looks.
    """

    def clear(self) -> None:
        """Do nothing, see above."""

    def set_forever(self) -> None:
        """What paramiko calls on an event whose stream has ended."""
        self.set()

    def clear_for_wait(self) -> None:
        """Clear, before looking at what there is."""
        super().clear()
