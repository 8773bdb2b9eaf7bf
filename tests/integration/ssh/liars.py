"""Servers that lie: plain sockets, and paramiko's server mode for lies in the protocol."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Self

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.server import InteractiveQuery

from mspctl.testing.sshd import free_port

Behaviour = Callable[[socket.socket], None]


class Liar:
    """A listening socket that treats each connection as `behave` says; `count` counts connections."""

    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self.count = 0
        self.port = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for stream in self._open:
            stream.close()

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            self.count += 1
            self._open.append(stream)
            threading.Thread(target=self._serve, args=(stream,), daemon=True).start()

    def _serve(self, stream: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._behave(stream)


def silent(stream: socket.socket) -> None:
    """Accept and never say a word."""
    while stream.recv(4096):
        pass


def tarpit(stream: socket.socket) -> None:
    """endlessh: one random line at a time, for ever."""
    while True:
        stream.sendall(b"x0a9f\r\n")
        time.sleep(0.05)


def flood(stream: socket.socket) -> None:
    """Bytes without a line end, as fast as they go."""
    while True:
        stream.sendall(b"A" * 65536)


def drip(stream: socket.socket) -> None:
    """A version line that never ends, one byte at a time."""
    stream.sendall(b"SSH-2.0-")
    while True:
        stream.sendall(b"A")
        time.sleep(0.05)


def http(stream: socket.socket) -> None:
    """A web server's answer."""
    stream.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n" + b"<html>\n" * 20000)
    stream.recv(4096)


def reset(stream: socket.socket) -> None:
    """RST at once."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


def hang_up(stream: socket.socket) -> None:
    """Close without a word."""
    stream.shutdown(socket.SHUT_RDWR)
    stream.close()


def banner_then_silence(stream: socket.socket) -> None:
    """A good version line, then nothing."""
    stream.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    silent(stream)


def giant_packet(stream: socket.socket) -> None:
    """A good version line, then a packet that announces 4 GB."""
    stream.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" + b"\xff\xff\xff\xf0" + b"\0" * 65536)
    silent(stream)


class FakeServer(paramiko.ServerInterface):
    """A paramiko server: what it accepts and what it saw. `seen` holds the numbers of all messages it got."""

    def __init__(
        self, *, password: str = "", methods: str = "publickey,password", questions: int = 0
    ) -> None:
        self.password = password
        self.methods = methods
        self.questions = questions
        self.attempts: list[str] = []
        self.offered: list[str] = []
        self.seen: list[int] = []
        self.key = paramiko.RSAKey.generate(2048)
        self.port = free_port()
        self.stall = 0.0
        self.after_exec: Callable[[paramiko.Channel], None] | None = None
        self.commands: list[bytes] = []

    def serve(self, stream: socket.socket) -> None:
        """A behaviour for Liar."""
        transport = paramiko.Transport(stream)
        transport.add_server_key(self.key)
        read = transport.packetizer.read_message
        seen = self.seen

        def recording() -> tuple[int, paramiko.Message]:
            kind, message = read()
            seen.append(kind)
            return kind, message

        transport.packetizer.read_message = recording  # type: ignore[method-assign]
        transport.start_server(event=threading.Event(), server=self)
        while transport.is_active():
            channel = transport.accept(0.2)
            if channel is not None and self.after_exec is not None:
                time.sleep(0.1)
                self.after_exec(channel)

    def get_allowed_auths(self, username: str) -> str:  # noqa: ARG002
        return self.methods

    def check_auth_none(self, username: str) -> int:  # noqa: ARG002
        self.attempts.append("none")
        return AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:  # noqa: ARG002
        self.attempts.append("publickey")
        self.offered.append(key.get_base64())
        return AUTH_FAILED

    def check_auth_password(self, username: str, password: str) -> int:  # noqa: ARG002
        time.sleep(self.stall)
        self.attempts.append("password")
        if "password" not in self.methods:
            return AUTH_FAILED
        return AUTH_SUCCESSFUL if password == self.password else AUTH_FAILED

    def check_auth_interactive(self, username: str, submethods: str) -> int | InteractiveQuery:  # noqa: ARG002
        self.attempts.append("keyboard-interactive")
        return InteractiveQuery("", "", *[(f"Question {n}:", False) for n in range(self.questions)])

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        self.offered.extend(responses)
        return AUTH_SUCCESSFUL if responses == [self.password] else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:  # noqa: ARG002
        self.commands.append(command)
        return self.after_exec is not None


def pin(server: FakeServer, port: int) -> str:
    """The known_hosts line of a fake server."""
    return f"[127.0.0.1]:{port} ssh-rsa {server.key.get_base64()}"
