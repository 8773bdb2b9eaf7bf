"""What it means to be a CallBook.

Inherit, give the fixture `opener`, and run it with pytest, as with mspctl.testing.contracts.runstore.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

import pytest

from mspctl.model.call import CallRecord, CallWord
from mspctl.ports import CallBook
from mspctl.testing.runs import START


class ClosingCallBook(CallBook, Protocol):
    """One that is closed at the end."""

    def close(self) -> None: ...


class BookOpener(Protocol):
    """Opens the storage under test."""

    def __call__(self) -> ClosingCallBook: ...


def record(call: int, client: str, word: CallWord, minutes: int, text: str = "", **fields: str) -> CallRecord:
    """A record that many minutes after START, written down an hour later."""
    at = START + timedelta(minutes=minutes)
    return CallRecord(call, client, word, at, at + timedelta(hours=1), "ann", text, fields)


class CallBookContract:
    """The suite. Every test begins with an empty storage."""

    @pytest.fixture
    def opener(self) -> BookOpener:
        """Override it."""
        raise NotImplementedError

    @pytest.fixture
    def book(self, opener: BookOpener) -> Iterator[ClosingCallBook]:
        """An open book."""
        book = opener()
        yield book
        book.close()

    def test_records_come_back_as_written_and_numbers_go_on(
        self, opener: BookOpener, book: ClosingCallBook
    ) -> None:
        first = record(0, "acme", CallWord.STARTED, 0, "mail down; ünïcode", priority="P1")
        numbers = [book.write_call(first), book.write_call(record(0, "beta", CallWord.STARTED, 5))]
        stop = record(1, "acme", CallWord.STOPPED, 45, "queue was full", km="30")
        numbers.append(book.write_call(stop))
        other = opener()
        numbers.append(other.write_call(record(0, "acme", CallWord.STARTED, 50)))
        assert numbers == [1, 2, 1, 3]
        found = other.call_records({"acme"})
        other.close()
        assert [each.call for each in found] == [1, 1, 3]
        assert (found[0].text, found[0].at, found[0].written, dict(found[0].fields)) == (
            first.text, first.at, first.written, {"priority": "P1"},
        )  # fmt: skip
        assert (found[1].word, found[1].author) == (CallWord.STOPPED, "ann")
        assert dict(found[1].fields) == {"km": "30"}

    def test_what_is_no_text_of_any_encoding_is_kept_as_far_as_it_is(self, book: ClosingCallBook) -> None:
        """A terminal of another encoding gives such characters; a database refuses them."""
        book.write_call(record(0, "acme", CallWord.STARTED, 0, "caf\udce9 \0", hosts="web\udce9"))
        (found,) = book.call_records({"acme"})
        assert (found.text, found.fields["hosts"]) == ("caf? \\x00", "web?")

    def test_a_client_sees_its_own_calls_only(self, book: ClosingCallBook) -> None:
        book.write_call(record(0, "acme", CallWord.STARTED, 0))
        assert book.call_records({"beta"}) == ()
        assert len(book.call_records({"beta", "acme"})) == 1
