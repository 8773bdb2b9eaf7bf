"""HTTP for pywinrm, within limits: own dialling, pinned certificates, bounded answers, no redirect."""

import hashlib
import socket
import threading
from collections.abc import Callable

import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from mspctl.model.failure import Failure
from mspctl.transports.deadline import Deadline
from mspctl.transports.ssh.dial import dial
from mspctl.transports.winrm.answers import MAX_ANSWER, BadAnswer

Judge = Callable[[bytes], Failure | None]
"""Holds a certificate (DER) against what is pinned: why it is not taken, None if it is."""
_CHUNK = 64 * 1024
_ALIVE = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4))
"""Where the system has them: a poll is silent for a minute; no firewall and no dead host may keep it."""


class NotDialled(Exception):
    """No connection came about; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class Wire(HTTPAdapter):
    """The connections of one link. `abort` may be called from any thread and ends whatever waits in them."""

    def __init__(self, *, connect_within: float, judge: Judge) -> None:
        self._connect_within = connect_within
        self._judge = judge
        self._lock = threading.Lock()
        self._guards: list[socket.socket] = []
        self._over = False
        self._unread: Response | None = None
        self.certificate = ""
        """SHA-256 of the certificate that the host showed last, in hex; empty over HTTP."""
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *arguments: object, **options: object) -> None:
        """Pools whose connections are made by `dialled`."""
        super().init_poolmanager(*arguments, **options)  # type: ignore[arg-type]
        self.poolmanager.pool_classes_by_scheme = _pools(self)

    def dialled(self, address: str, port: int) -> socket.socket:
        """A new TCP connection. Raises NotDialled."""
        stream = dial(address, port, Deadline(self._connect_within))
        if isinstance(stream, Failure):
            raise NotDialled(stream)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _ALIVE:
            if hasattr(socket, name):
                stream.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        with self._lock:
            # TLS takes the socket over; its twin ends the same connection from another thread.
            self._guards.append(socket.socket(fileno=socket.dup(stream.fileno())))
            if self._over:
                self._guards[-1].shutdown(socket.SHUT_RDWR)
        return stream

    def shown(self, der: bytes) -> None:
        """The host has shown its certificate, and nothing was sent yet. Raises NotDialled."""
        self.certificate = hashlib.sha256(der).hexdigest()
        refused = self._judge(der)
        if refused is not None:
            raise NotDialled(refused)

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002
        timeout: object = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: object = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        """One exchange; the answer is read whole, up to MAX_ANSWER."""
        del stream
        request.headers["Accept-Encoding"] = "identity"
        response = super().send(
            request,
            stream=True,
            timeout=timeout,  # type: ignore[arg-type]
            verify=verify,
            cert=cert,  # type: ignore[arg-type]
            proxies=proxies,
        )
        if response.is_redirect or response.headers.get("Content-Encoding", "identity") != "identity":
            response.close()
            if response.is_redirect:
                raise BadAnswer("redirected", f"sent to {response.headers.get('Location', '')}")
            raise BadAnswer("hostile-answer", "the answer is compressed, which was not asked for")
        if _short_challenge(response):
            self._unread = response
            return response
        response._content = _whole(response)  # noqa: SLF001 - how requests keeps what it has read
        response._content_consumed = True  # noqa: SLF001
        return response

    def abort(self) -> None:
        """End all connections, and those to come."""
        with self._lock:
            self._over = True
            for guard in self._guards:
                try:
                    guard.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def close(self) -> None:
        """Close everything; urllib3 would leave a connection open for as long as anything refers to it."""
        if self._unread is not None:
            self._unread.close()
        self._unread = None
        pools = self.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118 - it cannot be iterated itself
            pools[key].close()
        super().close()
        with self._lock:
            for guard in self._guards:
                guard.close()
            self._guards.clear()


def _short_challenge(response: Response) -> bool:
    """A 401 is left unread: the NTLM login takes the certificate from it, for channel binding."""
    length = response.headers.get("Content-Length", "")
    short = length.isdigit() and int(length) <= _CHUNK
    return short and response.status_code == requests.codes.unauthorized


def _whole(response: Response) -> bytes:
    content = bytearray()
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        content += chunk
        if len(content) > MAX_ANSWER:
            response.close()
            raise BadAnswer("max-answer", f"one answer of more than {MAX_ANSWER} bytes")
    response.raw.release_conn()
    return bytes(content)


def _pools(wire: Wire) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return wire.dialled(self._dns_host, self.port or 80)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return wire.dialled(self._dns_host, self.port or 443)

        def connect(self) -> None:
            super().connect()
            wire.shown((self.sock.getpeercert(binary_form=True) if self.sock else None) or b"")  # type: ignore[union-attr]
            # If no authority was asked, the certificate is the pinned one.
            self.is_verified = True

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
