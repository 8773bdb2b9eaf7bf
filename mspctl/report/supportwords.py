"""Until when systems are supported, in words; the dates stand with who says so."""

from datetime import date

from mspctl.model.support import Support, SupportState
from mspctl.report.period import MONTHS
from mspctl.report.summary import HostMonth


def in_order(hosts: tuple[HostMonth, ...]) -> list[HostMonth]:
    """What ended first comes first, then what ends next; rolling releases and what nobody knows are last."""
    return sorted(hosts, key=_rank)


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


def day(value: date) -> str:
    """Such as `30 June 2028`."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def sentence(host: HostMonth) -> str:
    """Supported until when, or ended, or not known."""
    support, term = host.support, host.support.term
    if term is None:
        return "not known" if host.os else "not known: it did not say what it runs"
    match support.state:
        case SupportState.ROLLING:
            return "a rolling release: supported as long as it is up to date"
        case SupportState.SUPPORTED:
            return f"supported until {_told(term.until)}{_after(term.extended, term.extended_by)}"
        case SupportState.EXTENDED:
            by = term.extended_by or "extended support"
            return f"ordinary support ended on {_told(term.until)}; {by} until {_told(term.extended)}"
        case _:
            return f"ended on {_told(support.last_day)}"


def _told(value: date | None) -> str:
    return day(value) if value else "an unknown day"


def _after(extended: date | None, by: str) -> str:
    return f", then {by or 'extended support'} until {day(extended)}" if extended else ""


def source(host: HostMonth) -> str:
    """Who says so, and when somebody last looked."""
    term = host.support.term
    return f"{term.source}, checked {day(term.checked)}" if term else ""
