"""A request is read back as it was kept; without its file it is an empty one."""

from datetime import UTC, datetime
from pathlib import Path

from mspctl.model.ledger import Ledger, Seen
from mspctl.wiring.request import Request, Target
from mspctl.wiring.requestfile import keep_request, read_request


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    asked = Request(
        "", Target(), params={"a": "ü"}, step_tags=("t",), skip_step_tags=("s",), line=("echo", "x y")
    )
    keep_request(tmp_path / "runs", "id", asked)
    assert read_request(tmp_path / "runs", "id") == asked
    assert (tmp_path / "runs" / "id.request.json").stat().st_mode & 0o777 == 0o600


def test_the_moment_and_the_ledger_come_back_too(tmp_path: Path) -> None:
    at = datetime(2026, 11, 24, 19, 0, 0, 123456, tzinfo=UTC)
    ledger = Ledger(
        (Seen("curl", "2", security=True, first=at),), (("a", "1"),), (("b", "*", "ü"),), (("c", "3"),)
    )
    asked = Request("", Target(), override="zero day", at=at, ledger=ledger)
    keep_request(tmp_path / "runs", "id", asked)
    assert read_request(tmp_path / "runs", "id") == asked


def test_a_damaged_ledger_is_none(tmp_path: Path) -> None:
    (tmp_path / "id.request.json").write_text(
        '{"ledger": {"seen": [[1]]}, "at": "yesterday", "override": null}'
    )
    assert read_request(tmp_path, "id") == Request("", Target())


def test_a_missing_or_damaged_file_is_an_empty_request(tmp_path: Path) -> None:
    assert read_request(tmp_path, "id") == Request("", Target())
    (tmp_path / "id.request.json").write_text("[1]")
    assert read_request(tmp_path, "id") == Request("", Target())
