"""When schedules are due, on ordinary days and on those on which clocks change; what cron needs to know."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mspctl.engine.timetable import Wake, due, lateness, missed, moments, wakes
from mspctl.model.schedule import Firing, Schedule
from mspctl.parse.files import ClientFile
from mspctl.parse.schedulefiles import schedules_of
from mspctl.parse.validate import validate
from mspctl.parse.yaml import parse_yaml_text

BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
ZONES = (BERLIN, NEW_YORK, LORD_HOWE, "Asia/Kolkata", "Pacific/Chatham", "UTC")
NOW = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
WRITTEN = ("at: Sun 02:30", "at: Sun#2 01:45", "at: Sat 23:50", "at: daily 00:10", "every: 15m", "every: 4h")
SITES = "sites: {hq: {hosts: {web1: {}}}}\n"


def schedule(yaml: str, zone: str = BERLIN) -> Schedule:
    text = f"client: acme\nschedules:\n  s: {{run: patch, {yaml}}}\n{SITES}"
    block = validate(ClientFile, parse_yaml_text(text, "f.yml"), "f.yml")
    assert isinstance(block, ClientFile), block
    (made,) = schedules_of(None, block.schedules, zone, {})
    return made


def local(at: datetime, zone: str = BERLIN) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %m-%d %H:%M%z}"


@pytest.mark.parametrize(
    ("written", "next_two"),
    [
        ("at: Sun 02:05", ("Sun 11-29 02:05+0100", "Sun 12-06 02:05+0100")),
        ("at: Mon-Fri 22:00; Sat 09:00", ("Tue 11-24 22:00+0100", "Wed 11-25 22:00+0100")),
        ("at: [daily 01:00, Tue 23:30]", ("Tue 11-24 23:30+0100", "Wed 11-25 01:00+0100")),
        ("at: 20:00", ("Tue 11-24 20:00+0100", "Wed 11-25 20:00+0100")),
        ("at: Sun#2 02:05", ("Sun 12-13 02:05+0100", "Sun 01-10 02:05+0100")),
        (
            'at: {rrule: "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", start: 03:00, from: 2026-11-18}',
            ("Wed 12-02 03:00+0100", "Wed 12-16 03:00+0100"),
        ),
        ("every: 15m", ("Tue 11-24 20:00+0100", "Tue 11-24 20:15+0100")),
        ("every: 6h", ("Wed 11-25 01:00+0100", "Wed 11-25 07:00+0100")),
    ],
)
def test_times_as_written(written: str, next_two: tuple[str, str]) -> None:
    assert tuple(local(at) for at in islice(moments(schedule(written), "acme", NOW), 2)) == next_two


@pytest.mark.parametrize(
    ("clock", "zone", "around", "expected"),
    [
        ("02:30", BERLIN, "2027-03-28", "Sat 02:30+0100, Sun 03:30+0200, Mon 02:30+0200"),
        ("03:30", BERLIN, "2027-03-28", "Sat 03:30+0100, Sun 03:30+0200, Mon 03:30+0200"),
        ("02:30", BERLIN, "2026-10-25", "Sat 02:30+0200, Sun 02:30+0200, Mon 02:30+0100"),
        ("01:30", NEW_YORK, "2026-11-01", "Sat 01:30-0400, Sun 01:30-0400, Mon 01:30-0500"),
        ("02:15", LORD_HOWE, "2026-10-04", "Sat 02:15+1030, Sun 02:45+1100, Mon 02:15+1100"),
    ],
)
def test_each_day_has_each_time_once_when_clocks_change(
    clock: str, zone: str, around: str, expected: str
) -> None:
    since = datetime.fromisoformat(around).replace(tzinfo=ZoneInfo(zone)) - timedelta(days=1)
    made = schedule(f"at: {clock}", zone)
    found = [at.astimezone(ZoneInfo(zone)) for at in islice(moments(made, "acme", since), 3)]
    assert ", ".join(f"{at:%a %H:%M%z}" for at in found) == expected


def test_two_times_that_become_one_are_one() -> None:
    made = schedule('at: "02:30; 03:30"')
    night = datetime(2027, 3, 28, 0, tzinfo=UTC)
    found = [local(at) for at in islice(moments(made, "acme", night), 3)]
    assert found == ["Sun 03-28 03:30+0200", "Mon 03-29 02:30+0200", "Mon 03-29 03:30+0200"]


def test_jitter_is_the_clients_own_and_spreads_clients() -> None:
    made = schedule("at: Sun 02:00, jitter: 30m")
    shares = [lateness(made, f"client{number}") for number in range(300)]
    assert shares == [lateness(made, f"client{number}") for number in range(300)]
    assert min(shares) == timedelta(0)
    assert max(shares) == timedelta(minutes=30)
    assert len(set(shares)) == 31
    first = next(moments(made, "client7", NOW))
    assert local(first - shares[7]) == "Sun 11-29 02:00+0100"
    assert lateness(schedule("every: 5m, jitter: 4m"), "x") <= timedelta(minutes=4)


@pytest.mark.parametrize(
    ("written", "after", "expected"),
    [
        ("at: 20:00", timedelta(0), True),
        ("at: 20:00", timedelta(minutes=59), True),
        ("at: 20:00", timedelta(minutes=61), False),
        ("at: 20:00, catch_up: 0", timedelta(seconds=59), True),
        ("at: 20:00, catch_up: 0", timedelta(seconds=61), False),
        ("at: 20:00, catch_up: 2d", timedelta(hours=23), True),
        ("at: 20:00", timedelta(seconds=-1), False),
    ],
)
def test_how_late_a_time_is_made_up_for(written: str, after: timedelta, expected: bool) -> None:  # noqa: FBT001 - expected
    assert due(schedule(written), "acme", NOW + after) == (NOW if expected else None)


def test_of_several_missed_times_the_last_one_counts() -> None:
    assert due(schedule("at: 20:00, catch_up: 7d"), "acme", NOW + timedelta(days=3)) == NOW + timedelta(
        days=3
    )
    assert due(schedule("every: 5m"), "acme", NOW + timedelta(minutes=14)) == NOW + timedelta(minutes=10)


def woken(found: tuple[Wake, ...], local_time: datetime) -> bool:
    """Whether cron, by its own rules, starts one of these lines in that minute."""
    return any(
        local_time.minute in wake.minutes
        and wake.hour in {None, local_time.hour}
        and local_time.weekday() in wake.weekdays
        for wake in found
    )


@settings(max_examples=60)
@given(
    st.sampled_from(WRITTEN),
    st.sampled_from(ZONES),
    st.sampled_from(ZONES),
    st.integers(0, 12),
)
def test_cron_is_woken_at_every_time_whatever_its_zone(
    written: str, client_zone: str, machine_zone: str, client: int
) -> None:
    made = schedule(f"{written}, jitter: 10m", client_zone)
    zone = ZoneInfo(machine_zone)
    found = wakes(made, f"c{client}", zone, NOW)
    assert len(found) <= 12
    times = list(islice(moments(made, f"c{client}", NOW), 150))
    assert all(woken(found, at.astimezone(zone)) for at in times)


def firing(at: datetime, *, late: int = 0, word: str = "ended", code: int | None = 0) -> Firing:
    began = at + timedelta(minutes=late)
    return Firing("acme", "s", at, began, None if word == "started" else began, word, code)


def test_what_was_missed_is_told_alike_ones_together() -> None:
    made = schedule("every: 1h")
    hours = [NOW + timedelta(hours=number) for number in range(10)]
    firings = [
        firing(hours[0]),
        firing(hours[1], late=7),
        firing(hours[2], code=1),
        firing(hours[3], word="overlap", code=None),
        firing(hours[7], word="started", code=None),
        firing(hours[8]),
    ]
    found = missed(made, "acme", NOW, hours[9] + timedelta(minutes=1), firings)
    assert [(each.word, each.due, each.times, each.last) for each in found] == [
        ("late", hours[1], 1, hours[1]),
        ("failed", hours[2], 1, hours[2]),
        ("overlap", hours[3], 1, hours[3]),
        ("never", hours[4], 3, hours[6]),
    ]
    later = missed(made, "acme", hours[9], hours[9] + timedelta(minutes=3), [])
    assert [each.word for each in later] == ["never"]


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("at: Son 02:00", "`Son` is no day of the week"),
        ("at: Sun 24:00", "`24:00` is no time of day"),
        ("at: Sun 2:00", "no time of a schedule"),
        ("jitter: 5m", "either `at` or `every`"),
        ("at: 02:00, every: 5m", "either `at` or `every`"),
        ("every: 7m", "does not divide"),
        ("every: 5m, jitter: 5m", "not shorter than"),
        ("at: 02:00, overlap: wait", "not one of skip, queue, fail"),
        ("at: {rrule: FREQ=DAILY}", "`start` is missing"),
    ],
)
def test_what_is_refused(written: str, problem: str) -> None:
    text = f"client: acme\nschedules:\n  s: {{run: patch, {written}}}\n{SITES}"
    found = validate(ClientFile, parse_yaml_text(text, "f.yml"), "f.yml")
    assert isinstance(found, tuple)
    assert any(problem in each.problem for each in found), found


@pytest.mark.parametrize(
    "run",
    ["--client x", "patch --client x", "patch --all", "patch --project=/x", "'\"'", "{}"],
)
def test_a_command_is_for_this_client(run: str) -> None:
    text = f"client: acme\nschedules:\n  s: {{at: 02:00, run: {run}}}\n{SITES}"
    assert isinstance(validate(ClientFile, parse_yaml_text(text, "f.yml"), "f.yml"), tuple)
