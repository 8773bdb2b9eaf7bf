"""L3: disk full at the start: exit 4 (100 MB must be free); in the middle: nothing recorded is lost."""

import contextlib
import json
import os
from pathlib import Path

import pytest

from mspctl.errors import StorageError
from mspctl.model.outcome import Outcome
from mspctl.runstore import open_run_store
from mspctl.runstore.jsonl import JsonLines
from mspctl.testing.runs import START, ended, made_plan, made_run, story
from tests.e2e.cli import Cli
from tests.e2e.cli import ended as ended_process
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import remove_spools
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414
from tests.e2e.test_runs import age
from tests.hostile.storage import opened, refused, small_file_system


def test_a_full_disk_is_seen_before_the_run(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "small", "size=50m") as folder:
        assert "MB free; a run needs" in str(refused(lambda: opened(folder / "runs.db")))
        assert not (folder / "runs.db").exists()


def test_a_disk_that_fills_up_loses_nothing_that_was_recorded(tmp_path: Path) -> None:
    plan = made_plan(*(f"h{number}" for number in range(40)))
    run = made_run(plan)
    with small_file_system(tmp_path / "small", "size=2m") as folder:
        store = open_run_store(f"sqlite:///{folder}/runs.db", min_free=0)
        store.plan(run, plan)
        noise = bytes(range(256)) * 300
        told = 0
        ballast = folder / "ballast"
        ballast.write_bytes(b"\1" * 900_000)

        def record_all() -> None:
            nonlocal told
            for told, host in enumerate(run.hosts):
                store.record(run.id, list(story(host.host, output=noise[told:])))

        with pytest.raises(StorageError, match="full") as caught:
            record_all()
        assert "free some space" in str(caught.value)
        assert [host.outcome for host in store.load(run.id).hosts[:told]] == [Outcome.CHANGED] * told
        assert len(store.load(run.id).pending) == 40 - told
        assert store.verify() == ()
        ballast.unlink()
        store.record(run.id, list(story(run.hosts[told].host)))  # the same host again, the same process
        store.close()
        again = open_run_store(f"sqlite:///{folder}/runs.db", min_free=0)
        again.record(run.id, [ended(host.host, Outcome.LOST) for host in again.load(run.id).pending])
        again.finish(run.id, START)
        assert again.verify() == ()
        assert again.load(run.id).counts == {Outcome.CHANGED: told + 1, Outcome.LOST: 39 - told}
        again.close()


def test_what_the_run_log_does_not_take_goes_to_stderr_and_is_collected_later(
    cli: Cli, tmp_path: Path
) -> None:
    with small_file_system(tmp_path / "small", "size=150m") as folder:
        full = Cli(cli.project, folder)
        work = full.start("exec", "--client", "acme", "--", "sleep 5; seq 200000")
        full.await_event("bundle-started")
        fill(folder / "ballast")
        code, out, err = ended_process(work)
        told = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
        assert (code, out) == (4, "")
        assert told, err
        assert {line["host"] for line in told} == {"acme/local1"}
        assert "the run log failed in the middle" in err
        assert "mspctl runs resume" in err
        (folder / "ballast").unlink()
        assert full("runs", "resume", "last").returncode == 0
        assert [host["outcome"] for host in full.last()["hosts"]] == ["changed"]
        assert full("runs", "verify").returncode == 0
        remove_spools(full)


def test_old_runs_can_be_pruned_where_there_is_no_room_for_a_new_one(cli: Cli, tmp_path: Path) -> None:
    """The message about the full disk names `runs prune`: it must not be refused for the same reason."""
    with small_file_system(tmp_path / "small", "size=150m") as folder:
        full = Cli(cli.project, folder)
        assert full("run", "say", "--client", "acme").returncode == 0
        fill(folder / "ballast")
        nothing_left = full("runs", "list")
        assert (nothing_left.returncode, nothing_left.stdout) == (4, "")
        assert "full" in nothing_left.stderr
        os.truncate(folder / "ballast", (folder / "ballast").stat().st_size - 5_000_000)
        refusal = full("run", "say", "--client", "acme")
        assert (refusal.returncode, refusal.stdout) == (4, "")
        assert "mspctl runs prune" in refusal.stderr
        age(full, full.last()["run"])
        done = full("runs", "prune", "--days", "30", "--everything", "--yes")
        assert (done.returncode, done.stderr) == (0, "")
        assert full.json("runs", "list") == {"runs": []}


def fill(ballast: Path) -> None:
    """Not a byte is left."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"\1" * 65536)
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(b"\1" * 512)


def test_a_log_file_on_a_full_disk_is_one_warning(tmp_path: Path) -> None:
    run = made_run(made_plan("web1"))
    warnings: list[str] = []
    with small_file_system(tmp_path / "small", "size=64k") as folder:
        log = JsonLines(folder / "runs", run, warn=warnings.append)
        for _ in range(3):
            log.record(story("acme/web1", output=b"z" * 200_000))
        log.close()
    assert len(warnings) == 1
    assert "No space left" in warnings[0]
