"""Until when systems are supported, in words; the dates stand with who says so."""

from datetime import date

from mspctl.model.support import Support, SupportState
from mspctl.report.facts.summary import HostMonth
from mspctl.report.wording.speech import Speech
from mspctl.report.wording.words import ENGLISH


def in_order(hosts: tuple[HostMonth, ...]) -> list[HostMonth]:
    """What ended first comes first, then what ends next; rolling releases and what nobody knows are last."""
    return sorted(hosts, key=_rank)


def grouped(hosts: tuple[HostMonth, ...]) -> list[list[HostMonth]]:
    """In that order; computers with the same system and the same dates stand together."""
    found: dict[tuple[str, Support], list[HostMonth]] = {}
    for host in in_order(hosts):
        found.setdefault((host.os, host.support), []).append(host)
    return list(found.values())


def _rank(host: HostMonth) -> tuple[int, date, str, str]:
    last = host.support.last_day
    if last is not None:
        return (0, _ordinary(host.support) or last, host.site, host.host)
    return (1 if host.support.state is SupportState.UNKNOWN else 2, date.max, host.site, host.host)


def _ordinary(support: Support) -> date | None:
    """The day that counts now: of the ordinary support, or of what follows it once that is over."""
    if support.term is None or support.state is not SupportState.SUPPORTED:
        return support.last_day
    return support.term.until


def sentence(host: HostMonth, speech: Speech = ENGLISH) -> str:
    """Supported until when, or ended, or not known."""
    support, term, say = host.support, host.support.term, speech.say
    if term is None:
        return say("not known") if host.os else say("not known: it did not say what it runs")
    until, extended = _told(term.until, speech), _told(term.extended, speech)
    by = term.extended_by or say("extended support")
    match support.state:
        case SupportState.ROLLING:
            return say("a rolling release: supported as long as it is up to date")
        case SupportState.SUPPORTED if term.extended:
            return say(
                "supported until {until}, then {by} until {extended}", until=until, by=by, extended=extended
            )
        case SupportState.SUPPORTED:
            return say("supported until {until}", until=until)
        case SupportState.EXTENDED:
            return say(
                "ordinary support ended on {until}; {by} until {extended}",
                until=until,
                by=by,
                extended=extended,
            )
        case _:
            return say("ended on {day}", day=_told(support.last_day, speech))


def _told(value: date | None, speech: Speech) -> str:
    return speech.day(value) if value else speech.say("an unknown day")


def source(host: HostMonth, speech: Speech = ENGLISH) -> str:
    """Who says so, and when somebody last looked."""
    term = host.support.term
    if term is None:
        return ""
    return speech.say("{source}, checked {day}", source=term.source, day=speech.day(term.checked))
