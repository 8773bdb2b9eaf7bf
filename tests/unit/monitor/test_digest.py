"""One text, however much happened."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from mspctl.model.monitoring import IncidentRecord, IncidentWord, Seen
from mspctl.monitor.digest import digest
from mspctl.monitor.incidents import folded

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SEQ = iter(range(1, 10_000))


def record(
    number: int, word: str, minutes: int, seen: str = "down", text: str = "no answer"
) -> IncidentRecord:
    at = AT + timedelta(minutes=minutes)
    return IncidentRecord(
        number, "acme", f"p{number}", IncidentWord(word), at, Seen(seen), text, "ann", seq=next(SEQ)
    )


def test_what_opened_is_over_and_was_open_before() -> None:
    before = [
        record(1, "opened", -90),
        record(1, "acknowledged", -80, text="on it"),
        record(4, "opened", -70),
    ]
    fresh = [
        record(2, "opened", 0),
        record(3, "opened", 0, "warning", "85 % used"),
        record(2, "closed", 7, "up"),
        record(4, "worsened", 8, text="gone"),
    ]
    made = digest("Acme", fresh, folded([*before, *fresh]), BERLIN)
    assert made is not None
    assert made.title == "Acme: 2 open, 1 over, 1 open from before"
    assert made.body.splitlines() == [
        "Open:",
        "  #4 p4 down since Tue 07:50 CET: gone",
        "  #3 p3 warning since Tue 09:00 CET: 85 % used",
        "Over:",
        "  #2 p2 down from Tue 09:00 CET, 7 min: no answer",
        "Open since before:",
        "  #1 p1 down since Tue 07:30 CET, ann takes care of it: no answer",
    ]
    assert made.last == fresh[-1].seq


def test_notes_are_no_news() -> None:
    opened = record(1, "opened", 0)
    for word in ("noted", "acknowledged", "healing"):
        assert digest("Acme", [record(1, word, 1)], folded([opened, record(1, word, 1)]), BERLIN) is None


def test_a_storm_is_one_text_that_ends() -> None:
    storm = [record(number, "opened", 0) for number in range(1, 501)]
    made = digest("Acme", storm, folded(storm), BERLIN)
    assert made is not None
    assert made.title == "Acme: 500 open"
    assert len(made.body.splitlines()) == 42
    assert made.body.endswith("and 460 more")
