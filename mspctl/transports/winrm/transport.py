"""A Transport (mspctl.ports) over WinRM for the hosts of one client."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from winrm.exceptions import WinRMError
from winrm.protocol import Protocol

from mspctl.errors import MspctlError
from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, Host, WinrmAuth
from mspctl.model.secret import SecretRef
from mspctl.ports import SecretSource
from mspctl.transports.powershell import command_line
from mspctl.transports.reasons import unreachable
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.certificate import TlsTrust
from mspctl.transports.winrm.channel import LONGEST_POLL
from mspctl.transports.winrm.faults import explain
from mspctl.transports.winrm.link import WinrmLink
from mspctl.transports.winrm.orphans import Orphans
from mspctl.transports.winrm.service import Credentials
from mspctl.transports.winrm.session import CLOSING, Session

_REFUSED = frozenset({"shell-gone", "winrm-fault"})
"""Reasons by which a host declines to close a shell; the conversation with it goes on."""


class WinrmTransport:
    """Makes links with one client's secrets and pinned certificates. One object serves many threads.

    `poll_within` (seconds) ends a poll that the host neither answers nor times out.
    """

    def __init__(
        self, *, secrets: SecretSource, known_hosts: KnownHosts, poll_within: float = LONGEST_POLL
    ) -> None:
        self._secrets = secrets
        self._known = known_hosts
        self._command = command_line()
        self._orphans = Orphans()
        self._poll_within = poll_within

    def connect(self, host: Host) -> WinrmLink | Failure:
        access = host.access
        if access.auth is not WinrmAuth.CERTIFICATE and not access.user:
            return unreachable(
                "auth", f"no user is named for {access.address}", "set `user` in the inventory"
            )
        opened = self._session(host)
        if isinstance(opened, Failure):
            return opened
        within = access.deadlines.auth
        return WinrmLink(
            opened,
            self._command,
            within,
            self._poll_within,
            renew=lambda: self._session(host),
            abandon=lambda shell: self._orphans.add(host.key, shell),
            sweep=lambda: self._sweep(host),
        )

    def prepare(self, host: Host) -> None:
        """Read the secrets of a host before anything is touched.

        Raises:
            SecretError: one of them cannot be had.
        """
        for ref in _secrets_of(host.access):
            self._secrets.resolve(ref)

    def _session(self, host: Host) -> Session | Failure:
        access = host.access
        with ExitStack() as files:
            session = self._conversation(host, files)
            if isinstance(session, Failure):
                return session
            within = access.deadlines.connect + access.deadlines.auth
            failure = self._tidy(session, host, within) or session.open(within)
            if failure is None:
                session.keep(files.pop_all())
                return session
            session.close()
            return _told_more(failure, host)

    def _conversation(self, host: Host, files: ExitStack) -> Session | Failure:
        """Without a shell; nothing was sent yet."""
        access = host.access
        try:
            return Session(access, self._credentials(access, files), TlsTrust(host, self._known))
        except MspctlError as error:
            return unreachable("secret", error.problems[0].problem, error.problems[0].hint)
        except WinRMError as error:
            return explain(error, access.address)

    def _sweep(self, host: Host) -> None:
        """Close the shells that were left behind on the host; each has CLOSING seconds."""
        with ExitStack() as files:
            session = self._conversation(host, files)
            if not isinstance(session, Failure):
                self._tidy(session, host, CLOSING)
                session.keep(files.pop_all())
                session.close()

    def _tidy(self, session: Session, host: Host, within: float) -> Failure | None:
        """Close what earlier links have left behind: shells count against the quota of the user."""
        left = self._orphans.take(host.key)
        for shell in left:
            closed = session.ask(_closing(shell), within, "timeout-auth")
            if isinstance(closed, Failure) and closed.reason not in _REFUSED:
                for each in left:
                    self._orphans.add(host.key, each)
                return closed
            session.broken = False
        return None

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


def _closing(shell: str) -> Callable[[Protocol], None]:
    return lambda asked: asked.close_shell(shell, close_session=False)


def _secrets_of(access: Access) -> tuple[SecretRef, ...]:
    key = access.identity if access.certificate else None
    found = (access.password, access.certificate, key, access.tls_ca)
    return tuple(ref for ref in found if ref is not None)


def _told_more(failure: Failure, host: Host) -> Failure:
    """With TLS 1.3 a host refuses a certificate after the handshake: mostly it just hangs up."""
    remedy = failure.remedy
    if failure.reason == "tls":
        remedy += f": mspctl trust --client {host.client} {host.name}"
    if failure.reason in {"tls", "dropped"} and host.access.auth is WinrmAuth.CERTIFICATE:
        remedy += "; or does the host not know the certificate of the login (its CA, its certmapping)?"
    return replace(failure, remedy=remedy)
