"""paramiko's Transport with what it lacks: bounds, real time limits, dead-peer detection, exit signals.

paramiko's own names with one underscore are used here and nowhere else but where a comment says so; each
use is covered by a test against a real sshd, so that an upgrade of paramiko shows at once what moved.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

import paramiko
from paramiko import packet
from paramiko.common import (
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_EXTENDED_DATA,
    MSG_CHANNEL_REQUEST,
    MSG_CHANNEL_WINDOW_ADJUST,
    cMSG_CHANNEL_OPEN,
    cMSG_CHANNEL_REQUEST,
    cMSG_GLOBAL_REQUEST,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer

LOG = "mspctl.transports.ssh.paramiko"
WINDOW = 2 * 1024 * 1024
_PACKET_LIMIT = 512 * 1024
_LINE_LIMIT = 8 * 1024
_PREAMBLE_LIMIT = 64 * 1024
_MISSED_KEEPALIVES = 3


class Stream(Protocol):
    """What paramiko needs of a connection: a socket, a channel through a gateway, a proxy command."""

    def recv(self, size: int, /) -> bytes: ...
    def send(self, content: bytes, /) -> int: ...
    def settimeout(self, seconds: float | None, /) -> None: ...
    def close(self) -> None: ...


def silence_paramiko() -> None:
    """Keep paramiko's log off stderr: hosts can write into it, and all it knows comes back as a Failure."""
    logger = logging.getLogger(LOG)
    if logger.propagate:
        logger.addHandler(logging.NullHandler())
        logger.setLevel(logging.CRITICAL + 1)
        logger.propagate = False


class Packets(packet.Packetizer):
    """Packets with a bound on each length that the peer chooses, and an end for a peer that fell silent.

    `keepalive` is in seconds; a peer that says nothing for three times as long, or takes nothing, is dead.
    """

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)  # type: ignore[arg-type]
        self._stream = stream
        self.keepalive = 15.0
        self.ask: Callable[[], None] | None = None
        self.banner_end: float | None = None
        self.banner_trouble = ""  # "timeout" or "not-ssh"; else the peer closed the connection
        self.dead = False
        self._heard = time.monotonic()
        self._asked = self._heard

    def start_handshake(self, timeout: float) -> None:
        """Do nothing: paramiko would start a timer thread per connection; our caller holds the deadline."""

    def readline(self, timeout: float) -> str:  # noqa: ARG002 - our own deadline is used
        """The peer's version line, after whatever it says before it (RFC 4253, 4.2), within bounds."""
        line, seen = bytearray(), 0
        while True:
            byte = self._one()
            seen += 1
            if byte != b"\n":
                line += byte
            elif line.startswith(b"SSH-"):
                return line.rstrip(b"\r").decode("latin-1")
            else:
                line.clear()
            if len(line) > _LINE_LIMIT or seen > _PREAMBLE_LIMIT:
                self.banner_trouble = "not-ssh"
                raise EOFError

    def _one(self) -> bytes:
        while True:
            if self.closed or (self.banner_end is not None and time.monotonic() >= self.banner_end):
                self.banner_trouble = "timeout"
                raise EOFError
            try:
                byte = self._stream.recv(1)
            except TimeoutError:
                continue
            if not byte:
                raise EOFError
            return byte

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:  # noqa: FBT001, FBT002 - paramiko's signature
        """`n` bytes; a peer that announces more than a packet may have is cut off before memory is spent."""
        if n > _PACKET_LIMIT or n < 0:
            message = f"packet of {n} bytes announced"
            raise paramiko.SSHException(message)
        content: bytes = super().read_all(n, check_rekey)
        self._heard = time.monotonic()
        return content

    def write_all(self, out: "Buffer") -> None:
        """Write; a peer that takes not one byte for three keepalives is dead."""
        end = time.monotonic() + self.keepalive * _MISSED_KEEPALIVES
        rest = bytes(out)
        while rest:
            try:
                sent = self._stream.send(rest)
            except TimeoutError:
                sent = 0
            except (OSError, paramiko.SSHException) as error:
                raise EOFError from error
            if sent:
                rest = rest[sent:]
                end = time.monotonic() + self.keepalive * _MISSED_KEEPALIVES
            elif self.closed or time.monotonic() >= end:
                self.dead = self.dead or not self.closed
                self.close()
                raise EOFError

    def _check_keepalive(self) -> None:
        # Called by paramiko's reading loop each time nothing came for a tenth of a second.
        now = time.monotonic()
        if self.ask is None or now - max(self._heard, self._asked) < self.keepalive:
            return
        if now - self._heard >= self.keepalive * _MISSED_KEEPALIVES:
            self.dead = True
            self.close()
            raise EOFError
        self._asked = now
        self.ask()


class Wire(paramiko.Transport):
    """One SSH connection. `signals`: how a channel ended, `refusals`: why one was not opened, by its id."""

    packetizer: Packets

    def __init__(self, stream: Stream, keepalive: float) -> None:
        silence_paramiko()
        super().__init__(stream, default_window_size=WINDOW, packetizer_class=Packets)  # type: ignore[arg-type]
        self.set_log_channel(LOG)
        self.packetizer.keepalive = keepalive
        self.signals: dict[int, str] = {}
        self.refusals: dict[int, str] = {}
        self.wakes: dict[int, threading.Event] = {}

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """What was set, no more: paramiko adds certificates, which count only under a pinned authority."""
        return tuple(self._preferred_keys)  # type: ignore[attr-defined]

    def watch(self) -> None:
        """From now on ask a silent peer whether it is alive (only possible after the login)."""
        self.packetizer.ask = self._ask

    def _ask(self) -> None:
        if not self.clear_to_send.is_set():
            return  # in the middle of new keys; sending would block the thread that has to read them
        message = paramiko.Message()
        message.add_byte(cMSG_GLOBAL_REQUEST)
        message.add_string("keepalive@openssh.com")
        message.add_boolean(True)  # noqa: FBT003 - the answer, even "no", shows that the peer lives
        self.send_now(message)

    def known_algorithms(self) -> Mapping[str, tuple[str, ...]]:
        """All that paramiko can do, by kind: kex, key, cipher, mac."""
        return {kind: tuple(getattr(self, f"_{kind}_info")) for kind in ("kex", "key", "cipher", "mac")}

    def send_now(self, message: paramiko.Message) -> None:
        """Send a message of the login, where no new keys can be in the way."""
        self._send_message(message)  # type: ignore[attr-defined]

    def begin(self, command: str, seconds: float) -> paramiko.Channel:
        """Open a session and ask for `command`, without waiting for the answer to the latter (RFC 4254, 6.5).

        paramiko's exec_command waits, which costs a round trip per host. A refusal is not lost: paramiko then
        closes the channel, and the reader sees its end with no output and no exit status. On a new connection
        to OpenSSH even the wait for the channel is saved, because the server's number of the first channel is
        always 0. Were it not, the server would hang up: nothing runs, nothing is lost.

        Raises:
            paramiko.SSHException, EOFError, OSError: no session; the server's reason is in `refusals`.
        """
        if not self.fast_session:
            channel = self.open_channel("session", timeout=seconds)
            self._send_user_message(_exec(channel.remote_chanid, command))  # type: ignore[attr-defined]
            return channel
        channel, opened = self._register()
        message = paramiko.Message()
        message.add_byte(cMSG_CHANNEL_OPEN)
        message.add_string("session")
        for number in (channel.chanid, WINDOW, self.default_max_packet_size):
            message.add_int(number)
        self._send_user_message(message)  # type: ignore[attr-defined]
        self._send_user_message(_exec(0, command))  # type: ignore[attr-defined]
        if not opened.wait(seconds) or not channel.active or channel.remote_chanid != 0:
            reason = "no answer in time" if self.is_active() and not opened.is_set() else "not opened"
            raise paramiko.SSHException(self.refusals.get(channel.chanid, reason))
        return channel

    @property
    def fast_session(self) -> bool:
        """True if the next session is the first channel of a connection to OpenSSH."""
        return not self.channels_seen and "-OpenSSH_" in self.remote_version

    def _register(self) -> tuple[paramiko.Channel, threading.Event]:
        # What paramiko's open_channel does before it sends.
        with self.lock:
            number = self._next_channel()  # type: ignore[attr-defined]
            channel = paramiko.Channel(number)
            self._channels.put(number, channel)  # type: ignore[attr-defined]
            self.channels_seen[number] = True
            event = threading.Event()
            self.channel_events[number] = event
            channel._set_transport(self)  # type: ignore[attr-defined]  # noqa: SLF001
            channel._set_window(WINDOW, self.default_max_packet_size)  # type: ignore[attr-defined]  # noqa: SLF001
        return channel, event

    def _parse_channel_open_failure(self, m: paramiko.Message) -> None:
        start = m.packet.tell()
        number, _code = m.get_int(), m.get_int()
        self.refusals[number] = m.get_binary()[:200].decode("utf-8", "replace") or "refused"
        m.packet.seek(start)
        super()._parse_channel_open_failure(m)  # type: ignore[misc]


def _exec(recipient: int, command: str) -> paramiko.Message:
    message = paramiko.Message()
    message.add_byte(cMSG_CHANNEL_REQUEST)
    message.add_int(recipient)
    message.add_string("exec")
    message.add_boolean(True)  # noqa: FBT003 - want_reply: without it a refusal would never be told
    message.add_string(command)
    return message


def _on_request(channel: paramiko.Channel, message: paramiko.Message) -> None:
    """RFC 4254, 6.10: paramiko drops exit-signal; its name is what an operator needs."""
    start = message.packet.tell()
    kind = message.get_text()
    if kind == "exit-signal":
        message.get_boolean()
        _wire(channel).signals[channel.chanid] = message.get_binary()[:32].decode("ascii", "replace")
        return
    message.packet.seek(start)
    channel._handle_request(message)  # type: ignore[attr-defined]  # noqa: SLF001


def _on_window(channel: paramiko.Channel, message: paramiko.Message) -> None:
    channel._window_adjust(message)  # type: ignore[attr-defined]  # noqa: SLF001
    wake = _wire(channel).wakes.get(channel.chanid)
    if wake is not None:
        wake.set()


def _on_output(channel: paramiko.Channel, message: paramiko.Message) -> None:
    _within_window(channel)
    channel._feed(message)  # type: ignore[attr-defined]  # noqa: SLF001


def _on_errors(channel: paramiko.Channel, message: paramiko.Message) -> None:
    _within_window(channel)
    channel._feed_extended(message)  # type: ignore[attr-defined]  # noqa: SLF001


def _within_window(channel: paramiko.Channel) -> None:
    # paramiko never checks that the peer keeps to the window; without this a hostile peer fills our memory.
    if len(channel.in_buffer) + len(channel.in_stderr_buffer) > 2 * WINDOW:
        message = "the peer sends more than its window"
        raise paramiko.SSHException(message)


def _wire(channel: paramiko.Channel) -> Wire:
    wire = channel.get_transport()
    assert isinstance(wire, Wire)  # noqa: S101 - the table below belongs to Wire
    return wire


Wire._channel_handler_table = {  # type: ignore[attr-defined]  # noqa: SLF001
    **paramiko.Transport._channel_handler_table,  # type: ignore[attr-defined]  # noqa: SLF001
    MSG_CHANNEL_REQUEST: _on_request,
    MSG_CHANNEL_WINDOW_ADJUST: _on_window,
    MSG_CHANNEL_DATA: _on_output,
    MSG_CHANNEL_EXTENDED_DATA: _on_errors,
}
