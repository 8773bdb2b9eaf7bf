"""A made-up year at the desk of a made-up client: calls, promises, the same work under another plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from mspctl.desk.calls import Call, folded, work_of
from mspctl.desk.comparing import History, compared
from mspctl.desk.servicelevel import service_levels
from mspctl.model.call import CallRecord, CallWord
from mspctl.model.comparison import Comparison, DowntimeRate, Offer, Plans
from mspctl.model.contract import (
    BusinessHours,
    Contract,
    Labour,
    Opening,
    Plan,
    PriceTier,
    Subscription,
    Surcharges,
    Target,
    Travel,
)
from mspctl.report.facts.service import CallLine, CallMonth, Service

_HOUR = 3600
_HOURS = BusinessHours("Europe/Berlin", tuple(Opening(day, 480, 1050) for day in range(5)))
_TARGETS: Mapping[str, Target] = {
    "urgent": Target(1800, 4 * _HOUR),
    "high": Target(_HOUR, 8 * _HOUR),
    "normal": Target(4 * _HOUR, 27 * _HOUR),
}
_CARE = Contract(
    Plan.MANAGED,
    date(2025, 11, 1),
    "EUR",
    Labour(Decimal(98), increment=900, minimum=1800),
    Surcharges(Decimal("1.5"), Decimal(2)),
    Travel(Decimal(25), Decimal("0.5"), Decimal("0.5")),
    _HOURS,
    subscription=Subscription(Decimal(0), {"server": (PriceTier(0, Decimal(92)),)}, 0),
    targets=_TARGETS,
)
_HOURLY = Contract(
    Plan.BREAK_FIX, date(2025, 11, 1), "EUR", _CARE.labour, _CARE.surcharges, _CARE.travel, _HOURS
)
_MONTHS = tuple(date(2025 + (10 + back) // 12, (10 + back) % 12 + 1, 1) for back in range(12))


@dataclass(frozen=True, slots=True)
class _Told:
    day: int
    title: str
    priority: str
    waited: int
    minutes: int


_OCTOBER = (
    _Told(5, "Nobody can print in the studio", "high", 25, 45),
    _Told(9, "New notebook for Ms Keller: accounts, mail, drawing programs", "normal", 180, 130),
    _Told(20, "VPN asks for the password again and again", "normal", 70, 25),
    _Told(28, "Licence server answers slowly", "urgent", 48, 90),
)


def _records() -> Iterator[CallRecord]:
    number = 0
    for place, month in enumerate(_MONTHS):
        told = _OCTOBER if month.month == 10 else tuple(_usual(place))  # noqa: PLR2004 - October
        for each in told:
            number += 1
            asked = datetime(month.year, month.month, each.day, 8, 30, tzinfo=UTC)
            begun = asked + timedelta(minutes=each.waited)
            fields = {"priority": each.priority, "asked": asked.isoformat()}
            yield CallRecord(number, "alder", CallWord.STARTED, begun, begun, "jo", each.title, fields)
            done = begun + timedelta(minutes=each.minutes)
            yield CallRecord(number, "alder", CallWord.STOPPED, done, done, "jo", "", {})


def _usual(place: int) -> Iterator[_Told]:
    """More calls in the first months than in the last, and a bad January."""
    count = 13 - place if place != 2 else 19  # noqa: PLR2004 - January
    for number in range(count):
        priority = ("normal", "high", "normal", "urgent")[number % 4]
        minutes = 35 + number * 37 % 140
        yield _Told(1 + (number * 5 + place) % 27, "Printer", priority, 20 + number * 7 % 60, minutes)


def _calls() -> tuple[Call, ...]:
    return folded(tuple(_records()))


def comparison() -> Comparison:
    """The agreement against the same calls by the hour."""
    calls = _calls()
    ours = [[call for call in calls if f"{call.started:%Y-%m}" == f"{month:%Y-%m}"] for month in _MONTHS]
    history = History(
        "alder",
        _MONTHS,
        work_of(calls, "Europe/Berlin"),
        {"server": 13},
        tuple(map(len, ours)),
        tuple(sum(call.seconds(call.started) for call in month) for month in ours),
        (None, 5400, 1800, 0, 900, 0, 0, 2700, 0, 0, 0, 1740),
    )
    plans = (Offer("Care", _CARE), Offer("Hourly", _HOURLY))
    said = DowntimeRate(Decimal(620), date(2026, 3, 4), "Ms Finch")
    return compared(history, Plans(plans, downtime=said))


def service(now: datetime) -> Service:
    """October 2026 and the eleven months before it."""
    calls = _calls()
    lines = tuple(
        CallLine(call.number, call.started, call.title, call.priority, call.seconds(now), open=False)
        for call in calls
        if f"{call.started:%Y-%m}" == f"{_MONTHS[-1]:%Y-%m}"
    )
    months = tuple(_month(month, calls, now) for month in _MONTHS)
    asked = [call for call in calls if f"{call.started:%Y-%m}" == f"{_MONTHS[-1]:%Y-%m}"]
    return Service(lines, service_levels(asked, (_CARE,), now), months, comparison())


def _month(month: date, calls: tuple[Call, ...], now: datetime) -> CallMonth:
    ours = [call for call in calls if f"{call.started:%Y-%m}" == f"{month:%Y-%m}"]
    late = {each.call for each in service_levels(ours, (_CARE,), now).breaches}
    return CallMonth(month, len(ours) - len(late), len(late), 0)
