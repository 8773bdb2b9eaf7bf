"""What is watched at a client, what was seen, and the incidents that were made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mspctl.model.place import Place
from mspctl.model.secret import SecretRef
from mspctl.model.value import Value, no_values

REACH = "reach"
"""The probe that every watched host has: whether it can be asked at all."""
CERTIFICATE = "certificate"
"""What is behind the colon in the key of what a TLS probe saw of the certificate."""


class ProbeKind(StrEnum):
    """How a probe asks: from this machine, or (`module`) on the host, in the one bundle of that host."""

    PING = "ping"
    TCP = "tcp"
    HTTP = "http"
    TLS = "tls"
    DNS = "dns"
    SMTP = "smtp"
    SSH = "ssh"
    MODULE = "module"


class Seen(StrEnum):
    """The answer to one question. `unknown`: it could not be asked, which is never good."""

    UP = "up"
    WARNING = "warning"
    DOWN = "down"
    UNKNOWN = "unknown"

    @property
    def good(self) -> bool:
        """True if nobody has to look."""
        return self is Seen.UP

    @property
    def weight(self) -> int:
        """How bad it is."""
        return (Seen.UP, Seen.WARNING, Seen.UNKNOWN, Seen.DOWN).index(self)


@dataclass(frozen=True, slots=True)
class Heal:
    """A playbook that an incident runs on its host: at most `times` within `within` seconds."""

    playbook: str
    times: int = 2
    within: int = 86_400
    limit: str = ""
    """The host, for probes that ask from this machine about none of the inventory."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One question. `target` is as the kind wants it: `HOST:PORT`, a URL, a name to look up."""

    name: str
    kind: ProbeKind
    target: str = ""
    expect: str = ""
    server: str = ""
    module: str = ""
    params: Mapping[str, Value] = field(default_factory=no_values)
    on: str | None = None
    timeout: float = 5.0
    down_after: int = 2
    depends_on: tuple[str, ...] = ()
    service: str = ""
    """What people call what it stands for, in uptimes; the probe's name if empty."""
    heal: Heal | None = None
    place: Place | None = field(default=None, compare=False)


QUARTER_HOUR = 900
MAINTENANCE = ("maintenance", "patch")


@dataclass(frozen=True, slots=True)
class Notice:
    """Where a client's digests go: Apprise URLs (they are secrets), at most one each `every` seconds."""

    urls: tuple[SecretRef, ...] = ()
    every: int = QUARTER_HOUR
    alive: SecretRef | None = None
    """A URL that is fetched after each run: whoever waits for it notices when it stays away."""


@dataclass(frozen=True, slots=True)
class Monitoring:
    """All that a client's file says about it.

    `gates`: site → the probe behind which everything in the site is. While a window of `maintenance` is open
    to a host, nothing about it becomes an incident.
    """

    probes: tuple[Probe, ...] = ()
    gates: Mapping[str, str] = field(default_factory=dict)
    maintenance: tuple[str, ...] = MAINTENANCE
    notice: Notice = Notice()

    @property
    def empty(self) -> bool:
        """True if nothing is watched."""
        return not self.probes


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen once of `key`: a probe, `probe@host`, or `probe:certificate`. `detail` is one line.

    `absent`: the host has nothing of that kind. Where there never was an answer there is nothing to watch;
    where there was one before, that is no good sign.
    """

    key: str
    seen: Seen
    detail: str = ""
    seconds: float = 0.0
    metrics: tuple[tuple[str, float], ...] = ()
    absent: bool = False


class Phase(StrEnum):
    """Where a key stands: `pending` is bad, not often enough yet; `hidden` lies behind what is down."""

    UP = "up"
    PENDING = "pending"
    DOWN = "down"
    FLAPPING = "flapping"
    HIDDEN = "hidden"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one key after its last sample; `history` has a letter for each of the last ones."""

    key: str
    phase: Phase
    seen: Seen
    since: datetime
    at: datetime
    failures: int = 0
    history: str = ""
    detail: str = ""


class IncidentWord(StrEnum):
    """What a record says about its incident."""

    OPENED = "opened"
    WORSENED = "worsened"
    ACKNOWLEDGED = "acknowledged"
    NOTED = "noted"
    HEALING = "healing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """One thing that happened to an incident; records are added and never changed.

    Number 0 asks for a new incident. `seq` is the record's own number, 0 until it is written.
    """

    number: int
    client: str
    key: str
    word: IncidentWord
    at: datetime
    seen: Seen
    text: str = ""
    author: str = ""
    evidence: str = ""
    """The letters of the last samples, the newest last."""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in which `key` was seen alike, and was asked often enough to say so."""

    client: str
    key: str
    seen: str
    """A word of Seen, or `maintenance`, or `hidden`."""
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class VolumeDay:
    """The most that was used of a file system on a day (UTC), and its size then, in bytes."""

    host: str
    mount: str
    day: str
    used: int
    size: int
