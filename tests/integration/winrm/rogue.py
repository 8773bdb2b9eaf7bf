"""Somebody who does not know the password answers in the host's place."""

import base64
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import spnego

SIGN_AND_SEAL = 0x30
FLAGS_AT = 20


class Rogue(ThreadingHTTPServer):
    """Answers as it is told, and keeps what it hears."""

    def __init__(self, manner: str) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.manner = manner
        self.heard = b""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Its client hangs up."""


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, Rogue)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.heard += str(self.headers).encode() + body
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if self.server.manner == "lets everybody in":
            self.answer(200)
        elif self.server.manner == "wants Basic":
            self.answer(401, "Basic realm=here")
        elif not kind:
            self.answer(401, "Negotiate")
        elif b"NTLMSSP\0\1" in base64.b64decode(token):
            self.answer(401, f"Negotiate {self.challenge(base64.b64decode(token))}")
        else:
            self.answer(200)

    def challenge(self, token: bytes) -> str:
        """A real one, but as of a host that neither signs nor seals."""
        told = bytearray(spnego.server(protocol="ntlm").step(token) or b"")
        if isinstance(self.server, Rogue) and self.server.manner == "seals nothing":
            (flags,) = struct.unpack_from("<I", told, FLAGS_AT)
            struct.pack_into("<I", told, FLAGS_AT, flags & ~SIGN_AND_SEAL)
        return base64.b64encode(bytes(told)).decode()

    def answer(self, status: int, challenge: str = "") -> None:
        self.send_response(status)
        if challenge:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's names
        """Quiet."""
