"""The endpoint itself: a threaded HTTP or HTTPS server on loopback, with faults on request."""

import atexit
import os
import ssl
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self

from mspctl.testing.winrm import soap
from mspctl.testing.winrm.login import Doors, Login, Refused
from mspctl.testing.winrm.shells import Backend, Shells
from mspctl.testing.winrm.soap import Fault, Request

USER, PASSWORD = "vagrant", "Pa55-w0rd"
Trouble = Callable[[BaseHTTPRequestHandler, Request], bool]
"""Answers in the endpoint's place and says True, or leaves it to the endpoint."""


class WinrmEndpoint:
    """Serves while it is entered. `trouble`, if set, sees every request after its login.

    A client's certificate is one that `tls` has verified; `keytab` and `binding` as in `Doors`. NTLM finds
    its accounts by the environment (NTLM_USER_FILE), so all endpoints of a process share one, which goes with
    the process.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        tls: ssl.SSLContext | None = None,
        kinds: tuple[str, ...] = ("Negotiate", "Basic"),
        quotas: tuple[int, int] = (30, 1500),
        keytab: Path | None = None,
        binding: bytes = b"",
    ) -> None:
        self.shells = Shells(backend, shells=quotas[0], operations=quotas[1])
        self.trouble: Trouble | None = None
        self.actions: list[str] = []
        """What was asked after the login, in order."""
        self.exchanges = 0
        """How many HTTP requests came, those of logins among them."""
        sealed = tls is None and "Basic" not in kinds
        self.doors = Doors(USER, PASSWORD, kinds, sealed, keytab, binding)
        _accounts()
        self.server: ThreadingHTTPServer = _Server(self)
        """What listens from the beginning; nobody is answered before the endpoint or its fleet is entered."""
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server.server_address[1])

    def answer(self, request: Request) -> tuple[int, bytes]:
        """Status and body."""
        if request.identify:
            return 200, soap.identity()
        self.actions.append(request.action.rsplit("/", 1)[-1])
        try:
            return 200, self.shells.answer(request)
        except Fault as told:
            return 500, soap.fault(request, told)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, endpoint: WinrmEndpoint) -> None:
        self.endpoint = endpoint
        super().__init__(("127.0.0.1", 0), _Exchange)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients of tests hang up as they like."""


def _accounts() -> None:
    place = Path(tempfile.gettempdir()) / f"mspctl-ntlm-{os.getpid()}"
    if not place.exists():
        part = place.with_suffix(f".{threading.get_ident()}")
        part.write_text(f":{USER}:{PASSWORD}\n", "utf-8")
        part.replace(place)
        atexit.register(place.unlink, missing_ok=True)
    os.environ["NTLM_USER_FILE"] = str(place)


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    @property
    def _endpoint(self) -> WinrmEndpoint:
        assert isinstance(self.server, _Server)
        return self.server.endpoint

    def setup(self) -> None:
        super().setup()
        shown = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        self._login = Login(self._endpoint.doors, certificate=bool(shown))

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._endpoint.exchanges += 1
        if self.headers.get("WSMANIDENTIFY") == "unauthenticated":
            self.reply(200, soap.identity())
            return
        try:
            shown = self._login.check(self.headers)
        except Refused as refused:
            self.reply(401, b"", challenges=refused.challenges)
            return
        message = self._login.opened(self.headers, content)
        if message is None:
            self.reply(500, b"")
        elif not message:
            self.reply(200, b"", challenges=[shown] if shown else [])
        else:
            self._exchange(message, [shown] if shown else [])

    def _exchange(self, message: bytes, challenges: list[str]) -> None:
        try:
            request = soap.parse(message)
        except Fault as told:
            status, answer = 500, soap.fault(Request("", ""), told)
        else:
            if self._endpoint.trouble is not None and self._endpoint.trouble(self, request):
                return
            status, answer = self._endpoint.answer(request)
        kind, body = self._login.closed(self.headers, answer)
        self.reply(status, body, kind, challenges)

    def reply(
        self,
        status: int,
        body: bytes,
        kind: str = "application/soap+xml",
        challenges: list[str] | None = None,
    ) -> None:
        self.send_response(status)
        for challenge in challenges or []:
            self.send_header("WWW-Authenticate", challenge)
        if body:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's names
        """Tests look at `actions`."""
