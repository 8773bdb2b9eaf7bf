"""A Transport (mspctl.ports) over WinRM for the hosts of one client."""

import os
from contextlib import ExitStack
from dataclasses import replace

from winrm.exceptions import WinRMError

from mspctl.errors import MspctlError
from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, Host, WinrmAuth
from mspctl.model.secret import SecretRef
from mspctl.ports import SecretSource
from mspctl.transports.powershell import command_line
from mspctl.transports.reasons import unreachable
from mspctl.transports.winrm.faults import explain
from mspctl.transports.winrm.link import WinrmLink
from mspctl.transports.winrm.service import Credentials
from mspctl.transports.winrm.session import Session


class WinrmTransport:
    """Makes links with one client's secrets. One object serves many threads."""

    def __init__(self, *, secrets: SecretSource) -> None:
        self._secrets = secrets
        self._command = command_line()

    def connect(self, host: Host) -> WinrmLink | Failure:
        access = host.access
        if access.auth is not WinrmAuth.CERTIFICATE and not access.user:
            return unreachable(
                "auth", f"no user is named for {access.address}", "set `user` in the inventory"
            )
        opened = self._session(access)
        if isinstance(opened, Failure):
            return opened
        within = access.deadlines.auth
        return WinrmLink(opened, self._command, within, lambda: self._session(access))

    def prepare(self, host: Host) -> None:
        """Read the secrets of a host before anything is touched.

        Raises:
            SecretError: one of them cannot be had.
        """
        for ref in _secrets_of(host.access):
            self._secrets.resolve(ref)

    def _session(self, access: Access) -> Session | Failure:
        with ExitStack() as files:
            try:
                session = Session(access, self._credentials(access, files))
            except MspctlError as error:
                return unreachable("secret", error.problems[0].problem, error.problems[0].hint)
            except WinRMError as error:
                return explain(error, access.address)
            failure = session.open(access.deadlines.connect + access.deadlines.auth)
            if failure is None:
                session.keep(files.pop_all())
                return session
            session.close()
            return _maybe_unwelcome(failure) if access.auth is WinrmAuth.CERTIFICATE else failure

    def _credentials(self, access: Access, files: ExitStack) -> Credentials:
        password = self._secrets.resolve(access.password).reveal_text() if access.password else ""
        certificate, key, authority = (
            self._file(ref, files)
            for ref in (access.certificate, access.identity if access.certificate else None, access.tls_ca)
        )
        return Credentials(password, certificate, key, authority)

    def _file(self, ref: SecretRef | None, files: ExitStack) -> str:
        """A file in memory alone for OpenSSL, which reads nothing but files."""
        if ref is None:
            return ""
        number = os.memfd_create("mspctl")
        files.callback(os.close, number)
        os.write(number, self._secrets.resolve(ref).reveal())
        return f"/proc/self/fd/{number}"


def _secrets_of(access: Access) -> tuple[SecretRef, ...]:
    key = access.identity if access.certificate else None
    found = (access.password, access.certificate, key, access.tls_ca)
    return tuple(ref for ref in found if ref is not None)


def _maybe_unwelcome(failure: Failure) -> Failure:
    """With TLS 1.3 a host refuses a certificate after the handshake: mostly it just hangs up."""
    if failure.reason not in {"tls", "dropped"}:
        return failure
    doubt = "or does the host not know the certificate of the login (its CA, its certmapping)?"
    return replace(failure, remedy=f"{failure.remedy}; {doubt}")
