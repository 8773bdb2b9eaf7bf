"""SMTP over TLS: hands a mail to the server, and says what is known of it afterwards."""

import smtplib
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum

from mspctl.model.mailing import MailSecurity, MailServer
from mspctl.model.secret import Secret

_PATIENCE = 60.0


class Fate(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The connection ended after the mail had begun to go out: it may have arrived."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What the server said; `refused` are the recipients that it did not take, and why."""

    fate: Fate
    why: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Login:
    """The secrets of one delivery."""

    password: Secret | None = None
    authority: Secret | None = None


def post(server: MailServer, login: Login, to: Sequence[str], mail: bytes) -> Posted:
    """Hand a whole mail to the server. Without encryption, or to an unknown certificate, nothing is said."""
    client = None
    try:
        client = _connected(server, login)
    except (OSError, smtplib.SMTPException, UnicodeError, ValueError) as error:
        return Posted(Fate.FAILED, _said(error))
    try:
        refused = client.sendmail(server.sender, list(to), mail)
    except smtplib.SMTPRecipientsRefused as error:
        return Posted(Fate.FAILED, "no recipient was taken", _refused(error.recipients))
    except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError) as error:
        return Posted(Fate.FAILED, _said(error))
    except (OSError, smtplib.SMTPException) as error:
        return Posted(Fate.UNKNOWN, _said(error))
    finally:
        with suppress(OSError, smtplib.SMTPException):
            client.quit()
        client.close()
    return Posted(Fate.SENT, "", _refused(refused))


def _connected(server: MailServer, login: Login) -> smtplib.SMTP:
    authority = login.authority.reveal_text() if login.authority is not None else None
    trust = ssl.create_default_context(cadata=authority)
    if server.security is MailSecurity.TLS:
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_PATIENCE, context=trust)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=_PATIENCE)
    try:
        if server.security is MailSecurity.STARTTLS:
            client.starttls(context=trust)
        if login.password is not None:
            client.login(server.user, login.password.reveal_text())
    except BaseException:
        client.close()
        raise
    return client


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    if isinstance(error, UnicodeError):
        return "the password or the certificate is no text that can be sent"
    return " ".join(str(error).split()) or type(error).__name__


def _answer(code: int, text: bytes | str) -> str:
    told = text.decode(errors="replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(told.split())}"


def _refused(recipients: Mapping[str, tuple[int, bytes]]) -> Mapping[str, str]:
    return {each: _answer(code, text) for each, (code, text) in recipients.items()}
