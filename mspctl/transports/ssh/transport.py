"""A Transport (mspctl.ports) over SSH for the hosts of one client."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from mspctl.errors import MspctlError
from mspctl.model.failure import Failure
from mspctl.model.inventory import BecomeMethod, Host
from mspctl.model.secret import Secret
from mspctl.ports import SecretSource
from mspctl.transports.deadline import Deadline
from mspctl.transports.reasons import through, unreachable
from mspctl.transports.ssh.endpoint import Endpoint
from mspctl.transports.ssh.handshake import negotiate, shake_hands
from mspctl.transports.ssh.keys import KeyRing
from mspctl.transports.ssh.link import SshLink
from mspctl.transports.ssh.login import log_in
from mspctl.transports.ssh.route import FindHost, route_to
from mspctl.transports.ssh.stream import open_stream
from mspctl.transports.ssh.wire import Stream, Wire
from mspctl.transports.trust import KnownHosts, PublicKey

T = TypeVar("T")
Handshake = Callable[[Stream], Wire | Failure]
_FIRST_PAUSE = 0.2
KEY_TYPES = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
"""The families of host keys, each asked for by itself."""


class SshTransport:
    """Makes links to one client's hosts with that client's keys, secrets and known hosts, and no other's.

    `find_host` looks up a host of the same client by name, for gateways. One object serves many threads.
    """

    def __init__(self, *, secrets: SecretSource, known_hosts: KnownHosts, find_host: FindHost) -> None:
        self._known = known_hosts
        self._find = find_host
        self._ring = KeyRing(secrets)

    def connect(self, host: Host) -> SshLink | Failure:
        try:
            route = route_to(host, self._find)
            password = self._become_password(host)
        except MspctlError as error:
            return unreachable("secret", error.problems[0].problem, error.problems[0].hint)
        end = route[-1]
        wire, below = self._travel(route)
        if isinstance(wire, Failure):
            return wire
        return SshLink(wire, host.access, end.user, password, below, windows=host.windows)

    def prepare(self, host: Host) -> None:
        """Read the keys and passwords of a host and of its gateways before anything is touched.

        Raises:
            SecretError: one of them cannot be had.
            ConfigurationError: the way to the host cannot be read.
        """
        for hop in route_to(host, self._find):
            if hop.identity is not None:
                self._ring.key(hop.identity, hop.identity_passphrase)
            if hop.password is not None:
                self._ring.secret(hop.password)
        if host.access.become_password is not None:
            self._ring.secret(host.access.become_password)

    def host_keys(self, host: Host) -> tuple[PublicKey, ...] | Failure:
        """All keys that a host shows, one connection per type; nothing is sent but what comes before a login.

        The gateways on the way must be trusted already, for they are logged in to.

        Raises:
            MspctlError: a secret for a gateway cannot be had, or the way cannot be read.
        """
        return self._at_the_door(host, self._shown_keys)

    def vouched(self, host: Host) -> Failure | None:
        """None if what the host shows is trusted already; a pinned authority may vouch for it. No login.

        Raises:
            MspctlError: as `host_keys`.
        """
        return self._at_the_door(host, self._verified)

    def _at_the_door(self, host: Host, look: Callable[[Endpoint, Wire | None], T]) -> T | Failure:
        """Go through the gateways to a host, and `look` at it without logging in to it."""
        *gateways, end = route_to(host, self._find)
        if not gateways:
            return look(end, None)
        wire, below = self._travel(tuple(gateways))
        if isinstance(wire, Failure):
            return wire if wire.reason == "jump" else through(gateways[-1].name, wire)
        try:
            return look(end, wire)
        finally:
            for part in (wire, *below):
                part.close()

    def _verified(self, endpoint: Endpoint, gateway: Wire | None) -> Failure | None:
        wire = self._greet(endpoint, gateway, lambda stream: shake_hands(stream, endpoint, self._known))
        if isinstance(wire, Failure):
            return wire
        wire.close()
        return None

    def _shown_keys(self, endpoint: Endpoint, gateway: Wire | None) -> tuple[PublicKey, ...] | Failure:
        found: list[PublicKey] = []
        failure = unreachable("kex", "no host key was shown")
        for kinds in KEY_TYPES:
            wire = self._greet(endpoint, gateway, _asking_for(endpoint, kinds))
            if not isinstance(wire, Failure):
                found.append(wire.get_remote_server_key())
                wire.close()
            elif wire.reason != "kex":
                # A key that was not seen might be the pinned one: half an answer would look like a change.
                return wire
            else:
                failure = wire
        return tuple(found) or failure

    def _become_password(self, host: Host) -> Secret | None:
        access = host.access
        if access.become is not BecomeMethod.SUDO or access.become_password is None:
            return None
        return self._ring.secret(access.become_password)

    def _travel(self, route: tuple[Endpoint, ...]) -> tuple[Wire | Failure, tuple[Wire, ...]]:
        """Go from hop to hop; the last one is the host. On Failure nothing stays open."""
        gateways: list[Wire] = []
        for position, endpoint in enumerate(route):
            wire = self._hop(endpoint, gateways[-1] if gateways else None)
            if isinstance(wire, Failure):
                for gateway in reversed(gateways):
                    gateway.close()
                last = position == len(route) - 1
                return wire if last or wire.reason == "jump" else through(endpoint.name, wire), ()
            gateways.append(wire)
        return gateways.pop(), tuple(reversed(gateways))

    def _hop(self, endpoint: Endpoint, gateway: Wire | None) -> Wire | Failure:
        wire = self._greet(endpoint, gateway, lambda stream: shake_hands(stream, endpoint, self._known))
        if isinstance(wire, Failure):
            return wire
        failure = log_in(wire, endpoint, self._ring)
        if failure is not None:
            wire.close()
            return failure
        return wire

    def _greet(self, endpoint: Endpoint, gateway: Wire | None, shake: Handshake) -> Wire | Failure:
        """Connect and shake hands; a full server (MaxStartups) is asked again within the time to connect."""
        deadline, pause = Deadline(endpoint.deadlines.connect), _FIRST_PAUSE
        while True:
            stream = open_stream(endpoint, gateway, deadline)
            wire = stream if isinstance(stream, Failure) else shake(stream)
            if not isinstance(wire, Failure) or wire.reason != "closed-early":
                return wire
            rest = pause * (0.5 + random.random())  # noqa: S311 - spreads load, hides nothing
            if rest >= deadline.left:
                return wire
            time.sleep(rest)
            pause *= 2


def _asking_for(endpoint: Endpoint, kinds: tuple[str, ...]) -> Handshake:
    return lambda stream: negotiate(stream, endpoint, kinds, only=True)
