"""From what the log says of a host to what somebody has to look at: pure, one rule a function."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mspctl.model.fleet import LastRun, Waiting
from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome
from mspctl.report.staff.concern import POINTS, Concern, Kind, weight
from mspctl.report.staff.fleet import HostView

AD_HOC = frozenset({"exec", "diagnose"})
"""Single command lines, and looks that are meant to find trouble: that one failed is no news of the host."""
_AWAY = frozenset({Outcome.UNREACHABLE, Outcome.LOST, Outcome.CANCELLED})
SHOWN_REASON = 160
STILL_OPEN = timedelta(days=1)
"""How long a run may be at work; waves and windows make nights long."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one host. `covered`: the client's contract covers anything at all."""

    runs: Sequence[LastRun]
    waiting: Waiting | None = None
    missed: datetime | None = None
    """When its last patch window opened, if nobody patched it since."""
    incidents: tuple[Concern, ...] = ()
    covered: bool = True
    now: datetime | None = None
    """When it is looked at; without it no run is too old to be at work."""

    def at_work(self, each: LastRun) -> bool:
        """True if it may still end; one that is open for longer was killed, and nobody knows how it ended."""
        return each.outcome is None and (self.now is None or self.now - each.started < STILL_OPEN)


def judged(host: Host, seen: Seen, days: int) -> HostView:
    """The host with all that is to be said about it."""
    worked = [each for each in seen.runs if each.worked and _says_something(each)]
    scanned = seen.waiting is not None or any(
        each.scanned and each.outcome is not None and each.outcome.good for each in seen.runs
    )
    waiting = (seen.waiting or Waiting(0, 0)) if scanned else None
    concerns = (
        *_failing(host, worked),
        *_open(host, seen),
        *seen.incidents,
        *_unseen(host, seen, worked, days),
        *_missed(host, seen),
        *_security(host, waiting),
    )
    return HostView(
        host.client,
        host.site,
        host.name,
        host.criticality,
        host.os or "",
        tuple(sorted(host.tags)),
        max(worked, key=lambda each: each.started, default=None),
        waiting,
        any(map(seen.at_work, seen.runs)),
        concerns,
    )


def _says_something(each: LastRun) -> bool:
    """False for a single command line that never got to the host: nobody was there."""
    return each.playbook not in AD_HOC or each.outcome not in _AWAY


def concern(kind: Kind, host: Host, text: str, since: datetime | None = None, evidence: str = "") -> Concern:
    """One about a host, weighed by its criticality."""
    points = POINTS[kind] * weight(host.criticality)
    return Concern(kind, host.client, host.name, text, points, since, evidence)


def _failing(host: Host, worked: Iterable[LastRun]) -> Iterator[Concern]:
    """Each playbook whose last run at this host ended badly; later good runs of others do not undo it."""
    last: dict[str, LastRun] = {}
    for each in worked:
        known = last.get(each.playbook)
        if known is None or each.started > known.started:
            last[each.playbook] = each
    for each in last.values():
        if each.outcome is not None and each.outcome.bad and each.playbook not in AD_HOC:
            reason = f": {each.reason[:SHOWN_REASON]}" if each.reason else ""
            text = f"{each.playbook} {each.outcome.value}{reason}"
            yield concern(Kind.FAILING, host, text, each.started, f"mspctl runs show {each.run}")


def _open(host: Host, seen: Seen) -> Iterator[Concern]:
    for each in seen.runs:
        if each.outcome is None and not seen.at_work(each):
            text = (
                f"{each.playbook} is open since {each.started:%Y-%m-%d %H:%M} UTC: nobody knows how it ended"
            )
            yield concern(Kind.FAILING, host, text, each.started, f"mspctl runs resume {each.run}")


def _unseen(host: Host, seen: Seen, worked: Sequence[LastRun], days: int) -> Iterator[Concern]:
    """No run reached for it in the time looked at, though its contract asks for some."""
    if not worked and seen.covered:
        held = next((each for each in seen.runs if each.outcome is not None), None)
        word = "no answer to the last" if held and held.worked else "held back last"
        why = f", {word}: {held.reason or held.playbook}" if held else ""
        evidence = f"mspctl runs show {held.run}" if held else f"mspctl runs list --client {host.client}"
        yield concern(Kind.NOT_SEEN, host, f"no run in {days} days{why}", None, evidence)


def _missed(host: Host, seen: Seen) -> Iterator[Concern]:
    if seen.missed is not None:
        text = f"patch window of {seen.missed:%Y-%m-%d %H:%M} UTC passed without a good patch run"
        evidence = f"mspctl patches missed --client {host.client}"
        yield concern(Kind.MISSED, host, text, seen.missed, evidence)


def _security(host: Host, waiting: Waiting | None) -> Iterator[Concern]:
    if waiting is not None and waiting.security:
        some = "update waits" if waiting.security == 1 else "updates wait"
        evidence = f"mspctl patches pending --client {host.client}"
        yield concern(Kind.SECURITY, host, f"{waiting.security} security {some}", None, evidence)
