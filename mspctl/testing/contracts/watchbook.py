"""What it means to be a WatchBook.

Inherit, give the fixture `opener`, and run it with pytest, as with mspctl.testing.contracts.runstore.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import pytest

from mspctl.model.monitoring import (
    IncidentRecord,
    IncidentWord,
    Phase,
    Seen,
    Span,
    Standing,
    VolumeDay,
)
from mspctl.ports import WatchBook, WatchResult
from mspctl.testing.runs import START

OPENED = IncidentRecord(0, "acme", "web", IncidentWord.OPENED, START, Seen.DOWN, "ünreachable", "", "UDD")
WEB = Standing("web", Phase.DOWN, Seen.DOWN, START, START, 2, "UDD", "no answer")


class BookOpener(Protocol):
    """Opens the storage under test; it is closed by whoever made it."""

    def __call__(self) -> WatchBook: ...


def result(*records: IncidentRecord, standings: tuple[Standing, ...] = (WEB,)) -> WatchResult:
    """A round with these records."""
    return WatchResult(standings, records, (), (), START - timedelta(days=100))


class WatchBookContract:
    """The suite. Every test begins with an empty storage."""

    @pytest.fixture
    def opener(self) -> BookOpener:
        """Override it."""
        raise NotImplementedError

    def test_incidents_get_numbers_and_stay_as_written(self, opener: BookOpener) -> None:
        one, other = opener(), opener()
        (first,) = one.write("acme", result(OPENED))
        (second, third) = other.write(
            "beta", result(replace(OPENED, client="beta"), replace(OPENED, client="beta"))
        )
        assert (first.number, second.number, third.number) == (1, 2, 3)
        told = replace(OPENED, number=1, word=IncidentWord.ACKNOWLEDGED, author="ann", text="on it")
        assert one.tell(told).seq > third.seq
        found = other.records(["acme"])
        assert [replace(each, seq=0) for each in found] == [replace(OPENED, number=1), told]
        assert [each.number for each in other.records(["acme", "beta"])] == [1, 2, 3, 1]

    def test_standings_are_those_of_the_last_round(self, opener: BookOpener) -> None:
        one, other = opener(), opener()
        one.write("acme", result(standings=(WEB, replace(WEB, key="mail"))))
        one.write("beta", result())
        later = replace(WEB, phase=Phase.UP, seen=Seen.UP, at=START + timedelta(minutes=5), failures=0)
        other.write("acme", result(standings=(later,)))
        assert tuple(one.standings("acme")) == (later,)
        assert tuple(one.standings("beta")) == (WEB,)

    def test_spans_grow_and_old_ones_are_forgotten(self, opener: BookOpener) -> None:
        book = opener()
        minutes = [START + timedelta(minutes=number) for number in range(4)]
        old = Span("acme", "web", "up", START - timedelta(days=9), START - timedelta(days=8))
        first = Span("acme", "web", "up", minutes[0], minutes[1])
        grown = replace(first, ends=minutes[2])
        down = Span("acme", "web", "down", minutes[2], minutes[3])
        other = Span("acme", "mail", "up", minutes[0], minutes[3])
        book.write("acme", replace(result(), spans=(old, first)))
        book.write("acme", replace(result(), spans=(grown, down, other), forget=START))
        assert book.last_spans("acme") == {"web": down, "mail": other}
        assert tuple(book.spans("acme", old.begins, minutes[3])) == (other, grown, down)
        assert tuple(book.spans("acme", minutes[2], minutes[3])) == (other, down)
        assert book.last_spans("beta") == {}

    def test_file_systems_have_one_row_a_day(self, opener: BookOpener) -> None:
        book = opener()
        first = VolumeDay("web1", "/", "2026-11-23", 10, 2**45)
        more = replace(first, used=20)
        later = replace(first, day="2026-11-24")
        book.write("acme", replace(result(), volumes=(first,)))
        book.write("acme", replace(result(), volumes=(more, later)))
        assert tuple(book.volumes("acme", "2026-11-01")) == (more, later)
        assert tuple(book.volumes("acme", "2026-11-24")) == (later,)
        assert tuple(book.volumes("beta", "2026-11-01")) == ()

    def test_the_last_digest_is_remembered(self, opener: BookOpener) -> None:
        book = opener()
        assert book.digest("acme") is None
        book.digest_sent("acme", START, 3)
        book.digest_sent("acme", START + timedelta(hours=1), 7)
        assert book.digest("acme") == (START + timedelta(hours=1), 7)
