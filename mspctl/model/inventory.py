"""Clients, their sites and their hosts, with every setting resolved: what the rest of mspctl works on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from mspctl.model.backup import NO_BACKUP, BackupPolicy
from mspctl.model.calendar import ALWAYS_OPEN, Calendar
from mspctl.model.patching import NO_DEPENDENCIES, NO_POLICY, Dependencies, PatchPolicy
from mspctl.model.place import Place
from mspctl.model.secret import SecretRef
from mspctl.model.security import NO_SECURITY, SecurityPolicy
from mspctl.model.value import Value, no_values

if TYPE_CHECKING:  # prices are for few commands; every command pays for this module
    from mspctl.model.contract import Contract
    from mspctl.model.invoicing import Buyer, Seller
    from mspctl.model.mailing import Mailing, MailServer
    from mspctl.model.monitoring import Monitoring
    from mspctl.model.schedule import Schedule
    from mspctl.model.ticketing import TicketSystem


class ConnectionKind(StrEnum):
    """How a host is reached."""

    SSH = "ssh"
    WINRM = "winrm"
    LOCAL = "local"


class BecomeMethod(StrEnum):
    """How the bundle gets its privileges on the host."""

    NONE = "none"
    SUDO = "sudo"
    DOAS = "doas"


class WinrmAuth(StrEnum):
    """How a login over WinRM is made; `certificate` uses `identity` as its key."""

    NTLM = "ntlm"
    KERBEROS = "kerberos"
    BASIC = "basic"
    CERTIFICATE = "certificate"
    CREDSSP = "credssp"


class Scheme(StrEnum):
    """What WinRM runs over: TLS, or plain HTTP whose messages are encrypted by NTLM, Kerberos or CredSSP."""

    HTTPS = "https"
    HTTP = "http"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Time limits in seconds; each one ends what it guards, whatever the other side does."""

    connect: float = 10.0
    banner: float = 10.0
    auth: float = 20.0
    step: float = 600.0
    run: float = 3600.0
    reboot: float = 600.0
    lock_wait: float = 60.0
    keepalive: float = 15.0


@dataclass(frozen=True, slots=True)
class Access:
    """How to log in to a host and become root there; secrets are references, resolved before the run."""

    connection: ConnectionKind = ConnectionKind.SSH
    address: str = ""
    port: int = 22
    user: str = ""
    identity: SecretRef | None = None
    identity_passphrase: SecretRef | None = None
    password: SecretRef | None = None
    agent: bool = False
    become: BecomeMethod = BecomeMethod.NONE
    become_user: str = "root"
    become_password: SecretRef | None = None
    gateway: str | None = None
    """ProxyJump syntax (`user@host:port`, comma-separated chain) or the name of a host in the same client."""
    ssh_config: str | None = None
    legacy_algorithms: tuple[str, ...] = ()
    """SSH algorithms that this host needs although they are refused by default; shown in reports."""
    auth: WinrmAuth = WinrmAuth.NTLM
    scheme: Scheme = Scheme.HTTPS
    tls_fingerprint: str | None = None
    """SHA-256 of the one certificate that a Windows host may show, in hex; no authority is asked then."""
    tls_ca: SecretRef | None = None
    """The authority that signed the certificate of a Windows host, PEM; None: those of this machine."""
    certificate: SecretRef | None = None
    """The certificate of the login, PEM, for `auth: certificate`."""
    deadlines: Deadlines = field(default_factory=Deadlines)


@dataclass(frozen=True, slots=True)
class Host:
    """One computer of one client. `name` is unique within the client, (client, name) overall."""

    client: str
    site: str
    name: str
    access: Access
    os: str | None = None
    tags: frozenset[str] = frozenset()
    criticality: str = "server"
    variables: Mapping[str, Value] = field(default_factory=no_values)
    place: Place | None = None
    shared: bool = False
    """The same computer may belong to several clients: somebody has said so."""
    patching: PatchPolicy = NO_POLICY
    calendar: Calendar = ALWAYS_OPEN
    dependencies: Dependencies = NO_DEPENDENCIES
    backup: BackupPolicy = NO_BACKUP
    security: SecurityPolicy = NO_SECURITY
    since: date | None = None
    """Its first day, if somebody wrote it down; for fees only."""

    @property
    def key(self) -> str:
        """`client/name`: how a host is called in logs and events."""
        return f"{self.client}/{self.name}"

    @property
    def windows(self) -> bool:
        """True if its bundle is PowerShell: `os` says so, or it is reached by WinRM."""
        return self.access.connection is ConnectionKind.WINRM or (self.os or "").startswith("windows")


@dataclass(frozen=True, slots=True)
class FormerHost:
    """A computer that was there until the day before `until`: it counts for the fees of those months."""

    site: str
    name: str
    until: date
    since: date | None = None
    tags: frozenset[str] = frozenset()
    criticality: str = "server"


@dataclass(frozen=True, slots=True)
class Site:
    """A place of a client with its hosts; `max_parallel` bounds concurrent connections into it."""

    name: str
    hosts: tuple[Host, ...]
    max_parallel: int | None = None
    former: tuple[FormerHost, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a contract covers from a day on; None: everything."""

    since: date
    services: frozenset[str] | None
    hosts: frozenset[str] | None = None
    """Names of the hosts that it is about; None: all."""


@dataclass(frozen=True, slots=True)
class Client:
    """A company that the provider looks after."""

    slug: str
    name: str
    timezone: str
    sites: tuple[Site, ...]
    contract_plan: str | None = None
    variables: Mapping[str, Value] = field(default_factory=no_values)
    place: Place | None = None
    coverage: tuple[Coverage, ...] = ()
    """What the contracts cover, by their first day; empty: there is no contract, everything is covered."""
    contracts: tuple["Contract", ...] = ()
    """Those with prices, by their first day."""
    schedules: tuple["Schedule", ...] = ()
    """What is run when, the provider's included."""
    monitoring: "Monitoring | None" = None
    calendar: Calendar = ALWAYS_OPEN
    """The windows and blackouts that hold for the client as a whole."""
    mailing: "Mailing | None" = None
    """Who gets its report."""
    buyer: "Buyer | None" = None
    """The client as it stands on its invoices."""

    def services(self, day: date) -> frozenset[str] | None:
        """What the contract of that day covers, such as `patching`; None: everything."""
        held = self._held(day)
        return held.services if held else None

    def outside(self, day: date) -> tuple["Host", ...]:
        """The hosts that the contract of that day is not about."""
        held = self._held(day)
        about = held.hosts if held else None
        return () if about is None else tuple(host for host in self.hosts if host.name not in about)

    def _held(self, day: date) -> Coverage | None:
        return next((each for each in reversed(self.coverage) if each.since <= day), None)

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All hosts of all sites, in the order of the file."""
        return tuple(host for site in self.sites for host in site.hosts)

    @property
    def former(self) -> tuple[FormerHost, ...]:
        """The hosts that have gone."""
        return tuple(host for site in self.sites for host in site.former)


@dataclass(frozen=True, slots=True)
class Provider:
    """The managed service provider itself, from `inventory/mspctl.yml`."""

    name: str
    database: str | None = None
    forks: int | None = None
    variables: Mapping[str, Value] = field(default_factory=no_values)
    mail: "MailServer | None" = None
    seller: "Seller | None" = None
    """The provider as it stands on its invoices."""
    tickets: "TicketSystem | None" = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything that was read: immutable, so a file edited during a run changes nothing.

    `digest` is the SHA-256 (hex) over the bytes of all files that were read, in order of their names.
    """

    provider: Provider
    clients: tuple[Client, ...]
    digest: str

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All hosts of all clients."""
        return tuple(host for client in self.clients for host in client.hosts)
