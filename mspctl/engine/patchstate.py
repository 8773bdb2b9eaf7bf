"""What would become of a pending update, by the same rules that hosts get."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from mspctl.engine.openings import Opening, next_opening, openings, zone_of
from mspctl.engine.patchrules import CATCH_UP_WINDOW, PATCH_WINDOW, deferral, rules
from mspctl.model.calendar import Calendar
from mspctl.model.inventory import Host
from mspctl.model.ledger import Ledger, Pending
from mspctl.model.patching import Approval, PatchPolicy, Scope

LOOK_BACK_DAYS = 35
"""How long a missed window is remembered: a monthly one at least once."""
_HALF_A_DAY = timedelta(hours=12)
_DECIDED: Mapping[str, str] = {
    "hold": "held by policy",
    "reject": "rejected",
    "quarantine": "quarantined",
    "exclude": "excluded",
}


@dataclass(frozen=True, slots=True)
class PatchState:
    """`word` is stable for scripts, such as `ready` or `needs approval`; `detail` explains it."""

    word: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.word} {self.detail}".strip() if self.word == "deferred" else self.word


def patch_state(update: Pending, host: Host, ledger: Ledger, at: datetime) -> PatchState:
    """The first that applies, in the order in which the host itself decides."""
    policy = host.patching
    if update.held and update.held not in _OURS:
        return PatchState(f"held on the host ({update.held})")
    if policy.scope is Scope.SECURITY and not update.security:
        return PatchState("out of scope", "only security updates are wanted")
    today = at.astimezone(zone_of(host.calendar)).date()
    holds = tuple(hold for hold in policy.holds if hold.holds(today))
    made = [rule.split("|", 3) for rule in rules(policy, holds, ledger, at)]
    matching = [rule for rule in made if _matches(rule, update)]
    barred = next((rule for rule in matching if rule[0] in _DECIDED), None)
    if barred is not None:
        return PatchState(_DECIDED[barred[0]], barred[3])
    codes = {rule[0] for rule in matching}
    if policy.include and "include" not in codes:
        return PatchState("not included")
    return _waiting(update, policy, ledger, codes)


def _waiting(update: Pending, policy: PatchPolicy, ledger: Ledger, codes: Collection[str]) -> PatchState:
    """Whether the update waits for somebody or for its age; `codes` are those of the rules it matches."""
    waits = needs_approval(policy, security=update.security) or update.held == _OPTIONAL
    if waits and "approve" not in codes:
        return PatchState("needs approval")
    wait = deferral(policy, security=update.security)
    if wait and "ripe" not in codes:
        first = _first_seen(update, ledger)
        return PatchState("deferred", f"until {first + wait:%Y-%m-%d}" if first else "")
    return PatchState("approved" if "approve" in codes else "ready")


_OPTIONAL = "optional"
"""Windows offers it, and does not install it by itself: it needs approval under every policy."""
_OURS = frozenset(
    {"policy-hold", "rejected", "quarantined", "excluded", "not-included", "approval", "deferred", _OPTIONAL}
)
"""Reasons that our own rules gave: they are decided anew."""


def needs_approval(policy: PatchPolicy, *, security: bool) -> bool:
    """True if somebody has to approve such an update."""
    return policy.approval is Approval.ALL or (policy.approval is Approval.FEATURE and not security)


def _matches(rule: Sequence[str], update: Pending) -> bool:
    """Names match with or without the architecture behind a colon."""
    names = (update.package, update.package.partition(":")[0])
    return fnmatchcase(update.version, rule[2]) and any(fnmatchcase(name, rule[1]) for name in names)


def _first_seen(update: Pending, ledger: Ledger) -> datetime | None:
    key = (update.package, update.version)
    return next((each.first for each in ledger.seen if (each.package, each.version) == key), None)


@dataclass(frozen=True, slots=True)
class MissedWindow:
    """A host whose last window passed without a good patch run since it opened.

    `catch_up` is the next time at which the window of that name is open to it; None if it has none.
    """

    host: Host
    window: Opening
    last_good: datetime | None
    next_window: Opening | None
    catch_up: Opening | None = None


def missed_window(
    host: Host, last_good: datetime | None, now: datetime, since: datetime, name: str = PATCH_WINDOW
) -> MissedWindow | None:
    """The last window between `since` and `now` if the host was not patched well in it or after it.

    A host without windows of that name has none to miss.
    """
    last, coming = around(host.calendar, now, since, name)
    if last is None or (last_good is not None and last_good >= _opened(host.calendar, last, name)):
        return None
    catch_up = (
        next_opening(host.calendar, CATCH_UP_WINDOW, now)
        if CATCH_UP_WINDOW in host.calendar.windows
        else None
    )
    return MissedWindow(host, last, last_good, coming, catch_up)


def _opened(calendar: Calendar, part: Opening, name: str) -> datetime:
    """When the window opened of which a blackout left this part, at most half a day before it."""
    whole = openings(replace(calendar, blackouts=()), name, part.begins - _HALF_A_DAY)
    return next(each.begins for each in whole if each.ends > part.begins)


def around(
    calendar: Calendar, now: datetime, since: datetime, name: str = PATCH_WINDOW
) -> tuple[Opening | None, Opening | None]:
    """The last opening between `since` and `now` that is over, and the current or next one.

    Without windows of that name there is neither.
    """
    last: Opening | None = None
    if name not in calendar.windows:
        return None, None
    for opening in openings(calendar, name, since):
        if opening.begins >= now or opening.ends > now:
            return last, opening
        last = opening
    return last, None
