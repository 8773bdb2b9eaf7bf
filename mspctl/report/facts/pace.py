"""How quickly security updates come: in time, later, or not yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mspctl.report.facts.measured import Measured
from mspctl.report.facts.measures import FirstSeen, believed
from mspctl.report.facts.summary import HostMonth, PackageChange, Summary

ON_TIME_DAYS = 14
"""A security update that was installed so many days after it was seen first was installed in time."""


@dataclass(frozen=True, slots=True)
class Speed:
    """The security updates of a month: installed in time, later, and still missing at its end."""

    on_time: int
    late: int
    missing: int


def speed(summary: Summary, seen: FirstSeen) -> Speed:
    """How quickly the month's security updates came onto the hosts."""
    days = [
        (change.at - seen.get((change.name, change.new), change.at)).days
        for change in _security(summary.hosts)
    ]
    on_time = sum(each <= ON_TIME_DAYS for each in days)
    missing = sum(scan.security for host in summary.hosts if (scan := believed(host, summary.stale_days)))
    return Speed(on_time, len(days) - on_time, missing)


def _security(hosts: Iterable[HostMonth]) -> Iterator[PackageChange]:
    for host in hosts:
        yield from (change for change in host.patched if change.upgrade and change.security)


def in_time(measured: Iterable[Measured]) -> tuple[int, int]:
    """On how many computers it is known what waits, and on how many no security update waits too long."""
    found = [each for each in measured if each.check == "security-wait"]
    return len(found), sum(int(each.details.get("days") or 0) <= ON_TIME_DAYS for each in found)
