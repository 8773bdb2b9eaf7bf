"""The days that a client should know: what a person named, and the windows of the coming weeks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mspctl.model.theme import Appointment
from mspctl.report.facts.maintenance import Maintenance
from mspctl.report.pages.look import report_folder
from mspctl.report.wording.comingdates import ComingDates
from mspctl.report.wording.speech import Speech, speech_of

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = datetime(2026, 11, 8, 1, tzinfo=UTC)
REVIEW = Appointment(date(2026, 11, 10), "Review, 10:00")


def dates(*windows: Maintenance, said: tuple[Appointment, ...] = (), language: str = "en") -> ComingDates:
    speech = Speech() if language == "en" else speech_of(language, report_folder() / "locale")
    return ComingDates(windows, said, 3, speech, BERLIN)


def window(days: int = 0, hours: int = 3, *hosts: str) -> Maintenance:
    begins = NIGHT + timedelta(days=days)
    return Maintenance(begins, begins + timedelta(hours=hours), hosts)


def test_windows_stand_among_what_a_person_named_in_the_clients_time() -> None:
    found = dates(window(0, 3, "a", "b"), window(7, 3, "a"), window(14, 3, "a"), said=(REVIEW,)).first
    assert found == (
        ("Sun 8 Nov", "Maintenance, 02:00 to 05:00"),
        ("Tue 10 Nov", "Review, 10:00"),
        ("Sun 15 Nov", "Maintenance, 02:00 to 05:00"),
    )


def test_the_next_window_is_told_however_much_a_person_named() -> None:
    said = tuple(Appointment(date(2026, 12, day), "Talk") for day in range(1, 7))
    assert [day for day, _ in dates(window(), window(7), said=said).first][:2] == ["Sun 8 Nov", "Tue 1 Dec"]


def test_all_computers_are_not_listed() -> None:
    told = dates(window(0, 3, "a", "b", "c")).windows_told
    assert told == ("Sun 8 Nov, 02:00 to 05:00: all 3 computers",)


def test_two_windows_at_one_time_are_one_date() -> None:
    assert len(dates(window(0, 3, "a"), window(0, 3, "b")).first) == 1


def test_windows_that_are_alike_stand_in_one_line_with_their_computers() -> None:
    found = dates(window(0, 3, "a", "b"), window(2, 1, "c"), window(7, 3, "a", "b"), language="de")
    assert found.windows_told == (
        "So, 8. Nov. und So, 15. Nov., 02:00 bis 05:00: a und b",
        "Di, 10. Nov., 02:00 bis 03:00: c",
    )


def test_a_window_of_many_hours_says_on_which_day_it_ends() -> None:
    assert dates(window(0, 22)).first[0][1] == "Maintenance, 02:00 to 00:00"
    assert dates(window(0, 30)).first[0][1] == "Maintenance, 02:00 to Mon 9 Nov, 08:00"
    assert dates(Maintenance(NIGHT, None)).first[0][1] == "Maintenance, from 02:00"
