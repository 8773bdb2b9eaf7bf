"""The four figures at the top of the report: what is measured comes first, what is not is said to be so."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from mspctl.model.outcome import Outcome
from mspctl.report.facts.areas import Area
from mspctl.report.facts.availability import watched_in_all
from mspctl.report.facts.backupmeasures import backups_in_all
from mspctl.report.facts.pace import ON_TIME_DAYS, in_time
from mspctl.report.score.health import Health
from mspctl.report.wording.speech import Speech

SECTIONS: Mapping[Area, str] = {
    Area.BACKUP: "backup",
    Area.UPDATES: "updates",
    Area.PROTECTION: "protection",
    Area.AVAILABILITY: "computers",
    Area.CAPACITY: "ahead",
    Area.AGE: "ahead",
}
"""Which section of the report tells more of an area."""
_SHOWN = 4
_HOUR = 3600
_AT_WORK = frozenset({Outcome.OK, Outcome.CHANGED, Outcome.FAILED, Outcome.TIMED_OUT})
"""A run with none of these was at work on no computer, as far as anybody knows."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it is of; without a value it was not measured."""

    name: str
    value: str
    rest: str
    section: str = ""
    """Where in the report its evidence stands."""


def figures(health: Health, speech: Speech) -> tuple[Figure, ...]:
    """Exactly four."""
    found = list(_figures(health, speech))
    known = [each for each in found if each.value][:_SHOWN]
    missing = [each for each in found if not each.value]
    return tuple(known + missing[: _SHOWN - len(known)])


def _figures(health: Health, speech: Speech) -> Iterator[Figure]:
    say, summary = speech.say, health.summary
    total = len(summary.hosts)
    watched, (good, count) = watched_in_all(health.measured), backups_in_all(health.measured)
    shares = (
        (Area.AVAILABILITY, say("Availability"), None if watched is None else watched.share),
        (Area.BACKUP, say("Good backups"), _floor(Fraction(good, count)) if count else None),
    )
    for area, name, share in shares:
        found = health.score.area(area)
        value = "" if share is None else speech.percent(share, 2)
        yield Figure(
            name,
            value,
            say("known for {n} of {total}", n=found.measured, total=found.expected),
            SECTIONS[area],
        )
    seen, on_time = in_time(health.measured)
    value = speech.percent(Fraction(on_time * 100 // seen, 100)) if seen else ""
    yield Figure(
        say("Updated on time"),
        value,
        speech.many(
            "of {count} checked computer; within {days} days",
            "of {count} checked computers; within {days} days",
            seen,
            days=ON_TIME_DAYS,
        ),
        SECTIONS[Area.UPDATES],
    )
    months = () if health.service is None else health.service.months
    if months and months[-1] is not None and (asked := months[-1].in_time + months[-1].late):
        kept = say("{n} of {total}", n=speech.number(months[-1].in_time), total=speech.number(asked))
        yield Figure(say("Calls in time"), kept, say("no promise about them was broken"), "service")
    installed = summary.installed
    value = "" if installed.value is None else speech.number(installed.value)
    security = speech.number(summary.installed_security)
    yield Figure(say("Updates installed"), value, say("{n} of them for security", n=security), "updates")
    seen_hosts = say("{n} of {total}", n=speech.number(len(summary.scanned)), total=speech.number(total))
    yield Figure(
        say("Computers checked"), seen_hosts if total else "", say("by the end of the month"), "updates"
    )
    if health.service is not None:
        hours = speech.number(Fraction(health.service.seconds, _HOUR), 1)
        calls = speech.number(len(health.service.calls))
        yield Figure(say("Your calls"), calls, say("{hours} hours at work on them", hours=hours), "service")


def did(health: Health, speech: Speech) -> tuple[Figure, ...]:
    """What was done in the month: only what is known."""
    summary, say = health.summary, speech.say
    work = [run for run in summary.runs if not run.check_mode and _AT_WORK & dict(run.outcomes).keys()]
    found = [
        Figure("", speech.number(summary.installed_security), say("security updates installed"), "updates"),
        Figure("", speech.number(summary.installed.value or 0), say("updates installed in all"), "updates"),
        Figure(
            "",
            speech.number(len(work)),
            speech.many("time at work on your computers", "times at work on your computers", len(work)),
            "evidence",
        ),
    ]
    if summary.installed.value is None:
        found = found[2:]
    if health.service is not None and health.service.calls:
        found.append(Figure("", speech.number(len(health.service.calls)), say("calls answered"), "service"))
    checks = sum(run.planned for run in summary.runs)
    if len(found) < _SHOWN:
        found.append(Figure("", speech.number(checks), say("checks and works in all"), "evidence"))
    return tuple(found[:_SHOWN])


def _floor(part: Fraction) -> Fraction:
    """To a hundredth of a percent, never up: 100 % is only what it is."""
    return Fraction(floor(part * 10_000), 10_000)
