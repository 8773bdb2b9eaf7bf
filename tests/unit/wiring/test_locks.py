"""A lock dies with its process, and its file tells who had it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mspctl.errors import LockHeld, StorageError
from mspctl.wiring.locks import Claim, JobLock


def claim() -> Claim:
    """Made now: the tests may run long after they were collected."""
    since = datetime.now(UTC) - timedelta(hours=2, minutes=5)
    return Claim(4711, "ops", since, "mspctl patch --client acme")


def lock(folder: Path, client: str = "acme", playbook: str = "patch") -> JobLock:
    return JobLock(folder / "locks", client, playbook, claim())


def test_the_second_is_told_who_and_since_when(tmp_path: Path) -> None:
    with lock(tmp_path), pytest.raises(LockHeld) as caught:
        lock(tmp_path).take()
    assert caught.value.exit_code == 3
    said = str(caught.value)
    assert "ops, process 4711" in said
    assert "2 h 5 min" in said
    assert "mspctl patch --client acme" in said


def test_other_jobs_have_other_locks(tmp_path: Path) -> None:
    with lock(tmp_path), lock(tmp_path, playbook="health"), lock(tmp_path, client="beta"):
        assert len(list((tmp_path / "locks").iterdir())) == 3


def test_a_clean_end_leaves_nothing_behind(tmp_path: Path) -> None:
    first = lock(tmp_path)
    first.take()
    first.announce(["run-1"])
    first.release(clean=True)
    with lock(tmp_path) as second:
        assert second.left_behind == ()


def test_another_end_leaves_the_runs_to_the_next(tmp_path: Path) -> None:
    with lock(tmp_path) as first:
        first.announce(["run-1", "run-2"])
    with lock(tmp_path) as second:
        assert second.left_behind == ("run-1", "run-2")


def test_who_begins_no_run_leaves_those_of_a_dead_one_to_the_next(tmp_path: Path) -> None:
    with lock(tmp_path) as dead:
        dead.announce(["run-1"])
    with lock(tmp_path):
        pass  # a secret that cannot be had, another client's lock that is held
    with lock(tmp_path) as third:
        assert third.left_behind == ("run-1",)


@pytest.mark.parametrize("text", ["", "rubbish", "[]", '{"pid": "x"}', "\0" * 100])
def test_a_damaged_file_is_no_reason_to_stop(tmp_path: Path, text: str) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "acme-patch.lock").write_text(text)
    with lock(tmp_path) as taken:
        assert taken.left_behind == ()


def test_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    with lock(tmp_path, client="../../x", playbook="a/b") as taken:
        assert taken.path.parent == tmp_path / "locks"


def test_a_symbolic_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "acme-patch.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(StorageError):
        lock(tmp_path).take()
    assert not (tmp_path / "victim").exists()
