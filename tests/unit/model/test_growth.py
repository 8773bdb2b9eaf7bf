"""The forecast is right where a single fit is not: spikes, clean-ups, a change of pace."""

import random

import pytest

from mspctl.model.growth import Growth, growth, median_slope

SIZE = 100.0


def line(start: float, slope: float, days: int, seed: int = 1, noise: float = 0.3) -> list[float]:
    chance = random.Random(seed)  # noqa: S311 - made-up measurements
    return [start + slope * day + chance.uniform(-noise, noise) for day in range(days)]


def points(values: list[float]) -> list[tuple[int, float]]:
    return list(enumerate(values, 700_000))


def test_a_line_ends_where_it_must() -> None:
    found = growth(points(line(50, 0.5, 60)), SIZE)
    assert found.days == pytest.approx((95 - 79.5) / 0.5, abs=4)
    assert found.sure
    assert found.text == f"full in about {found.days} days"


@pytest.mark.parametrize("seed", range(5))
def test_spikes_do_not_move_it(seed: int) -> None:
    values = line(40, 0.12, 90, seed)
    chance = random.Random(seed)  # noqa: S311 - as above
    spiked = [value + 25 if chance.random() < 0.06 else value for value in values]
    assert median_slope(points(spiked)) == pytest.approx(0.12, abs=0.01)


@pytest.mark.parametrize("spread", [1, 3])
def test_what_was_before_the_last_clean_up_does_not_count(spread: int) -> None:
    before = line(60, 0.12, 45)
    steps = [before[-1] - 12 * (number + 1) / spread for number in range(spread - 1)]
    after = line(before[-1] - 12, 0.6, 45, seed=2)
    found = growth(points([*before, *steps, *after]), SIZE)
    assert 40 <= found.measured <= 48
    assert found.days == pytest.approx((95 - after[-1]) / 0.6, rel=0.25)


def test_a_change_of_pace_is_seen_and_said_to_be_unsure() -> None:
    found = growth(points([*line(40, 0.0, 60), *line(40, 0.8, 20, seed=3)]), SIZE)
    assert found.soonest is not None
    assert found.soonest == pytest.approx((95 - 56) / 0.8, abs=12)
    assert not found.sure
    assert found.text.startswith(f"full in {found.soonest} days or later") or "between" in found.text


def test_what_does_not_grow_is_no_pressure_and_what_is_full_is_full() -> None:
    assert growth(points(line(50, -0.2, 40)), SIZE).text == "no pressure"
    assert growth(points(line(50, 0.01, 40, noise=0)), SIZE).text == "no pressure"
    assert growth(points(line(96, 0.0, 40)), SIZE).text == "full"


@pytest.mark.parametrize("values", [[], [1.0], line(50, 1, 13)])
def test_too_few_days_say_nothing(values: list[float]) -> None:
    assert growth(points(values), SIZE) == Growth()
    assert growth(points(values), SIZE).text == "not enough days measured"


def test_days_on_which_nobody_looked_do_not_bend_the_line() -> None:
    whole = points(line(50, 0.5, 60))
    holes = [point for number, point in enumerate(whole) if number % 3]
    assert growth(holes, SIZE).days == pytest.approx(growth(whole, SIZE).days or 0, abs=4)


def test_a_file_system_that_grew_has_more_time() -> None:
    values = points(line(50, 0.5, 60))
    assert (growth(values, 2 * SIZE).days or 0) > 200


def test_the_best_guess_of_a_young_past_is_within_its_range() -> None:
    found = growth(points([*line(40, 0.0, 15), *line(40, 0.9, 20, seed=3)]), SIZE)
    assert found.days is not None
    assert found.soonest is not None
    assert found.soonest <= found.days
    assert found.latest is None or found.days <= found.latest


def test_what_was_measured_long_ago_says_nothing_about_today() -> None:
    past = points(line(50, 0.5, 30))
    assert growth([*past, (past[-1][0] + 60, 70.0)], SIZE) == Growth()


def test_a_window_with_few_days_in_it_makes_nothing_unsure() -> None:
    whole = points(line(50, 0.5, 60, noise=0))
    assert growth([*whole[:46], whole[-1]], SIZE).sure
