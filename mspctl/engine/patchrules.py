"""Policy, ledger and time become what playbooks may name as `policy`, once for all hosts that share them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from mspctl.engine.compile_params import PolicyNames, SecurityNames
from mspctl.engine.openings import is_open, zone_of
from mspctl.model.calendar import Calendar
from mspctl.model.inventory import Host
from mspctl.model.patching import Hold, PatchPolicy
from mspctl.model.security import SecurityPolicy

if TYPE_CHECKING:  # its nouns are for runs that ask the ledger
    from mspctl.model.ledger import Ledger, Seen

FAILED_ELSEWHERE = "failed elsewhere"
"""All that a client learns of another one's trouble."""
REBOOT_WINDOW = "reboot"
PATCH_WINDOW = "patch"
CATCH_UP_WINDOW = "catch-up"
"""Open only to hosts whose last window passed without a good run."""


@dataclass(slots=True)
class PolicyBook:
    """Says for each host what `policy` is at the moment `at` (aware), by the ledgers of the clients.

    With `override` (`--now`) windows are not asked for reboots either.
    """

    at: datetime
    ledgers: "Mapping[str, Ledger]" = field(default_factory=dict)
    override: bool = False
    support: tuple[str, ...] = ()
    """As SecurityNames has it."""
    _made: dict[tuple[str, int, int, int], PolicyNames] = field(default_factory=dict)

    def names(self, host: Host) -> PolicyNames:
        """The same object for hosts that share policies and calendar; these live as long as the inventory."""
        key = (host.client, id(host.patching), id(host.calendar), id(host.security))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._names(host)
        return found

    def _names(self, host: Host) -> PolicyNames:
        policy = host.patching
        ledger = self.ledgers.get(host.client)
        today = self.at.astimezone(zone_of(host.calendar)).date()
        holds = tuple(hold for hold in policy.holds if hold.holds(today))
        return PolicyNames(
            scope=policy.scope.value,
            rules=tuple(rules(policy, holds, ledger, self.at)),
            approval=policy.approval.value,
            defer_days=policy.defer_days,
            defer_security_days=policy.defer_security_days,
            reboot=policy.reboot.value,
            reboot_allowed=self.override or is_open(host.calendar, reboot_window(host.calendar), self.at),
            allow_removals=policy.allow_removals,
            probes=policy.probes,
            drain=policy.drain,
            undrain=policy.undrain,
            before=policy.before,
            after=policy.after,
            snapshot=policy.snapshot,
            warn_users=policy.warn_users,
            security=_security(host.security, today, self.support),
        )


def _security(policy: SecurityPolicy, today: date, support: tuple[str, ...]) -> SecurityNames:
    return SecurityNames(
        policy.ports,
        policy.suid,
        policy.superusers,
        policy.router,
        policy.administrators,
        policy.waived(today),
        support,
    )


def reboot_window(calendar: Calendar) -> str:
    """The name of the window in which hosts with this calendar may reboot."""
    return REBOOT_WINDOW if REBOOT_WINDOW in calendar.windows else PATCH_WINDOW


def rules(
    policy: PatchPolicy, holds: tuple[Hold, ...], ledger: "Ledger | None", at: datetime
) -> Iterator[str]:
    """`CODE|NAME_GLOB|VERSION_GLOB|DETAIL`, in the order in which the first that applies decides."""
    yield from (_rule("hold", hold.package, hold.version, hold.detail) for hold in holds)
    if ledger is not None:
        yield from (_rule("reject", *rejected) for rejected in ledger.rejected)
        yield from (_rule("quarantine", *pair, FAILED_ELSEWHERE) for pair in ledger.quarantined)
    yield from (_rule("exclude", glob) for glob in policy.exclude)
    yield from (_rule("include", glob) for glob in policy.include)
    if ledger is None:
        return
    # Without a policy, too: what Windows does not install by itself waits for a word.
    yield from (_rule("approve", *pair) for pair in ledger.approved)
    ripe = (each for each in ledger.seen if ripened(policy, each, at))
    yield from (_rule("ripe", each.package, each.version) for each in ripe)


def ripened(policy: PatchPolicy, seen: "Seen", at: datetime) -> bool:
    """True if the update had to wait and has been known at the client for long enough."""
    wait = deferral(policy, security=seen.security)
    return bool(wait) and at >= seen.first + wait


def deferral(policy: PatchPolicy, *, security: bool) -> timedelta:
    """How long after its first sight an update has to wait."""
    return timedelta(days=policy.defer_security_days if security else policy.defer_days)


def _rule(code: str, package: str, version: str = "*", detail: str = "") -> str:
    return "|".join((code, _part(package), _part(version), " ".join(detail.split()).replace("|", "/")))


def _part(text: str) -> str:
    """A name or version: one word, whatever a host said; one that holds a `|` cannot match anything."""
    return "".join(text.split()).replace("|", "?")


def expired_holds(hosts: tuple[Host, ...], at: datetime) -> Iterator[Hold]:
    """Holds whose last day is over, each once."""
    told: set[Hold] = set()
    for host in hosts:
        for hold in host.patching.holds:
            if hold not in told and not hold.holds(at.astimezone(zone_of(host.calendar)).date()):
                told.add(hold)
                yield hold
