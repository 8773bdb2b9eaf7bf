"""How safe hosts are by the run log: what is new, fixed, still open, waived; and what nobody measured.

An answer stands from the run that gave it until a later one gives another. What was bad stays open while
nobody can look; what was never answered is not among the good.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from mspctl.model.inventory import Client, Host
from mspctl.model.posture import Answer, CheckFinding, Look
from mspctl.model.security import Waiver

_SEVERITIES: Mapping[str, int] = {"high": 0, "medium": 1, "low": 2}


class Result(StrEnum):
    """Exactly one per host and check."""

    NEW = "new"
    """Bad, and it was not so in the look before; or there was none."""
    OPEN = "open"
    """Bad, as before."""
    UNMEASURED = "unmeasured"
    """The last look could not tell: counted like bad."""
    WAIVED = "waived"
    """Bad or unmeasured, and somebody answers for it."""
    FIXED = "fixed"
    """Well in the last look, and bad before."""
    GOOD = "good"
    ABSENT = "not-applicable"

    @property
    def open(self) -> bool:
        """True if somebody has to do something about it."""
        return self in {Result.NEW, Result.OPEN, Result.UNMEASURED}


@dataclass(frozen=True, slots=True)
class CheckState:
    """How one check stands on one host."""

    host: str
    check: str
    result: Result
    since: datetime
    """When it was first seen as it is now: of what is open and unmeasured, first seen bad."""
    at: datetime
    """The last look that answered."""
    run: str
    """The run of that look; of what is fixed the last one that saw it bad is `before`."""
    before: str = ""
    silent: int = 0
    """Later looks that gave no answer."""
    why: str = ""
    """Why the last of those gave none."""
    waiver: Waiver | None = None
    """The one that holds; of an open finding the one whose last day is over."""
    words: CheckFinding | None = None

    @property
    def severity(self) -> str:
        """`high`, `medium`, `low`; empty if the log does not say."""
        return self.words.severity if self.words else ""

    @property
    def rank(self) -> tuple[int, int, str]:
        """What to show first: open before waived before fixed, the gravest first."""
        order = 0 if self.result.open else tuple(Result).index(self.result)
        return (order, _SEVERITIES.get(self.severity, len(_SEVERITIES)), self.check)


@dataclass(frozen=True, slots=True)
class HostPosture:
    """What is known of one host of the inventory."""

    host: str
    site: str
    checks: tuple[CheckState, ...] = ()
    idle: tuple[Waiver, ...] = ()
    """Waivers that hold and have nothing to waive: the finding is gone, or no check has that id."""

    @property
    def at(self) -> datetime | None:
        """The last look that answered anything; None: nobody has measured this host."""
        return max((each.at for each in self.checks), default=None)

    @property
    def silent(self) -> str:
        """Why the last look gave no answer to anything; empty if it did."""
        return next((each.why for each in self.checks if each.silent and each.at == self.at), "")

    def count(self, *results: Result) -> int:
        """How many checks stand so."""
        return sum(each.result in results for each in self.checks)

    def of(self, *results: Result) -> tuple[CheckState, ...]:
        """Those that stand so, the gravest first."""
        return tuple(sorted((each for each in self.checks if each.result in results), key=lambda it: it.rank))


def host_postures(client: Client, looks: Iterable[Look], now: datetime) -> tuple[HostPosture, ...]:
    """The hosts of the inventory in its order; `looks` in order of time, without words yet.

    Waivers hold until their last day is over where the host is.
    """
    by_host: dict[str, list[Look]] = {}
    for look in looks:
        by_host.setdefault(look.host, []).append(look)
    return tuple(
        _posture(host, by_host.get(host.key, ()), now.astimezone(ZoneInfo(host.calendar.timezone)).date())
        for host in client.hosts
    )


def telling_runs(postures: Iterable[HostPosture]) -> frozenset[str]:
    """The runs in which the words of all that is not good stand."""
    quiet = {Result.GOOD, Result.ABSENT}
    return frozenset(
        each.before or each.run for one in postures for each in one.checks if each.result not in quiet
    )


def with_words(postures: Iterable[HostPosture], found: Iterable[CheckFinding]) -> tuple[HostPosture, ...]:
    """The postures with what the log said about each finding."""
    words = {(each.run, each.host, each.check): each for each in found}
    return tuple(
        replace(
            one,
            checks=tuple(
                replace(each, words=words.get((each.before or each.run, each.host, each.check)))
                for each in one.checks
            ),
        )
        for one in postures
    )


def _posture(host: Host, looks: Sequence[Look], today: date) -> HostPosture:
    tracks: dict[str, _Track] = {}
    modules: dict[str, set[str]] = {}
    for look in looks:
        known = modules.setdefault(look.module, set())
        for check in known.difference(look.answers):
            tracks[check].silence(look)
        for check, answer in look.answers.items():
            known.add(check)
            if check not in tracks:
                tracks[check] = _Track(Answer.UNMEASURED, look, look.at)
            tracks[check].take(answer, look)
    states = tuple(_judged(track.state(host.key, check), host, today) for check, track in tracks.items())
    waived = {each.check for each in states if each.result is Result.WAIVED}
    idle = tuple(
        each for each in host.security.waivers if each.holds(today) and states and each.check not in waived
    )
    return HostPosture(host.key, host.site, states, idle)


def _judged(state: CheckState, host: Host, today: date) -> CheckState:
    """The state with the waiver that holds for it, or the one that did."""
    if not state.result.open:
        return state
    holds = host.security.waiver(state.check, today)
    if holds is not None:
        return replace(state, result=Result.WAIVED, waiver=holds)
    return replace(state, waiver=host.security.ended(state.check, today))


@dataclass(slots=True)
class _Track:
    """One check on one host while the looks come in, from the first one that answered."""

    answer: Answer
    look: Look
    since: datetime
    bad: Look | None = None
    """The last look that saw it bad, in a stretch of bad looks that lasts or has just ended."""
    bad_since: datetime | None = None
    """Since when that stretch lasts; None if it has ended, or there is none."""
    first: bool = False
    """The stretch has one look so far."""
    silent: int = 0
    why: str = ""

    def silence(self, look: Look) -> None:
        """A later look that gave no answer."""
        self.silent += 1
        self.why = look.why or "it gave no answer"

    def take(self, answer: Answer, look: Look) -> None:
        """The answer of the next look; an unmeasured one neither ends nor begins a stretch of bad looks."""
        self.silent, self.why = 0, ""
        self.since = self.since if answer is self.answer else look.at
        self.answer, self.look = answer, look
        if answer is Answer.BAD:
            self.first = self.bad_since is None
            self.bad, self.bad_since = look, self.bad_since or look.at
        elif answer is not Answer.UNMEASURED:
            self.bad = self.bad if self.bad_since else None
            self.bad_since = None

    def state(self, host: str, check: str) -> CheckState:
        """How it stands after the last look."""
        since, before = self.since, ""
        if self.answer is Answer.BAD:
            result = Result.NEW if self.first else Result.OPEN
            since = self.bad_since or since
        elif self.answer is Answer.UNMEASURED:
            result, since = Result.UNMEASURED, self.bad_since or since
        elif self.bad is not None:
            result, before = Result.FIXED, self.bad.run
        else:
            result = Result.GOOD if self.answer is Answer.GOOD else Result.ABSENT
        look = self.look
        return CheckState(host, check, result, since, look.at, look.run, before, self.silent, self.why)


def counted(postures: Collection[HostPosture]) -> Mapping[Result, int]:
    """How many checks stand how, over all hosts."""
    return {result: sum(each.count(result) for each in postures) for result in Result}
