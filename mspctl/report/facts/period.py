"""A calendar month in the client's own time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mspctl.errors import UsageError

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """[start, end) of a month; aware, in the client's zone. `until` is `end`, or now if that is earlier."""

    start: datetime
    end: datetime
    until: datetime

    @property
    def title(self) -> str:
        """Such as `November 2026`."""
        return f"{MONTHS[self.start.month - 1]} {self.start.year}"

    @property
    def partial(self) -> bool:
        """True while the month is not over."""
        return self.until < self.end

    @property
    def hours(self) -> int:
        """Real hours of the month: 743 or 745 where the clocks change."""
        return round((self.end.astimezone(UTC) - self.start.astimezone(UTC)).total_seconds() / 3600)

    def day(self, at: datetime) -> str:
        """A moment as the client's calendar day, such as `4 November`."""
        local = at.astimezone(self.start.tzinfo)
        return f"{local.day} {MONTHS[local.month - 1]}"


def month_of(text: str, timezone: str, now: datetime) -> Period:
    """The month `YYYY-MM` in an IANA zone.

    Raises:
        UsageError: no month, one that has not begun, or an unknown zone.
    """
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)
    if match is None or not 2000 <= int(match[1]) <= 9998:  # noqa: PLR2004 - what datetime and sense allow
        raise UsageError(f"{text!r} is not a month", hint="write it as 2026-11")
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(f"the time zone {timezone!r} is unknown here", hint="e.g. Europe/Berlin") from error
    year, month = int(match[1]), int(match[2])
    start = datetime(year, month, 1, tzinfo=zone)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    if now < start:
        raise UsageError(f"{text} has not begun yet in {timezone}")
    return Period(start, end, min(now.astimezone(zone), end))
