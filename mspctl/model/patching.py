"""A client's policy, resolved per host: what may be patched, when to reboot, in which order hosts go."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from mspctl.model.place import Place


class Scope(StrEnum):
    """Which updates are wanted at all."""

    ALL = "all"
    SECURITY = "security"


class Approval(StrEnum):
    """Which updates wait until somebody approves them; `feature` are all but security updates."""

    NONE = "none"
    FEATURE = "feature"
    ALL = "all"


class RebootPolicy(StrEnum):
    """Whether a host may reboot. `window`: if it is needed, and only inside the host's `reboot` window.

    A host without a window called `reboot` uses the one called `patch`.
    """

    NEVER = "never"
    IF_NEEDED = "if-needed"
    ALWAYS = "always"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Hold:
    """A package that stays as it is. Name and version are globs; `until` is its last day, None: for ever."""

    package: str
    version: str = "*"
    reason: str = ""
    owner: str = ""
    until: date | None = None
    place: Place | None = field(default=None, compare=False)

    def holds(self, today: date) -> bool:
        """False once its last day is over."""
        return self.until is None or today <= self.until

    @property
    def detail(self) -> str:
        """Such as `breaks the till, ops, until 2026-12-31`: what people read beside a held package."""
        until = f"until {self.until.isoformat()}" if self.until else ""
        return ", ".join(part for part in (self.reason, self.owner, until) if part)


@dataclass(frozen=True, slots=True)
class Wave:
    """Hosts that go together: those with one of `tags`, or a number, or a percentage of all; none: the rest.

    The next wave begins `pause` seconds after at least `min_success` per cent of this one ended well.
    """

    name: str
    tags: frozenset[str] = frozenset()
    count: int | None = None
    percent: float | None = None
    min_success: float = 100.0
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Order among the hosts of one client, by their names.

    `after`: hosts that come first. `never_together`: a name shared by hosts of which only one at a time is
    at work. `runs_on`: the hypervisor of this guest; it comes after all of its guests.
    """

    after: tuple[str, ...] = ()
    never_together: str = ""
    runs_on: str = ""


@dataclass(frozen=True, slots=True)
class PatchPolicy:
    """What the inventory says about patching one host; the defaults change nothing and forbid nothing.

    `include` and `exclude` are globs on package names; times are in days or seconds. `probes` are texts
    (`service:NAME`, `port:HOST:PORT`, `url:URL`, `command:LINE`); the hooks are shell lines run on the host,
    the two `controller_` ones on the machine on which mspctl runs.
    """

    scope: Scope = Scope.ALL
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()
    defer_days: int = 0
    defer_security_days: int = 0
    approval: Approval = Approval.NONE
    reboot: RebootPolicy = RebootPolicy.NEVER
    allow_removals: bool = False
    probes: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    drain: str = ""
    undrain: str = ""
    snapshot: str = ""
    controller_before: str = ""
    controller_after: str = ""
    warn_users: int = 0
    waves: tuple[Wave, ...] = ()

    @property
    def asks(self) -> bool:
        """True if the run log has to be asked for ages or approvals before these hosts can be patched."""
        return self.approval is not Approval.NONE or self.defer_days > 0 or self.defer_security_days > 0


NO_POLICY = PatchPolicy()
"""Shared by all hosts about which the inventory says nothing."""
NO_DEPENDENCIES = Dependencies()
