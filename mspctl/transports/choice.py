"""Which transport a host is reached by. Everything of a client stays with that client's own objects."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mspctl.errors import ConfigurationError, MspctlError, Problem
from mspctl.model.failure import Failure
from mspctl.model.inventory import ConnectionKind, Host
from mspctl.ports import Link, SecretSource
from mspctl.transports.reasons import unreachable
from mspctl.transports.trust import KnownHosts

if TYPE_CHECKING:
    from mspctl.transports.local import LocalTransport
    from mspctl.transports.ssh.transport import SshTransport
    from mspctl.transports.winrm.transport import WinrmTransport


@dataclass(frozen=True, slots=True)
class ClientDoors:
    """What belongs to one client alone: secrets, pinned host keys, hosts by name (for gateways)."""

    secrets: SecretSource
    known_hosts: KnownHosts
    find_host: Callable[[str], Host | None]


def _of(keys: list[str]) -> str:
    """Whose a problem is: a key that is wrong is often wrong for a whole client."""
    more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
    return f"{keys[0]}{more}"


class TransportSet:
    """A Transport (mspctl.ports) for the hosts of all clients.

    `doors` is asked once per client, on first use; `user` is the login name of who runs mspctl, for
    `connection: local`. Safe to share between threads.
    """

    def __init__(self, doors: Callable[[str], ClientDoors], user: str) -> None:
        self._doors = doors
        self._user = user
        self._lock = threading.Lock()
        self._made: dict[tuple[str, ConnectionKind], LocalTransport | SshTransport | WinrmTransport] = {}

    def connect(self, host: Host) -> Link | Failure:
        try:
            transport = self._transport(host)
        except MspctlError as error:
            return unreachable("known-hosts", str(error.problems[0]), error.problems[0].hint)
        return transport.connect(host)

    def prepare(self, hosts: Iterable[Host]) -> None:
        """Read the keys and passwords of `hosts` before any of them is touched.

        Raises:
            ConfigurationError: one or more secrets cannot be had; all of them are named, each with its hosts.
        """
        problems: dict[Problem, list[str]] = {}
        for host in hosts:
            try:
                self._transport(host).prepare(host)
            except MspctlError as error:
                for problem in error.problems:
                    problems.setdefault(problem, []).append(host.key)
        if problems:
            raise ConfigurationError.of(
                tuple(replace(problem, path=problem.path or _of(keys)) for problem, keys in problems.items())
            )

    def _transport(self, host: Host) -> "LocalTransport | SshTransport | WinrmTransport":
        key = (host.client, host.access.connection)
        with self._lock:
            if key not in self._made:
                self._made[key] = self._make(*key)
            return self._made[key]

    def _make(self, client: str, kind: ConnectionKind) -> "LocalTransport | SshTransport | WinrmTransport":
        doors = self._doors(client)
        if kind is ConnectionKind.LOCAL:
            from mspctl.transports.local import LocalTransport  # noqa: PLC0415

            return LocalTransport(secrets=doors.secrets, user=self._user)
        if kind is ConnectionKind.WINRM:
            from mspctl.transports.winrm.transport import WinrmTransport  # noqa: PLC0415

            return WinrmTransport(secrets=doors.secrets, known_hosts=doors.known_hosts)
        # paramiko takes a fifth of a second to import: only runs that need SSH pay for it
        from mspctl.transports.ssh.transport import SshTransport  # noqa: PLC0415

        return SshTransport(secrets=doors.secrets, known_hosts=doors.known_hosts, find_host=doors.find_host)
