"""Logins at the endpoint: Basic, NTLM by pyspnego, CredSSP, Kerberos by MIT's library, certificates."""

import base64
import hmac
import re
import struct
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Protocol

import spnego
from spnego.channel_bindings import GssChannelBindings

from mspctl.testing.winrm.gss import Acceptor, GssError, Sealed

BOUNDARY = b"--Encrypted Boundary"
MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
"""What a client with a certificate says in Authorization."""
_MIT = bytes.fromhex("2a864886f712010202")
"""Kerberos' object identifier (RFC 4121), near the beginning of each of its first tokens."""
_BY_STEPS = frozenset({"Negotiate", "NTLM", "CredSSP"})
_SEALED_KIND = re.compile(r"multipart/(x-multi-)?encrypted\b")
_CREDSSP = "application/HTTP-CredSSP-session-encrypted"
_SEALED = "application/HTTP-SPNEGO-session-encrypted"


class Refused(Exception):
    """401: `challenges` go into WWW-Authenticate."""

    def __init__(self, challenges: list[str]) -> None:
        super().__init__("refused")
        self.challenges = challenges


class Security(Protocol):
    """What a login by steps becomes: the means to seal messages."""

    @property
    def complete(self) -> bool: ...
    def step(self, token: bytes) -> bytes | None: ...
    def unwrap_winrm(self, header: bytes, message: bytes) -> bytes: ...
    def wrap_winrm(self, message: bytes) -> Sealed: ...


class _Spnego:
    """NTLM by itself, chosen by SPNEGO, or within CredSSP."""

    def __init__(self, kind: str, binding: bytes) -> None:
        bindings = GssChannelBindings(application_data=binding) if binding else None
        self._end = spnego.server(protocol=kind, channel_bindings=bindings)

    @property
    def complete(self) -> bool:
        return self._end.complete

    def step(self, token: bytes) -> bytes | None:
        return self._end.step(token)

    def unwrap_winrm(self, header: bytes, message: bytes) -> bytes:
        return self._end.unwrap_winrm(header, message)

    def wrap_winrm(self, message: bytes) -> Sealed:
        sealed = self._end.wrap_winrm(message)
        return Sealed(sealed.header, sealed.data, sealed.padding_length or 0)


@dataclass(frozen=True, slots=True)
class Doors:
    """Who is let in, and how: the kinds of login offered (Negotiate, Basic, Certificate).

    With `sealed`, messages must be encrypted. `keytab` has the keys of the service, for Kerberos; `binding`
    is what a login must be bound to (RFC 5929, `tls-server-end-point:` and a digest), if it must be.
    """

    user: str
    password: str
    kinds: tuple[str, ...]
    sealed: bool
    keytab: Path | None = None
    binding: bytes = b""


class Login:
    """The state of one connection; `certificate`: its client has shown one that the endpoint knows."""

    def __init__(self, doors: Doors, *, certificate: bool = False) -> None:
        self._doors = doors
        self._kinds = doors.kinds
        self._certificate = certificate
        self._security: Security | None = None
        self._seal = _SEALED
        self._complete = False

    def check(self, headers: Message) -> str:
        """What to answer in WWW-Authenticate beside the result, if anything. Raises Refused."""
        kind, _, token = headers.get("Authorization", "").partition(" ")
        if kind == "Basic" and "Basic" in self._kinds:
            expected = base64.b64encode(f"{self._doors.user}:{self._doors.password}".encode()).decode()
            if hmac.compare_digest(token, expected):
                return ""
        elif (kind if kind == "CredSSP" else "Negotiate") in self._kinds and kind in _BY_STEPS:
            return self._step(kind, base64.b64decode(token))
        elif self._certified(kind) or (self._complete and not kind):
            return ""
        raise Refused(list(self._kinds))

    def _certified(self, kind: str) -> bool:
        return kind == MUTUAL and "Certificate" in self._kinds and self._certificate

    def _step(self, kind: str, token: bytes) -> str:
        try:
            if self._security is None or self._complete:
                self._security = self._begun(kind, token)
                self._seal = _CREDSSP if kind == "CredSSP" else _SEALED
                self._complete = False
            answer = self._security.step(token)
        except (spnego.exceptions.SpnegoError, GssError) as error:
            self._security = None
            raise Refused(list(self._kinds)) from error
        shown = f"{kind} {base64.b64encode(answer).decode()}" if answer else ""
        if not self._security.complete:
            raise Refused([shown])
        self._complete = True
        return shown

    def _begun(self, kind: str, token: bytes) -> Security:
        binding = self._doors.binding
        if kind == "CredSSP":
            return _Spnego("credssp", b"")
        if self._doors.keytab is not None and _MIT in token[:64]:
            return Acceptor(self._doors.keytab, binding)
        return _Spnego("ntlm" if token.startswith(b"NTLMSSP") else "negotiate", binding)

    def opened(self, headers: Message, content: bytes) -> bytes | None:
        """The message in a request's body; None if it should have been sealed."""
        if not _SEALED_KIND.match(headers.get("Content-Type", "")):
            return None if self._doors.sealed and content else content
        if self._security is None:
            return None
        # One head and one sealed piece after the other; CredSSP takes pieces of 16 KiB.
        pieces = content.removesuffix(BOUNDARY + b"--\r\n").split(BOUNDARY + b"\r\n")[2::2]
        return b"".join(map(self._piece, pieces))

    def _piece(self, piece: bytes) -> bytes:
        assert self._security is not None
        sealed = piece.split(b"application/octet-stream\r\n", 1)[1]
        (length,) = struct.unpack("<i", sealed[:4])
        return self._security.unwrap_winrm(sealed[4 : 4 + length], sealed[4 + length :])

    def closed(self, headers: Message, answer: bytes) -> tuple[str, bytes]:
        """An answer's type and body: sealed if the request was."""
        if not _SEALED_KIND.match(headers.get("Content-Type", "")) or self._security is None:
            return "application/soap+xml;charset=UTF-8", answer
        sealed = self._security.wrap_winrm(answer)
        size = len(answer) + sealed.padding_length
        body = (
            BOUNDARY + b"\r\n\tContent-Type: " + self._seal.encode() + b"\r\n\tOriginalContent: "
            b"type=application/soap+xml;charset=UTF-8;Length="
            + str(size).encode()
            + b"\r\n"
            + BOUNDARY
            + b"\r\n\tContent-Type: application/octet-stream\r\n"
            + struct.pack("<i", len(sealed.header))
            + sealed.header
            + sealed.message
            + BOUNDARY
            + b"--\r\n"
        )
        return f'multipart/encrypted;protocol="{self._seal}";boundary="Encrypted Boundary"', body
