import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.model.sample import Sample
from mspctl.report.facts.forecast import FULL, Forecast, forecast, forecasts

START = date(2026, 8, 1)


def days(*shares: float) -> list[tuple[date, float]]:
    return [(START + timedelta(days=number), share) for number, share in enumerate(shares)]


def line(count: int, first: float, slope: float) -> list[float]:
    return [first + slope * number for number in range(count)]


def test_steady_growth_gives_a_date() -> None:
    found = forecast(days(*line(90, 60, 0.25)))
    today = START + timedelta(days=89)
    assert found.weekly == pytest.approx(1.75)
    assert found.full is not None
    assert abs((found.full - today).days - (FULL - 82.25) / 0.25) <= 4
    assert found.sure


def test_a_clean_up_hides_no_growth() -> None:
    found = forecast(days(*line(60, 60, 0.5), *line(30, 70, 0.5)))
    assert found.weekly == pytest.approx(3.5)
    assert found.sure


def test_single_odd_days_move_nothing() -> None:
    shares = line(90, 50, 0.12)
    for number in random.Random(7).sample(range(90), 6):  # noqa: S311 - a fixed series
        shares[number] += 25
    assert forecast(days(*shares)).weekly == pytest.approx(0.84, abs=0.05)


def test_growth_that_began_lately_has_no_single_date() -> None:
    found = forecast(days(*line(80, 50, 0.02), *line(15, 51.6, 0.9)))
    assert found.full is not None or found.weekly < 1
    assert not found.sure


@pytest.mark.parametrize("slope", [0.0, -0.1, 0.0001])
def test_no_growth_is_no_pressure(slope: float) -> None:
    found = forecast(days(*line(90, 60, slope)))
    assert (found.known, found.full, found.first, found.last) == (True, None, None, None)


def test_too_few_days_are_no_forecast() -> None:
    assert forecast(days(*line(10, 60, 2))) == Forecast(tuple(days(*line(10, 60, 2))))
    assert not forecast([]).known


def test_a_disk_that_is_full_is_full_today() -> None:
    found = forecast(days(*line(30, 90, 0.3)))
    assert found.full == START + timedelta(days=29)


def test_a_disk_that_stays_full_is_full_although_it_does_not_grow() -> None:
    assert forecast(days(*line(30, 97, 0.0))).full == START + timedelta(days=29)


@given(st.lists(st.floats(0, 100), max_size=40))
def test_any_past_has_an_answer(shares: list[float]) -> None:
    found = forecast(days(*shares))
    if found.full is not None:
        assert found.first is not None
        assert found.last is not None
        assert found.first <= found.full <= found.last
        assert found.full >= found.days[-1][0]


def test_what_hosts_say_is_read_only_where_it_is_a_number() -> None:
    at = datetime(2026, 8, 1, 12, tzinfo=UTC)

    def told(name: str, value: str, hour: int = 0) -> Sample:
        return Sample("acme/web1", name, at + timedelta(hours=hour), value)

    found = forecasts(
        [
            told("disk.size:/", "1000"),
            told("disk.used:/", "500"),
            told("disk.used:/", "700", 2),
            told("disk.used:/", "600", 4),
            told("disk.used:/", "-1", 5),
            told("disk.used:/", "9" * 40, 6),
            told("disk.used:/", "2000", 7),
            told("disk.used:/x", "5"),
            told("disk.size:/y", "0"),
            told("disk.used:/y", "0"),
        ],
        UTC,
    )
    assert {place: each.days for place, each in found.items()} == {
        ("acme/web1", "/"): ((date(2026, 8, 1), 70.0),)
    }
