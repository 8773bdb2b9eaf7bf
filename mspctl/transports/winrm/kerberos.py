"""Kerberos through pywinrm and pykerberos: when the login is bound to TLS, and what its failures mean."""

import re
from dataclasses import dataclass
from typing import Any

from mspctl.model.failure import Failure
from mspctl.transports.reasons import safe, unreachable

_ERRORS = frozenset({"GSSError", "KrbError", "KerberosExchangeError", "MutualAuthenticationError"})


@dataclass(frozen=True, slots=True)
class _Sign:
    pattern: re.Pattern[str]
    reason: str
    remedy: str


_SIGNS = (
    _Sign(
        re.compile("unable to authenticate", re.IGNORECASE),
        "hostile-answer",
        "whoever answers there could not prove to be that host: do not trust it",
    ),
    _Sign(
        re.compile("clock skew", re.IGNORECASE),
        "clock-skew",
        "set the clock of this computer or of the host: Kerberos bears five minutes",
    ),
    _Sign(
        re.compile("cannot (contact|find|locate|resolve).*(kdc|realm|network address)", re.IGNORECASE),
        "kdc",
        "is the domain controller reached on port 88, and does /etc/krb5.conf or DNS name it?",
    ),
    _Sign(
        re.compile("not found in kerberos database", re.IGNORECASE),
        "auth",
        "`address` must be the name that the domain knows the host by (setspn -L HOST), not an IP address",
    ),
    _Sign(
        re.compile("expired", re.IGNORECASE),
        "auth",
        "get a new ticket (kinit), or name a keytab in KRB5_CLIENT_KTNAME, which is used without asking",
    ),
)
_NO_TICKET = "get a ticket for `user` (kinit, klist), or name a keytab in KRB5_CLIENT_KTNAME"


class NoLogin(Exception):
    """No token could be made for a host; the text is Kerberos'."""


def speaks(error: Exception) -> bool:
    """True for an exception of Kerberos; pykerberos need not be installed, so by name."""
    return isinstance(error, NoLogin) or any(kind.__name__ in _ERRORS for kind in type(error).__mro__)


def explain(error: Exception, where: str) -> Failure:
    """The failure that Kerberos reports."""
    said = safe(str(error), 400)
    for sign in _SIGNS:
        if sign.pattern.search(said):
            return unreachable(sign.reason, f"{where}: {said}", sign.remedy)
    return unreachable("auth", f"{where}: {said}", _NO_TICKET)


def prepare(login: Any, *, tls: bool) -> None:  # noqa: ANN401 - of a library without types
    """Have the login bound to the channel over TLS, as a host with CbtHardeningLevel=Strict wants it.

    The certificate is taken from the host's first answer, so nothing is sent before it. Without TLS there is
    nothing to bind to. In both cases it is said why there is no token; pywinrm would keep that to itself.
    """
    from winrm.vendor.requests_kerberos.exceptions import (  # noqa: PLC0415 - there is none without pykerberos
        KerberosExchangeError,
    )

    login.force_preemptive = not tls
    login.cbt_binding_tried = not tls
    plain = login.generate_request_header

    def outspoken(*arguments: object, **options: object) -> object:
        try:
            return plain(*arguments, **options)
        except KerberosExchangeError as error:
            raise NoLogin(str(error)) from error

    login.generate_request_header = outspoken
