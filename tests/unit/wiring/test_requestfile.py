"""A request is read back as it was kept; without its file it is an empty one."""

from pathlib import Path

from mspctl.wiring.request import Request, Target
from mspctl.wiring.requestfile import keep_request, read_request


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    asked = Request(
        "", Target(), params={"a": "ü"}, step_tags=("t",), skip_step_tags=("s",), line=("echo", "x y")
    )
    keep_request(tmp_path / "runs", "id", asked)
    assert read_request(tmp_path / "runs", "id") == asked
    assert (tmp_path / "runs" / "id.request.json").stat().st_mode & 0o777 == 0o600


def test_a_missing_or_damaged_file_is_an_empty_request(tmp_path: Path) -> None:
    assert read_request(tmp_path, "id") == Request("", Target())
    (tmp_path / "id.request.json").write_text("[1]")
    assert read_request(tmp_path, "id") == Request("", Target())
