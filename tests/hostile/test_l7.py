"""L7: two crons, same job: the second exits 3 and says who; the lock is flock on fd, never a pid file."""

import json
import os
import signal

from tests.e2e.cli import Cli, ended, stop
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414


def test_the_second_of_two_crons_exits_3_and_names_the_first(cli: Cli) -> None:
    first = cli.start("run", "say", "--client", "acme", "-e", "seconds=12")
    cli.await_event("bundle-started")
    second = cli("run", "say", "--client", "acme")
    assert second.returncode == 3
    assert f"process {first.pid}" in second.stderr
    assert "since 20" in second.stderr
    assert "seconds=12" in second.stderr
    assert second.stdout == ""
    assert ended(first)[0] == 0
    assert len(cli.json("runs", "list")["runs"]) == 1
    entries = cli.json("audit", "list")["entries"]
    assert [entry["event"] for entry in entries] == ["run-started", "job-refused", "run-ended"]
    assert f"process {first.pid}" in entries[1]["fields"]["why"]
    assert cli("audit", "verify").returncode == 0


def test_another_job_of_the_same_client_is_not_held_up(cli: Cli) -> None:
    first = cli.start("run", "say", "--client", "acme", "-e", "seconds=3")
    cli.await_event("bundle-started")
    assert cli("exec", "--client", "acme", "--check", "--", "true").returncode == 0
    assert ended(first)[0] == 0


def test_the_lock_of_a_killed_process_is_free_at_once(cli: Cli) -> None:
    first = cli.start("run", "say", "--client", "acme", "-e", "seconds=2")
    cli.await_event("bundle-started")
    stop(first, signal.SIGKILL)
    ended(first)
    assert cli("run", "say", "--client", "acme").returncode == 0


def test_a_lock_file_with_a_living_pid_in_it_holds_nobody_up(cli: Cli) -> None:
    locks = cli.state / "mspctl" / "locks"
    locks.mkdir(parents=True)
    stale = {
        "pid": os.getpid(),
        "user": "x",
        "started": "2026-11-01T00:00:00+00:00",
        "command": "x",
        "runs": [],
    }
    (locks / "acme-say.lock").write_text(json.dumps(stale))
    assert cli("run", "say", "--client", "acme").returncode == 0
