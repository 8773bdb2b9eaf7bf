"""How reports are mailed, and to whom: values without any connection."""

from dataclasses import dataclass
from enum import StrEnum

from mspctl.model.secret import SecretRef


class MailSecurity(StrEnum):
    """How the way to the mail server is encrypted; there is no way without."""

    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class MailServer:
    """The server that takes the provider's mail; `user` and `password` stand both or neither."""

    host: str
    port: int
    security: MailSecurity
    sender: str
    user: str = ""
    password: SecretRef | None = None
    authority: SecretRef | None = None
    """Who signed the server's certificate, PEM; None: those that this machine trusts."""


@dataclass(frozen=True, slots=True)
class Mailing:
    """Who gets a client's report."""

    to: tuple[str, ...]
    unapproved: bool = False
    """A draft may be sent that nobody has approved: somebody has said so."""
