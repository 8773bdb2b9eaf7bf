"""The shape of `mail` and `report` in the inventory: which server takes mail, and who gets a report.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from mspctl.model.mailing import Mailing, MailSecurity, MailServer
from mspctl.parse.block import Block
from mspctl.parse.fields import Address, Boolean, Line, Port, Reference, enum_word, wrong

Mailbox = Annotated[
    str,
    StringConstraints(
        strict=True,
        max_length=254,
        pattern=r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
    ),
]
Security = Annotated[MailSecurity, *enum_word(MailSecurity)]
_PORTS: Mapping[MailSecurity, int] = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465}


class MailBlock(Block):
    """The server that takes mail. The way to it is always encrypted and its certificate always checked."""

    server: Address = Field(description="its name, as its certificate has it")
    port: Port | None = Field(None, description="587 by default, 465 with security: tls")
    security: Security | None = Field(None, description="starttls by default")
    sender: Mailbox = Field(alias="from", description="the address that reports come from")
    user: Line | None = Field(None, description="for the login; none if not set")
    password: Reference | None = Field(None, description="the login's password")
    tls_ca: Reference | None = Field(
        None, description="the authority of its certificate, PEM; this machine's if not set"
    )

    @model_validator(mode="after")
    def _whole_login(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise wrong("`user` and `password` belong together", "give both, or neither")
        return self


class ReportBlock(Block):
    """Who gets the client's report by mail."""

    to: list[Mailbox] = Field(min_length=1, max_length=50, description="their mail addresses")
    unapproved: Boolean | None = Field(
        None, description="send drafts that nobody has approved; false by default"
    )


def mail_server_of(block: MailBlock | None) -> MailServer | None:
    """The server that the provider's file names."""
    if block is None:
        return None
    security = block.security or MailSecurity.STARTTLS
    return MailServer(
        block.server,
        block.port or _PORTS[security],
        security,
        block.sender,
        block.user or "",
        block.password,
        block.tls_ca,
    )


def mailing_of(block: ReportBlock | None) -> Mailing | None:
    """Whom the client's file names."""
    return None if block is None else Mailing(tuple(dict.fromkeys(block.to)), bool(block.unapproved))
