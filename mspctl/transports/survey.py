"""What the hosts of a client show against what is pinned: the work of `mspctl trust`, without a terminal."""

import ssl
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mspctl.errors import MspctlError
from mspctl.model.failure import Failure
from mspctl.model.inventory import ConnectionKind, Host, Scheme
from mspctl.ports import SecretSource
from mspctl.transports.reasons import unreachable
from mspctl.transports.ssh.route import FindHost, route_to
from mspctl.transports.ssh.transport import SshTransport
from mspctl.transports.trust import KnownHosts, Pin, PublicKey, Verdict, pin_keys
from mspctl.transports.winrm.certificate import TlsTrust, shown_certificate

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
    """An authority vouches for the key, or the inventory itself does."""

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


@dataclass(frozen=True, slots=True)
class Eyes:
    """What hosts of one client are looked at with."""

    transport: SshTransport
    known: KnownHosts
    secrets: SecretSource
    find: FindHost


def survey(eyes: Eyes, hosts: Iterable[Host]) -> list[Sighting]:
    """Look at the keys of all `hosts` (SSH, and WinRM over TLS), several at once, in their order."""
    wanted = [(host, look) for host in hosts if (look := _way_to_look(host)) is not None]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="trust") as pool:
        return list(pool.map(lambda each: each[1](eyes, each[0]), wanted))


def _way_to_look(host: Host) -> Callable[[Eyes, Host], Sighting] | None:
    """Over HTTP the login seals the messages: there is no certificate to be pinned."""
    if host.access.connection is ConnectionKind.SSH:
        return _look
    over_tls = host.access.connection is ConnectionKind.WINRM and host.access.scheme is Scheme.HTTPS
    return _look_at_certificate if over_tls else None


def pin(path: Path, sightings: Sequence[Sighting], *, replace: bool) -> None:
    """Write the keys that were seen into the client's file.

    Raises:
        ConfigurationError: the file cannot be read or written.
    """
    for seen in sightings:
        pin_keys(path, seen.address, seen.port, seen.keys, replace=replace)


def _look(eyes: Eyes, host: Host) -> Sighting:
    known, transport = eyes.known, eyes.transport
    try:
        end = route_to(host, eyes.find)[-1]
        found = transport.host_keys(host)
        vouched = bool(known.authorities(end.address, end.port)) and transport.vouched(host) is None
    except MspctlError as error:
        return _unseen(host, error)
    pinned = known.pinned(end.address, end.port)
    if isinstance(found, Failure):
        return Sighting(host, end.address, end.port, pinned=pinned, failure=found)
    verdicts = tuple(known.check(end.address, end.port, key) for key in found)
    return Sighting(host, end.address, end.port, found, verdicts, pinned, vouched=vouched)


def _look_at_certificate(eyes: Eyes, host: Host) -> Sighting:
    access, trust = host.access, TlsTrust(host, eyes.known)
    place = (host, access.address, access.port)
    found = shown_certificate(access)
    if isinstance(found, Failure):
        return Sighting(*place, pinned=trust.pins, failure=found)
    named = access.tls_fingerprint is not None or access.tls_ca is not None
    try:
        refused = trust.judge(found.der) if trust.pinned else _unsigned(eyes, host)
    except MspctlError as error:
        return _unseen(host, error)
    if refused is not None and named:
        # What the inventory says can be changed there alone: no pin would help.
        return Sighting(*place, failure=refused)
    verdict = eyes.known.check(access.address, access.port, found)
    vouched = refused is None and (named or not trust.pinned)
    return Sighting(*place, (found,), (verdict,), trust.pins, vouched=vouched)


def _unsigned(eyes: Eyes, host: Host) -> Failure | None:
    """Why no authority vouches for the host. Raises MspctlError: the one in the inventory cannot be had."""
    found = shown_certificate(host.access, _by_authority(eyes, host))
    return found if isinstance(found, Failure) else None


def _by_authority(eyes: Eyes, host: Host) -> ssl.SSLContext:
    if host.access.tls_ca is None:
        return ssl.create_default_context()
    return ssl.create_default_context(cadata=eyes.secrets.resolve(host.access.tls_ca).reveal_text())


def _unseen(host: Host, error: MspctlError) -> Sighting:
    failure = unreachable("secret", str(error.problems[0]))
    return Sighting(host, host.access.address, host.access.port, failure=failure)
