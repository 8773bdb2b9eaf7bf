"""Logins at the endpoint: Basic, and NTLM by pyspnego with sealed messages, one for each connection."""

import base64
import hmac
import re
import struct
from email.message import Message

import spnego

BOUNDARY = b"--Encrypted Boundary"
_SEALED = "application/HTTP-SPNEGO-session-encrypted"


class Refused(Exception):
    """401: `challenges` go into WWW-Authenticate."""

    def __init__(self, challenges: list[str]) -> None:
        super().__init__("refused")
        self.challenges = challenges


class Login:
    """The state of one connection. With `sealed`, messages over it must be encrypted."""

    def __init__(self, user: str, password: str, kinds: tuple[str, ...], *, sealed: bool) -> None:
        self._user = user
        self._password = password
        self._kinds = kinds
        self._sealed = sealed
        self._security: spnego.ContextProxy | None = None
        self._complete = False

    def check(self, headers: Message) -> str:
        """What to answer in WWW-Authenticate beside the result, if anything. Raises Refused."""
        kind, _, token = headers.get("Authorization", "").partition(" ")
        if kind == "Basic" and "Basic" in self._kinds:
            expected = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
            if hmac.compare_digest(token, expected):
                return ""
        elif kind in {"Negotiate", "NTLM"} and "Negotiate" in self._kinds:
            return self._step(kind, base64.b64decode(token))
        elif self._complete and not kind:
            return ""
        raise Refused(list(self._kinds))

    def _step(self, kind: str, token: bytes) -> str:
        if self._security is None or self._complete:
            self._security = spnego.server(protocol="ntlm" if token.startswith(b"NTLMSSP") else "negotiate")
            self._complete = False
        try:
            answer = self._security.step(token)
        except spnego.exceptions.SpnegoError as error:
            self._security = None
            raise Refused(list(self._kinds)) from error
        shown = f"{kind} {base64.b64encode(answer).decode()}" if answer else ""
        if not self._security.complete:
            raise Refused([shown])
        self._complete = True
        return shown

    def opened(self, headers: Message, content: bytes) -> bytes | None:
        """The message in a request's body; None if it should have been sealed."""
        if "multipart/encrypted" not in headers.get("Content-Type", ""):
            return None if self._sealed and content else content
        if self._security is None:
            return None
        part = content.split(BOUNDARY + b"\r\n")[2]
        sealed = part.split(b"application/octet-stream\r\n", 1)[1].removesuffix(BOUNDARY + b"--\r\n")
        (length,) = struct.unpack("<i", sealed[:4])
        return self._security.unwrap_winrm(sealed[4 : 4 + length], sealed[4 + length :])

    def closed(self, headers: Message, answer: bytes) -> tuple[str, bytes]:
        """An answer's type and body: sealed if the request was."""
        if "multipart/encrypted" not in headers.get("Content-Type", "") or self._security is None:
            return "application/soap+xml;charset=UTF-8", answer
        sealed = self._security.wrap_winrm(answer)
        size = len(answer) + (sealed.padding_length or 0)
        kind = re.sub(r"\s", "", _SEALED)
        body = (
            BOUNDARY + b"\r\n\tContent-Type: " + kind.encode() + b"\r\n\tOriginalContent: "
            b"type=application/soap+xml;charset=UTF-8;Length="
            + str(size).encode()
            + b"\r\n"
            + BOUNDARY
            + b"\r\n\tContent-Type: application/octet-stream\r\n"
            + struct.pack("<i", len(sealed.header))
            + sealed.header
            + sealed.data
            + BOUNDARY
            + b"--\r\n"
        )
        return f'multipart/encrypted;protocol="{_SEALED}";boundary="Encrypted Boundary"', body
