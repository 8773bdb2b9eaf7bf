"""The audit log: appended to by many, and whatever is changed in it is found and named."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mspctl.errors import StorageError
from mspctl.runstore.audit import FIRST, AuditLog
from tests.hostile.storage import small_file_system

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


def filled(folder: Path, count: int = 5) -> AuditLog:
    audit = AuditLog(folder / "state" / "audit.jsonl")
    for number in range(count):
        audit.append(NOW, "anna", "run-started", {"run": f"run-{number}", "command": "mspctl patch\n--all"})
    return audit


def test_what_was_written_is_read_back_in_order_and_whole(tmp_path: Path) -> None:
    audit = filled(tmp_path)
    assert [dict(entry.fields)["run"] for entry in audit.entries()] == [f"run-{n}" for n in range(5)]
    assert audit.verify() == (5, ())
    assert audit.path.stat().st_mode & 0o777 == 0o600
    assert audit.path.parent.stat().st_mode & 0o777 == 0o700


def test_an_empty_log_is_sound(tmp_path: Path) -> None:
    audit = AuditLog(tmp_path / "audit.jsonl")
    assert (audit.verify(), audit.head(), list(audit.entries())) == ((0, ()), FIRST, [])


def test_many_writers_make_one_chain(tmp_path: Path) -> None:
    audit = AuditLog(tmp_path / "audit.jsonl")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: audit.append(NOW, "anna", "run-ended", {"run": str(n)}), range(40)))
    assert audit.verify() == (40, ())
    assert sorted(int(dict(entry.fields)["run"]) for entry in audit.entries()) == list(range(40))


def changed(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace("run-1", "run-9"), *lines[2:]]


def removed(lines: list[str]) -> list[str]:
    return [lines[0], *lines[2:]]


def swapped(lines: list[str]) -> list[str]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


def garbled(lines: list[str]) -> list[str]:
    return [*lines[:3], lines[3][:20], *lines[4:]]


def unreadable(lines: list[str]) -> list[str]:
    return [lines[0], lines[1].replace("anna", "\udcff"), *lines[2:]]


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (changed, ["line 3 was not written after"]),
        (removed, ["line 2 has the number 3", "line 2 was not written after"]),
        (
            swapped,
            [
                "line 2 has the number 3",
                "line 2 was not",
                "line 3 has the number 2",
                "line 3 was not",
                "line 4 has the number 4",
                "line 4 was not",
            ],
        ),
        (garbled, ["line 4 is none of an audit log", "line 5 has the number 5", "line 5 was not"]),
        (unreadable, ["line 3 was not written after"]),
    ],
)
def test_harm_is_found_and_named(
    harm: Callable[[list[str]], list[str]], named: list[str], tmp_path: Path
) -> None:
    audit = filled(tmp_path)
    text = "".join(f"{line}\n" for line in harm(audit.path.read_text().splitlines()))
    audit.path.write_bytes(text.encode(errors="surrogateescape"))
    count, wrong = audit.verify()
    assert count == len(text.splitlines())
    assert [each.startswith(start) for each, start in zip(wrong, named, strict=True)] == [True] * len(named)


def test_a_write_that_was_cut_off_is_named_and_hides_nothing_after_it(tmp_path: Path) -> None:
    audit = filled(tmp_path, 2)
    with audit.path.open("a") as file:
        file.write('{"number":3,"at":"20')
    audit.append(NOW, "anna", "run-ended", {})
    audit.append(NOW, "anna", "run-ended", {})
    count, wrong = audit.verify()
    assert (count, wrong) == (
        5,
        ("line 3 is none of an audit log: it was changed, or a write was cut off",),
    )


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "small", "size=8k") as folder:
        audit = AuditLog(folder / "audit.jsonl")
        audit.append(NOW, "anna", "run-started", {"why": "x" * 3000})
        before = audit.path.read_bytes()
        with pytest.raises(StorageError, match="No space left"):
            audit.append(NOW, "anna", "run-started", {"why": "x" * 6000})
        assert audit.path.read_bytes() == before
        assert audit.verify() == (1, ())


def test_the_head_changes_with_every_line(tmp_path: Path) -> None:
    audit = filled(tmp_path, 2)
    before = audit.head()
    audit.append(NOW, "anna", "run-ended", {})
    assert audit.head() != before
    assert json.loads(audit.path.read_text().splitlines()[-1])["before"] == before


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="audit log cannot be used"):
        AuditLog(tmp_path / "audit.jsonl").append(NOW, "anna", "run-ended", {})
    assert not (tmp_path / "elsewhere").exists()
