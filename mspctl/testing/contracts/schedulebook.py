"""What it means to be a ScheduleBook.

Inherit, give the fixture `opener`, and run it with pytest, as with mspctl.testing.contracts.runstore.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

import pytest

from mspctl.model.schedule import Firing, Installed
from mspctl.ports import ScheduleBook
from mspctl.testing.runs import START


class ClosingScheduleBook(ScheduleBook, Protocol):
    """One that is closed at the end."""

    def close(self) -> None: ...


class BookOpener(Protocol):
    """Opens the storage under test."""

    def __call__(self) -> ClosingScheduleBook: ...


class ScheduleBookContract:
    """The suite. Every test begins with an empty storage."""

    @pytest.fixture
    def opener(self) -> BookOpener:
        """Override it."""
        raise NotImplementedError

    @pytest.fixture
    def books(self, opener: BookOpener) -> Iterator[tuple[ClosingScheduleBook, ClosingScheduleBook]]:
        """Two on one storage."""
        books = (opener(), opener())
        yield books
        for book in books:
            book.close()

    def test_a_time_is_claimed_once_and_its_end_is_kept(
        self, books: tuple[ClosingScheduleBook, ClosingScheduleBook]
    ) -> None:
        one, other = books
        firing = Firing("acme", "patch", START, START + timedelta(seconds=3))
        assert one.claim_firing(firing, START)
        assert not other.claim_firing(firing, START)
        assert other.claim_firing(Firing("beta", "patch", START, START), START)
        ended = Firing("acme", "patch", START, firing.began, START + timedelta(hours=1), "ended", 5)
        one.end_firing(ended)
        assert tuple(other.firings(["acme"], START)) == (ended,)
        assert tuple(other.firings(["acme"], START + timedelta(seconds=1))) == ()

    def test_old_ones_of_the_same_schedule_are_forgotten(
        self, books: tuple[ClosingScheduleBook, ClosingScheduleBook]
    ) -> None:
        book, _ = books
        hours = [START + timedelta(hours=number) for number in range(3)]
        for at in hours:
            assert book.claim_firing(Firing("acme", "patch", at, at), hours[1])
        book.claim_firing(Firing("acme", "health", hours[0], hours[0]), hours[0])
        found = [(each.schedule, each.due) for each in book.firings(["acme"], START)]
        assert found == [("health", hours[0]), ("patch", hours[1]), ("patch", hours[2])]

    def test_what_is_kept_is_replaced_for_the_named_clients(
        self, books: tuple[ClosingScheduleBook, ClosingScheduleBook]
    ) -> None:
        book, other = books
        rows = [Installed(client, "patch", START, "Sun 02:00") for client in ("acme", "beta")]
        book.install(["acme", "beta"], rows)
        book.install(["acme"], [])
        assert tuple(other.installed(["acme", "beta"])) == (rows[1],)
