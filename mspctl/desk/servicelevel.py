"""Respond and resolve in business time: what was promised for a call's priority, and whether it was kept.

The clock runs in the business hours of the contract that held when the client asked, or around the clock, and
stands while the call waits for somebody whom the contract names. Edits of what is billed do not touch it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mspctl.desk.businesstime import Band, local_day, pieces
from mspctl.desk.calls import Call, Hold
from mspctl.desk.statistics import ranked
from mspctl.model.contract import BusinessHours, Contract, Target
from mspctl.model.servicelevel import Goal, GoalFigures, Kept, Moment, Promise, ServiceLevels

_FAR = timedelta(days=400)
"""Further away than any business hour, and than the longest target in working days."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that runs in these hours and stands in the holds."""

    hours: BusinessHours
    holds: tuple[Hold, ...] = ()

    def running(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches in which it runs, in order."""
        for piece in pieces(self.hours, start, end):
            if piece.band is Band.NORMAL:
                yield from _without(piece.start, piece.end, self.holds)

    def seconds(self, start: datetime, end: datetime) -> int:
        """How long it runs between two moments."""
        lengths = (ends - begins for begins, ends in self.running(start, end))
        return int(sum(lengths, timedelta(0)).total_seconds())

    def due(self, start: datetime, seconds: int) -> datetime | None:
        """When it has run so long; None if it stands until further notice before that."""
        left = timedelta(seconds=seconds)
        if not left:
            return start
        for begins, ends in self.running(start, start + timedelta(seconds=seconds * 10) + _FAR):
            if left <= ends - begins:
                return begins + left
            left -= ends - begins
        return None


def _without(start: datetime, end: datetime, holds: Sequence[Hold]) -> Iterator[tuple[datetime, datetime]]:
    """The stretch without the holds, which are in order and do not overlap."""
    for hold in holds:
        if hold.start < end and (hold.end is None or hold.end > start):
            if start < hold.start:
                yield start, hold.start
            if hold.end is None:
                return
            start = max(start, hold.end)
    if start < end:
        yield start, end


def service_levels(calls: Iterable[Call], contracts: Sequence[Contract], now: datetime) -> ServiceLevels:
    """What was promised about these calls. Planned work is asked for by nobody and has no promise."""
    promises: list[Promise] = []
    without = []
    for call in calls:
        if call.planned:
            continue
        found = tuple(_promises(call, contracts, now))
        promises += found
        if not found:
            without.append(call.number)
    return ServiceLevels(tuple(promises), tuple(_figures(promises)), tuple(without))


def asked_at(call: Call) -> datetime:
    """When the client asked, or when somebody began."""
    return call.started if call.asked is None else min(call.asked, call.started)


def _promises(call: Call, contracts: Sequence[Contract], now: datetime) -> Iterator[Promise]:
    held = (each for each in contracts if each.holds_on(local_day(each.hours, asked_at(call))))
    contract = next(held, None)
    target = contract.targets.get(call.priority) if contract else None
    if contract is None or target is None:
        return
    if target.respond is not None:
        yield _respond(call, contract, target, target.respond, now)
    if target.resolve is not None:
        yield _resolve(call, contract, target, target.resolve, now)


def _hours(contract: Contract, target: Target) -> BusinessHours:
    return BusinessHours(contract.hours.timezone) if target.around_the_clock else contract.hours


def _respond(call: Call, contract: Contract, target: Target, allowed: int, now: datetime) -> Promise:
    clock, asked = Clock(_hours(contract, target)), asked_at(call)
    done = None if call.waiting else call.started
    took = clock.seconds(asked, done or max(now, asked))
    in_time = Kept.MET if done else Kept.RUNNING
    return replace(
        _made(call, Goal.RESPOND, target, allowed),
        kept=Kept.NOT_MEASURED if call.asked is None else Kept.BREACHED if took > allowed else in_time,
        took=took,
        due=clock.due(asked, allowed),
        done=done,
    )


def _resolve(call: Call, contract: Contract, target: Target, allowed: int, now: datetime) -> Promise:
    hours, asked = _hours(contract, target), asked_at(call)
    clock = Clock(hours, tuple(hold for hold in call.holds if hold.reason in target.holds))
    end = call.solved or max(now, asked)
    took = clock.seconds(asked, end)
    in_time = Kept.MET if call.solved else Kept.RUNNING
    return replace(
        _made(call, Goal.RESOLVE, target, allowed),
        kept=Kept.BREACHED if took > allowed else in_time,
        took=took,
        held=Clock(hours).seconds(asked, end) - took,
        due=clock.due(asked, allowed),
        done=call.solved,
    )


def _made(call: Call, goal: Goal, target: Target, allowed: int) -> Promise:
    """The promise, before anything is said about whether it was kept."""
    return Promise(
        call.number,
        call.title,
        call.priority,
        goal,
        Kept.RUNNING,
        allowed,
        target.around_the_clock,
        asked_at(call),
        0,
        0,
        evidence=tuple(_evidence(call)),
    )


def _evidence(call: Call) -> Iterator[Moment]:
    """All that was written down, in the order of writing; a note that was told later shows it."""
    for record in call.records:
        words = [record.text] if record.text else []
        words += [f"{name} {value}" for name, value in sorted(record.fields.items())]
        yield Moment(record.word.value, record.at, record.written, record.author, ", ".join(words))


def _figures(promises: Sequence[Promise]) -> Iterator[GoalFigures]:
    for priority in sorted({each.priority for each in promises}):
        for goal in Goal:
            ours = [each for each in promises if each.priority == priority and each.goal is goal]
            if not ours:
                continue
            count = {kept: sum(each.kept is kept for each in ours) for kept in Kept}
            done = [each.took for each in ours if each.done and each.kept is not Kept.NOT_MEASURED]
            yield GoalFigures(
                priority,
                goal,
                tuple(sorted({each.allowed for each in ours})),
                count[Kept.MET],
                count[Kept.BREACHED],
                count[Kept.RUNNING],
                count[Kept.NOT_MEASURED],
                ranked(done, 50),
                ranked(done, 90),
            )
