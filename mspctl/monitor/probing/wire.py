"""Connections with a deadline for everything, and errors of the network in a few words."""

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Thread
from typing import Any

Address = tuple[int, int, int, str, Any]
"""Family, kind, protocol, name and address, as getaddrinfo gives them."""
LINE = 2048
"""No greeting is longer."""


class Deadline:
    """So many seconds for all of one question, however many steps it has."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def endpoint(target: str, port: int) -> tuple[str, int]:
    """Host and port of `HOST`, `HOST:PORT` or `[V6]:PORT`."""
    if target.startswith("["):
        host, _, rest = target[1:].partition("]")
        return host, int(rest.removeprefix(":") or port)
    host, colon, number = target.rpartition(":")
    return (host, int(number)) if colon and host.count(":") == 0 and number.isdigit() else (target, port)


class _Hurried(socket.socket):
    """A socket that reads until the deadline, not for so long each time: no slow sender holds us."""

    deadline = Deadline(0)

    def recv_into(self, *arguments: Any, **named: Any) -> int:  # noqa: ANN401 - as the socket's own
        self.settimeout(self.deadline.left)
        return super().recv_into(*arguments, **named)


class _HurriedTls(_Hurried, ssl.SSLSocket):
    """The same under TLS."""


def encrypted(wire: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
    """The connection under TLS, the certificate checked for this name. Raises OSError."""
    wire.settimeout(deadline.left)
    tls = ssl.create_default_context()
    tls.sslsocket_class = _HurriedTls
    made = tls.wrap_socket(wire, server_hostname=host)
    if isinstance(made, _HurriedTls):
        made.deadline = deadline
    return made


def resolved(host: str, port: int, kind: int, deadline: Deadline) -> Sequence[Address]:
    """The host's addresses. The system's resolver knows no deadline of ours, so it is left behind at that.

    Raises:
        OSError: there is no such name, or no answer in time.
    """
    answer: Queue[Sequence[Address] | OSError] = Queue()

    def ask() -> None:
        try:
            answer.put(socket.getaddrinfo(host, port, type=kind))
        except OSError as error:
            answer.put(error)
        except UnicodeError:
            answer.put(socket.gaierror(socket.EAI_NONAME, "no name"))

    Thread(target=ask, daemon=True).start()
    try:
        found = answer.get(timeout=deadline.left)
    except Empty:
        raise TimeoutError("the name is not resolved in time") from None
    if isinstance(found, OSError):
        raise found
    return found


@contextmanager
def connected(host: str, port: int, deadline: Deadline) -> Iterator[socket.socket]:
    """A connection to the first of the host's addresses that accepts one. Raises OSError."""
    refused: OSError = ConnectionRefusedError()
    for family, kind, protocol, _, address in resolved(host, port, socket.SOCK_STREAM, deadline):
        with _Hurried(family, kind, protocol) as wire:
            wire.deadline = deadline
            try:
                wire.settimeout(deadline.left)
                wire.connect(address)
            except OSError as error:
                refused = error
            else:
                yield wire
                return
    raise refused


_REASONS: tuple[tuple[type[OSError], str], ...] = (
    (TimeoutError, "no answer in time"),
    (ConnectionRefusedError, "connection refused"),
    (ConnectionResetError, "connection reset"),
    (socket.gaierror, "the name cannot be resolved"),
)


def reason(error: OSError | ValueError) -> str:
    """What went wrong, in a few words, the same on every machine."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or 'no reason given'}"
    if isinstance(error, OSError):
        known = next((text for kind, text in _REASONS if isinstance(error, kind)), "")
        return known or error.strerror or str(error) or type(error).__name__
    return str(error)
