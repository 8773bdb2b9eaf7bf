"""A real SMTP server on this machine, with a certificate of its own and a login."""

import ipaddress
import ssl
from asyncio import Transport
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509

from mspctl.testing.sshd import free_port
from tests.integration.certificates import SelfSigned, self_signed

PASSWORD = "correct horse"


@dataclass
class Box:
    """What came, byte by byte; `refuses` are recipients it does not take, `drops` hangs up on a mail."""

    mails: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuses: tuple[str, ...] = ()
    drops: bool = False

    async def handle_RCPT(  # noqa: N802 - upstream's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address in self.refuses:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 taken"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        del session
        if self.drops:
            assert isinstance(server.transport, Transport)
            server.transport.abort()
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        self.recipients.append(envelope.rcpt_tos)
        return "250 taken"


def certificate() -> SelfSigned:
    now = datetime.now(UTC)
    return self_signed(
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")), now - timedelta(days=1), now + timedelta(days=1)
    )


def _login(server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: object) -> AuthResult:
    del server, session, envelope, mechanism
    assert isinstance(told, LoginPassword)
    return AuthResult(success=told.password.decode() == PASSWORD, handled=False)


@contextmanager
def mail_server(shown: SelfSigned, folder: Path, security: str = "starttls") -> Iterator[tuple[Box, int]]:
    """`security` is starttls, tls, or none: a server, or somebody in between, that offers no encryption."""
    pem = folder / "server.pem"
    pem.write_bytes(shown.whole)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    box, port = Box(), free_port()
    kinds: dict[str, dict[str, Any]] = {
        "starttls": {"tls_context": tls, "require_starttls": True},
        "tls": {"ssl_context": tls, "auth_require_tls": False},
        "none": {},
    }
    asked: dict[str, Any] = (
        {} if security == "none" else {"authenticator": _login, "auth_required": security == "starttls"}
    )
    controller = Controller(
        box, hostname="127.0.0.1", port=port, ready_timeout=30, **kinds[security], **asked
    )
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()
