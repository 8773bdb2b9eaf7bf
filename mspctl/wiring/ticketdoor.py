"""A small HTTP door for tickets: it opens to whoever knows the secret, and only for them to be taken in.

It is meant to stand behind a web server that speaks TLS, so it listens on this machine unless told otherwise.
"""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mspctl.errors import MspctlError, UsageError
from mspctl.model.secret import Secret
from mspctl.notify.webhook import HEADER, genuine
from mspctl.parse.ticketfiles import MAX_BYTES

Take = Callable[[bytes], dict[str, object]]
"""Takes a ticket in and says what came of it. Raises MspctlError."""
PATH = "/tickets"
_DIGITS = 9
"""Of a Content-Length; longer ones are not even read as numbers."""
_PATIENCE = 10.0
"""Seconds that somebody may need to say something."""


class Door(ThreadingHTTPServer):
    """Listens until it is shut down; each request in a thread of its own."""

    daemon_threads = True

    def __init__(
        self, place: tuple[str, int], secret: Secret, take: Take, tell: Callable[[str], None]
    ) -> None:
        super().__init__(place, _Visit)
        self.secret = secret
        self.take = take
        self.tell = tell

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor that hangs up is no news; anything else is told in one line, never to the visitor."""
        del request
        self.tell(f"a request from {client_address} ended early")


class _Visit(BaseHTTPRequestHandler):
    """One request."""

    server: Door
    timeout = _PATIENCE
    server_version = "mspctl"
    sys_version = ""

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != PATH:
            self._answer(404, {"error": "nothing is here"})
        elif not length.isdecimal():
            self._answer(411, {"error": "Content-Length is missing"})
        elif len(length) > _DIGITS or int(length) > MAX_BYTES:
            self._answer(413, {"error": "too large"})
        else:
            content = self.rfile.read(int(length))
            if not genuine(self.server.secret, content, self.headers.get(HEADER, "")):
                self._answer(401, {"error": "the signature is wrong"})
            else:
                self._taken(content)

    def _taken(self, content: bytes) -> None:
        try:
            self._answer(200, self.server.take(content))
        except UsageError as error:
            self._answer(400, {"error": error.problems[0].problem})
        except MspctlError as error:
            self.server.tell(str(error))
            self._answer(503, {"error": "try again later"})

    def _answer(self, status: int, document: dict[str, object]) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Nothing: what matters is told by whoever takes the ticket in."""
