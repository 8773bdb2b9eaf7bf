"""L9: stdout closed, SIGPIPE, stdout full: the run goes on; exit 4, and it is said why."""

import os
import subprocess
from pathlib import Path

from tests.e2e.cli import WAIT, Cli, ended
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414

RUN = ("run", "say", "--client", "acme")


def in_shell(cli: Cli, redirection: str, *arguments: str) -> tuple[int, str]:
    """Run with a redirection of the shell; exit code and stderr."""
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *cli.argv, *arguments],
        env=cli.environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        timeout=WAIT,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_closed_stdout_ends_with_4_and_the_run_is_whole(cli: Cli) -> None:
    code, err = in_shell(cli, ">&-", "--json", *RUN)
    assert code == 4
    assert "Bad file descriptor" in err
    assert cli.last()["counts"] == {"ok": 1}


def test_a_full_stdout_ends_with_4_and_the_run_is_whole(cli: Cli) -> None:
    code, err = in_shell(cli, ">/dev/full", "--json", *RUN)
    assert code == 4
    assert "No space left on device" in err
    assert cli.last()["counts"] == {"ok": 1}


def test_a_reader_that_went_away_ends_with_4_and_the_run_is_whole(cli: Cli) -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as pipe:
        process = cli.start("--json", *RUN, "-e", "seconds=4", stdout=pipe)
    cli.await_event("bundle-started")
    os.close(reading)
    code, _, err = ended(process)
    assert code == 4
    assert "Broken pipe" in err
    assert cli.last()["counts"] == {"ok": 1}


def test_closed_standard_streams_leave_the_run_log_alone(cli: Cli) -> None:
    code, _ = in_shell(cli, "<&- >&- 2>&-", *RUN)
    assert code == 0, "a good run has nothing to print"
    assert cli("runs", "verify").returncode == 0
    database = cli.state / "mspctl" / "runs.db"
    assert Path(database).read_bytes().startswith(b"SQLite format 3\0")
