"""What the hosts of a client show against what is pinned: the work of `mspctl trust`, without a terminal."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mspctl.errors import MspctlError
from mspctl.model.failure import Failure
from mspctl.model.inventory import ConnectionKind, Host
from mspctl.transports.reasons import unreachable
from mspctl.transports.ssh.route import FindHost, route_to
from mspctl.transports.ssh.transport import SshTransport
from mspctl.transports.trust import KnownHosts, Pin, PublicKey, Verdict, pin_keys

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Sighting:
    """The keys that one host shows now, and what is pinned for it; or why no key could be seen."""

    host: Host
    address: str
    port: int
    keys: tuple[PublicKey, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    pinned: tuple[Pin, ...] = ()
    failure: Failure | None = None
    vouched: bool = False
    """A pinned authority vouches for the key by a certificate."""

    @property
    def verdict(self) -> Verdict | None:
        """What to say of the host; None without a key.

        A key that was never pinned is no change as long as a pinned one is shown. A host that shows another
        key of a pinned type, or none of the pinned types, has changed.
        """
        if not self.verdicts:
            return None
        if Verdict.REVOKED in self.verdicts:
            return Verdict.REVOKED
        if self.vouched:
            return Verdict.KNOWN
        kinds = {pin.kind for pin in self.pinned}
        pairs = zip(self.keys, self.verdicts, strict=True)
        if any(verdict is Verdict.CHANGED and key.get_name() in kinds for key, verdict in pairs):
            return Verdict.CHANGED
        return Verdict.KNOWN if Verdict.KNOWN in self.verdicts else self.verdicts[0]


def survey(
    transport: SshTransport, known: KnownHosts, hosts: Iterable[Host], find: FindHost
) -> list[Sighting]:
    """Look at the keys of all `hosts` (those reached by SSH), several at once, in their order."""
    wanted = [host for host in hosts if host.access.connection is ConnectionKind.SSH]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="trust") as pool:
        return list(pool.map(lambda host: _look(transport, known, host, find), wanted))


def pin(path: Path, sightings: Sequence[Sighting], *, replace: bool) -> None:
    """Write the keys that were seen into the client's file.

    Raises:
        ConfigurationError: the file cannot be read or written.
    """
    for seen in sightings:
        pin_keys(path, seen.address, seen.port, seen.keys, replace=replace)


def _look(transport: SshTransport, known: KnownHosts, host: Host, find: FindHost) -> Sighting:
    try:
        end = route_to(host, find)[-1]
        found = transport.host_keys(host)
        vouched = bool(known.authorities(end.address, end.port)) and transport.vouched(host) is None
    except MspctlError as error:
        problem = error.problems[0]
        return Sighting(
            host, host.access.address, host.access.port, failure=unreachable("secret", str(problem))
        )
    pinned = known.pinned(end.address, end.port)
    if isinstance(found, Failure):
        return Sighting(host, end.address, end.port, pinned=pinned, failure=found)
    verdicts = tuple(known.check(end.address, end.port, key) for key in found)
    return Sighting(host, end.address, end.port, found, verdicts, pinned, vouched=vouched)
