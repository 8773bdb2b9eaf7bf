"""The keys that new hosts show, against what is pinned and what somebody has compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mspctl.model.inventory import Host
from mspctl.parse.approvals import Approvals
from mspctl.transports.ssh.transport import SshTransport
from mspctl.transports.survey import Eyes, Sighting, survey
from mspctl.transports.trust import KnownHosts, PublicKey, Verdict, fingerprint, pin_keys
from mspctl.wiring.app import App


@dataclass(frozen=True, slots=True)
class Judged:
    """What one host shows. `approved` are those of its keys that somebody has compared.

    `denied`: somebody has named other keys for this host than the ones that it shows.
    """

    sighting: Sighting
    approved: tuple[PublicKey, ...] = ()
    denied: bool = False

    @property
    def trusted(self) -> bool:
        """Pinned already, or vouched for."""
        return self.sighting.verdict is Verdict.KNOWN

    @property
    def open(self) -> bool:
        """True if only somebody's approval is missing."""
        return self.sighting.verdict is Verdict.UNKNOWN and not self.denied and not self.approved


def look_at_keys(app: App, client: str, hosts: Sequence[Host], compared: Approvals) -> tuple[Judged, ...]:
    """Look at the keys of these hosts, without a login. Raises ConfigurationError: wrong pins."""
    by_name = {host.name: host for host in hosts}
    known = KnownHosts.read(client, app.known_hosts(client))
    transport = SshTransport(secrets=app.secrets, known_hosts=known, find_host=by_name.get)
    seen = survey(Eyes(transport, known, app.secrets, by_name.get), hosts)
    return tuple(_judged(each, compared) for each in seen)


def _judged(seen: Sighting, compared: Approvals) -> Judged:
    if seen.verdict is not Verdict.UNKNOWN:
        return Judged(seen)
    approved = tuple(
        key
        for key in seen.keys
        if compared.approves(seen.address, seen.port, fingerprint(key.asbytes(), key.get_name()))
    )
    named = bool(compared.of(seen.address, seen.port))
    return Judged(seen, approved, denied=named and not approved)


def pin_approved(app: App, client: str, judged: Iterable[tuple[Judged, Sequence[PublicKey]]]) -> None:
    """Pin these keys of these hosts, each with a line in the audit log. Raises ConfigurationError."""
    for each, keys in judged:
        seen = each.sighting
        pin_keys(app.known_hosts(client), seen.address, seen.port, keys, replace=False)
        told = " ".join(fingerprint(key.asbytes(), key.get_name()) for key in keys)
        app.audited("host-key-pinned", {"host": f"{client}/{seen.address}", "keys": told, "instead_of": ""})
