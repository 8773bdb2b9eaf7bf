"""Windows in local time: on ordinary nights, on the two nights when the clock is changed, under blackouts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mspctl.engine.openings import Opening, admission, is_open, next_opening, openings
from mspctl.model.calendar import Blackout, Calendar, Span
from mspctl.parse.policyfiles import Policed
from mspctl.parse.validate import validate
from mspctl.parse.yaml import parse_yaml_text

BERLIN = "Europe/Berlin"
ZONES = (BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC")
SPRING = datetime(2027, 3, 27, 12, tzinfo=UTC)
"""In Berlin the clock goes from 02:00 to 03:00 in the night after."""
AUTUMN = datetime(2026, 10, 24, 12, tzinfo=UTC)
"""In Berlin the clock goes from 03:00 back to 02:00 in the night after."""


def wall(text: str) -> datetime:
    """A local time without a zone, as blackouts hold it."""
    return datetime.fromisoformat(text)


def spans(yaml: str) -> tuple[Span, ...]:
    block = validate(Policed, parse_yaml_text(f"windows: {{patch: {yaml}}}\n", "f.yml"), "f.yml")
    assert isinstance(block, Policed), block
    assert block.windows is not None
    return block.windows["patch"] or ()


def calendar(yaml: str, zone: str = BERLIN, *blackouts: Blackout) -> Calendar:
    return Calendar({"patch": spans(yaml)}, blackouts, zone)


def local(opening: Opening | None, zone: str = BERLIN) -> str:
    assert opening is not None
    begins, ends = (at.astimezone(ZoneInfo(zone)) for at in (opening.begins, opening.ends))
    return f"{begins:%a %m-%d %H:%M}{begins:%z} {ends:%H:%M}{ends:%z}"


NOW = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
"""A Tuesday, 20:00 in Berlin."""


@pytest.mark.parametrize(
    ("written", "opens"),
    [
        ("Sun 02:00-05:00", "Sun 11-29 02:00+0100 05:00+0100"),
        ("Mon-Fri 22:00-04:00", "Tue 11-24 22:00+0100 04:00+0100"),
        ("Fri-Mon 22:00-24:00", "Fri 11-27 22:00+0100 00:00+0100"),
        ("Mon,Sat 01:00-02:00", "Sat 11-28 01:00+0100 02:00+0100"),
        ("Sun#2 02:00-05:00", "Sun 12-13 02:00+0100 05:00+0100"),
        ("Sun#-1 02:00-05:00", "Sun 11-29 02:00+0100 05:00+0100"),
        ("daily 01:00-03:00", "Wed 11-25 01:00+0100 03:00+0100"),
        ("23:00-00:30", "Tue 11-24 23:00+0100 00:30+0100"),
        ("Sun 02:00-05:00; Wed 03:00-04:00", "Wed 11-25 03:00+0100 04:00+0100"),
        ('{rrule: "FREQ=MONTHLY;BYDAY=2SU", start: 02:00, duration: 3h}', "Sun 12-13 02:00+0100 05:00+0100"),
        (
            '{rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU", from: 2026-11-22, start: 02:00, duration: 90m}',
            "Sun 12-06 02:00+0100 03:30+0100",
        ),
        (
            '{rrule: "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", start: 22:00, duration: 6h}',
            "Mon 11-30 22:00+0100 04:00+0100",
        ),
    ],
)
def test_the_next_opening(written: str, opens: str) -> None:
    made = calendar(written if written.startswith("{") else f'"{written}"')
    assert local(next_opening(made, "patch", NOW)) == opens


@pytest.mark.parametrize(
    ("night", "written", "opens", "hours"),
    [
        (SPRING, "Sun 02:00-05:00", "Sun 03-28 03:00+0200 05:00+0200", 2),
        (SPRING, "Sun 02:30-05:00", "Sun 03-28 03:30+0200 05:00+0200", 1.5),
        (SPRING, "Sun 01:00-02:30", "Sun 03-28 01:00+0100 03:30+0200", 1.5),
        (SPRING, "Sun 02:30-03:15", "Sun 04-04 02:30+0200 03:15+0200", 0.75),
        (AUTUMN, "Sun 02:00-05:00", "Sun 10-25 02:00+0200 05:00+0100", 4),
        (AUTUMN, "Sun 01:00-02:30", "Sun 10-25 01:00+0200 02:30+0200", 1.5),
    ],
)
def test_nights_when_the_clock_is_changed(night: datetime, written: str, opens: str, hours: float) -> None:
    opening = next_opening(calendar(f'"{written}"'), "patch", night)
    assert local(opening) == opens
    assert opening is not None
    assert opening.ends - opening.begins == timedelta(hours=hours)


def test_a_duration_is_as_long_on_every_night() -> None:
    made = calendar('{rrule: "FREQ=WEEKLY;BYDAY=SU", start: 02:00, duration: 3h}')
    for night in (SPRING, AUTUMN, NOW):
        opening = next_opening(made, "patch", night)
        assert opening is not None
        assert opening.ends - opening.begins == timedelta(hours=3)


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLOCKS = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(wall("2026-01-01"), wall("2028-12-31")).map(lambda at: at.replace(tzinfo=UTC))


def by_hand(
    day: str, start: time, end: time, zone: ZoneInfo, around: date
) -> Iterator[tuple[datetime, datetime]]:
    """The window's times near a day, from the definition: local times of each such day, the first of two."""
    for ahead in range(-2, 10):
        here = around + timedelta(days=ahead)
        if DAYS[here.weekday()] == day:
            last = here if end > start else here + timedelta(days=1)
            first = datetime.combine(here, start, zone).astimezone(UTC)
            yield first, datetime.combine(last, end, zone).astimezone(UTC)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(DAYS), CLOCKS, CLOCKS, st.sampled_from(ZONES), MOMENTS)
def test_a_window_is_open_when_its_definition_says_so(
    day: str, start: time, end: time, zone: str, now: datetime
) -> None:
    if start == end:
        return
    made = calendar(f'"{day} {start:%H:%M}-{end:%H:%M}"', zone)
    told = list(by_hand(day, start, end, ZoneInfo(zone), now.astimezone(ZoneInfo(zone)).date()))
    inside = [(begins, ends) for begins, ends in told if begins <= now < ends]
    assert is_open(made, "patch", now) == bool(inside)
    found = admission(made, "patch", now)
    assert found is not None
    assert found.closes == (inside[0][1] if inside else None)
    coming = next_opening(made, "patch", now)
    assert coming is not None
    assert coming.begins == max(now, min(begins for begins, ends in told if ends > max(now, begins)))


@settings(max_examples=60, deadline=None)
@given(MOMENTS, MOMENTS, st.integers(1, 20), st.sampled_from(ZONES))
def test_blackouts_take_from_openings_and_give_nothing(
    now: datetime, first: datetime, days: int, zone: str
) -> None:
    begins = first.replace(tzinfo=None)
    blackout = Blackout("freeze", begins, begins + timedelta(days=days))
    free, barred = (
        Calendar({"patch": spans('"daily 20:00-06:00"')}, each, zone) for each in ((), (blackout,))
    )
    until = now + timedelta(days=40)
    left = [each for each in openings(barred, "patch", now) if each.begins < until]
    whole = [each for each in openings(free, "patch", now) if each.begins < until]
    shade = Opening(
        *(at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for at in (begins, blackout.last or begins))
    )
    for each in left:
        assert each.begins < each.ends
        assert any(all_of.begins <= each.begins and each.ends <= all_of.ends for all_of in whole)
        assert each.ends <= shade.begins or each.begins >= shade.ends
    lost = sum(
        (
            min(w.ends, shade.ends) - max(w.begins, shade.begins)
            for w in whole
            if min(w.ends, shade.ends) > max(w.begins, shade.begins)
        ),
        timedelta(),
    )
    assert (
        sum((e.ends - e.begins for e in left), timedelta())
        == sum((w.ends - w.begins for w in whole), timedelta()) - lost
    )


def test_what_is_said_of_a_shut_window() -> None:
    found = admission(calendar('"Sun 02:00-05:00"'), "patch", NOW)
    assert found is not None
    word = found.refuses(NOW)
    assert word is not None
    assert (word.outcome, word.reason) == ("held", "window")
    assert word.detail == "the window patch is shut; next opening Sun 2026-11-29 02:00 CET"


def test_an_open_window_closes_during_the_run() -> None:
    inside = datetime(2026, 11, 29, 3, 59, tzinfo=UTC)
    found = admission(calendar('"Sun 02:00-05:00"'), "patch", inside)
    assert found is not None
    assert found.refuses(inside) is None
    word = found.refuses(inside + timedelta(minutes=1))
    assert word is not None
    assert word.detail == (
        "the window patch closed at Sun 2026-11-29 05:00 CET; next opening Sun 2026-12-06 02:00 CET"
    )


def test_a_blackout_goes_before_the_window() -> None:
    freeze = Blackout("year end", wall("2026-11-20"), wall("2026-11-29 03:00"))
    inside = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
    found = admission(calendar('"Sun 02:00-05:00"', BERLIN, freeze), "patch", inside)
    assert found is not None
    word = found.refuses(inside)
    assert word is not None
    assert word.reason == "blackout"
    assert word.detail == ("year end, until Sun 2026-11-29 03:00 CET; next opening Sun 2026-11-29 03:00 CET")


def test_without_a_window_only_a_blackout_shuts() -> None:
    assert admission(Calendar(timezone=BERLIN), "patch", NOW) is None
    tomorrow = Blackout("audit", wall("2026-11-25"), wall("2026-11-26"))
    found = admission(Calendar({}, (tomorrow,), BERLIN), "patch", NOW)
    assert found is not None
    assert found.refuses(NOW) is None
    word = found.refuses(NOW + timedelta(hours=4))
    assert word is not None
    assert (word.reason, word.detail) == (
        "blackout",
        "a blackout began at Wed 2026-11-25 00:00 CET; next opening Thu 2026-11-26 00:00 CET",
    )


def test_a_recurring_blackout_is_a_whole_local_day() -> None:
    last_day = Blackout("month end", span=Span("FREQ=MONTHLY;BYMONTHDAY=-1", time(0), time(0)))
    made = Calendar({}, (last_day,), BERLIN)
    assert not is_open(made, "patch", datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert is_open(made, "patch", datetime(2026, 11, 29, 12, tzinfo=UTC))


def test_a_rule_that_has_ended_or_never_comes_opens_no_more() -> None:
    for rule in ("FREQ=DAILY;UNTIL=20261101", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"):
        made = calendar(f'{{rrule: "{rule}", start: 02:00, duration: 1h}}')
        found = admission(made, "patch", NOW)
        assert found is not None
        assert "no further opening" in found.word.detail
        assert "give it a window that opens" in found.word.remedy
