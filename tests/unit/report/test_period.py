from datetime import UTC, datetime

import pytest

from mspctl.errors import UsageError
from mspctl.report.facts.period import month_of

NOW = datetime(2026, 12, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "hours"),
    [("2026-03", 743), ("2026-10", 745), ("2026-11", 720), ("2024-02", 696), ("2025-12", 744)],
)
def test_a_month_is_the_clients_own(month: str, hours: int) -> None:
    period = month_of(month, "Europe/Berlin", NOW)
    assert period.hours == hours
    assert not period.partial


def test_the_edges_are_local_midnight() -> None:
    period = month_of("2026-11", "Pacific/Auckland", NOW)
    assert period.start.astimezone(UTC) == datetime(2026, 10, 31, 11, tzinfo=UTC)
    assert period.end.astimezone(UTC) == datetime(2026, 11, 30, 11, tzinfo=UTC)


def test_a_month_that_is_not_over_is_partial() -> None:
    period = month_of("2026-12", "Europe/Berlin", NOW)
    assert period.partial
    assert period.until == NOW


@pytest.mark.parametrize(
    "text", ["2027-01", "2026-13", "2026-1", "26-11", "2026-11-01", "٢٠٢٦-11", "", "2026-00"]
)
def test_what_is_no_past_month_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        month_of(text, "Europe/Berlin", NOW)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", ""])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UsageError, match="time zone"):
        month_of("2026-11", zone, NOW)
