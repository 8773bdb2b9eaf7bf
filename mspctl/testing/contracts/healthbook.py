"""What every HealthBook keeps to."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType

import pytest

from mspctl.model.snapshot import Snapshot
from mspctl.ports import HealthBook
from mspctl.testing.runs import START


def snapshot(month: str = "2026-10", version: int = 1, total: str | None = "87.5") -> Snapshot:
    """A month that came to `total`."""
    return Snapshot("acme", month, version, START, MappingProxyType({"total": total, "area.backup": None}))


class HealthBookContract:
    """Give a fixture `book` that yields an empty one."""

    @pytest.fixture
    def book(self) -> Iterator[HealthBook]:
        raise NotImplementedError

    def test_what_was_written_is_read_back_by_month(self, book: HealthBook) -> None:
        october, september = snapshot(), snapshot("2026-09", total=None)
        other = replace(october, client="bolt")
        for each in (october, september, other):
            book.write_snapshot(each)
        assert list(book.snapshots("acme")) == [september, october]
        assert list(book.snapshots("nobody")) == []

    def test_the_last_of_a_month_and_version_stands(self, book: HealthBook) -> None:
        for total in ("87.5", "12", "12", *map(str, range(20, 30))):
            book.write_snapshot(snapshot(total=total))
        book.write_snapshot(snapshot(version=2, total="50"))
        assert [each.figures["total"] for each in book.snapshots("acme")] == ["29", "50"]

    def test_after_a_final_one_there_is_none(self, book: HealthBook) -> None:
        final = replace(snapshot(total="80"), final=True)
        for each in (snapshot(), final, snapshot(total="90"), replace(final, figures={"total": "70"})):
            book.write_snapshot(each)
        book.write_snapshot(snapshot("2026-11", total="60"))
        assert list(book.snapshots("acme")) == [final, snapshot("2026-11", total="60")]
