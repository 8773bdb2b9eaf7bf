"""What went wrong, told by the exception that it came as: each with its own reason and remedy."""

import re
from collections.abc import Callable, Mapping

import requests
import urllib3
from spnego.exceptions import SpnegoError
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMError,
    WinRMTransportError,
    WSManFaultError,
)

from mspctl.model.failure import Failure
from mspctl.transports.reasons import NOT_ADMINISTRATOR, failed, safe, unreachable, unsupported
from mspctl.transports.winrm import kerberos
from mspctl.transports.winrm.answers import BadAnswer
from mspctl.transports.winrm.wire import NotDialled

ACCESS_DENIED = 5
SHELL_GONE = 2150858843
MAX_SHELLS = 2150859173
MAX_OPERATIONS = 2150859174
MAX_COMMANDS = 2150859241
QUOTAS = frozenset({MAX_SHELLS, MAX_OPERATIONS, MAX_COMMANDS})
_ALERT = re.compile(r"alert[ _](certificate|unknown[ _]ca|bad[ _]cert)", re.IGNORECASE)
"""The other side's word on a certificate of ours."""
_LOGIN = (
    "user and password right, account not locked? Is that kind of login switched on "
    "(winrm get winrm/config/service/auth), and unencrypted traffic not needed?"
)
_CREDSSP = frozenset({"AuthenticationException", "NTStatusException"})
"""What requests-credssp raises; it need not be installed, so by name."""
_BAD_ANSWERS: Mapping[str, str] = {
    "proxy-page": "a proxy or a captive portal answers in the host's place: is the way to port 5986 free?",
    "redirected": "nothing was sent there; does a proxy or another web server hold the port?",
    "not-winrm": "does WinRM listen on that port (winrm enumerate winrm/config/listener)?",
    "hostile-answer": "do not trust whatever answers there",
    "max-answer": "do not trust whatever answers there; MaxEnvelopeSizekb is 500 by default",
}


_ANY_STATUS = ("winrm", "answers with an error", "does WinRM listen there, or another service?")
_NO_WAY = "a proxy stands between here and the host: is the way to that port free?"
_STATUSES: Mapping[int, tuple[str, str, str]] = {
    403: (
        "forbidden",
        "forbids it",
        "is this computer let in (IPv4Filter in winrm/config/service), or does a proxy forbid it?",
    ),
    404: ("not-winrm", "knows no /wsman", _BAD_ANSWERS["not-winrm"]),
    407: ("proxy-page", "wants a login at a proxy", _NO_WAY),
    413: ("winrm", "takes no message of that size", "is MaxEnvelopeSizekb below 150 in winrm/config?"),
    500: (
        "server-error",
        "failed without a fault",
        "is WinRM overloaded (MaxMemoryPerShellMB), or does it demand encrypted messages?",
    ),
    502: ("proxy-page", "was not reached by a proxy", _NO_WAY),
    503: ("server-error", "has no service behind its port", "is the service WinRM running there?"),
    504: ("proxy-page", "was not reached by a proxy in time", _NO_WAY),
}


def explain(error: Exception, where: str) -> Failure:
    """The failure of one exchange with `where` (address and port)."""
    if kerberos.speaks(error):
        return kerberos.explain(error, where)
    if isinstance(error, SpnegoError) or type(error).__name__ in _CREDSSP:
        return unreachable("auth", f"{where}: {safe(str(error))}", _LOGIN)
    for kinds, tell in _KINDS:
        if isinstance(error, kinds):
            return tell(error, where)
    return unreachable("winrm", f"{where}: {type(error).__name__}: {safe(str(error))}")


def fault_code(error: Exception) -> int | None:
    """The number of a WS-Management fault."""
    return error.wsman_fault_code if isinstance(error, WSManFaultError) else None


def quota(where: str, said: str) -> Failure:
    """The host gives this user no more shells, commands or operations."""
    return failed(
        "quota",
        f"{where}: {said}",
        "close left-behind shells (winrm enumerate shell), or raise MaxShellsPerUser and "
        "MaxConcurrentOperationsPerUser in winrm/config",
    )


def _dialled(error: NotDialled, _where: str) -> Failure:
    failure = error.failure
    if failure.reason != "refused":
        return failure
    remedy = "does WinRM listen there (winrm quickconfig -transport:https), on this port?"
    return unreachable(failure.reason, failure.detail, remedy)


def _answer(error: BadAnswer, where: str) -> Failure:
    return unreachable(error.reason, f"{where}: {safe(error.seen)}", _BAD_ANSWERS[error.reason])


def _dropped(error: Exception, where: str) -> Failure:
    detail = f"{where}: {safe(_innermost(error))}"
    return unreachable("dropped", detail, "did the host go down, or a firewall cut the connection?")


def _nonsense(error: Exception, where: str) -> Failure:
    detail = f"{where}: an answer that is none of WinRM's: {safe(str(error))}"
    return unreachable("not-winrm", detail, _BAD_ANSWERS["not-winrm"])


def _refused(_error: Exception, where: str) -> Failure:
    return unreachable("auth", f"{where} refused the login (401)", _LOGIN)


def _fault(error: WSManFaultError, where: str) -> Failure:
    code = fault_code(error)
    said = safe(error.reason)
    if code in QUOTAS:
        return quota(where, said)
    if code == ACCESS_DENIED:
        return failed(
            "privilege",
            f"{where}: access denied: {said}",
            NOT_ADMINISTRATOR,
        )
    if code == SHELL_GONE:
        return unreachable(
            "shell-gone", f"{where}: {said}", "was the shell closed on the host, or WinRM restarted?"
        )
    return unreachable("winrm-fault", f"{where}: fault {code}: {said}", "winrm helpmsg explains the number")


def _status(error: WinRMTransportError, where: str) -> Failure:
    reason, said, remedy = _STATUSES.get(int(error.code), _ANY_STATUS)
    return unreachable(reason, f"{where} {said} (HTTP status {error.code})", remedy)


def _tls(error: Exception, where: str) -> Failure:
    said = safe(_innermost(error))
    if _ALERT.search(said):
        remedy = "is it mapped to an account there (winrm enumerate winrm/config/service/certmapping)?"
        return unreachable("auth", f"{where} refused the login's certificate: {said}", remedy)
    remedy = "name the authority of its certificate in the inventory (tls_ca), or compare and pin it"
    return unreachable("tls", f"{where}: {said}", remedy)


def _library(error: Exception, where: str) -> Failure:
    said = safe(str(error))
    if "not installed" in said:
        return unsupported(
            said, "install mspctl with the extra of that name: mspctl[kerberos], mspctl[credssp]"
        )
    return unreachable("winrm", f"{where}: {said}")


def _innermost(error: BaseException) -> str:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return str(error)


_KINDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Callable[..., Failure]], ...] = (
    (NotDialled, _dialled),
    (BadAnswer, _answer),
    (InvalidCredentialsError, _refused),
    (WSManFaultError, _fault),
    (WinRMTransportError, _status),
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError), _tls),
    # requests' errors are OSErrors, and some of them ValueErrors, too: the order counts
    ((requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError), _dropped),
    (WinRMError, _library),
    ((ValueError, StopIteration, KeyError, AssertionError, TypeError, SyntaxError), _nonsense),
)
"""From the particular to the general: how each kind of exception is told."""
