"""L6: SIGTERM, SIGINT, a second SIGINT, SIGHUP.

TERM, INT: no new hosts, running get 10 s, rows `cancelled`, exit 5; the second: at once, rows still terminal;
HUP: as TERM when no tty; survives a closed terminal.
"""

import os
import pty
import signal
import socket
import subprocess
import time

import pytest

from tests.e2e.cli import WAIT, Cli, ended, stop, wait_until
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import half_cli as half_cli  # noqa: PLC0414
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414


def cancelled_by(cli: Cli, *signals: int, seconds: str = "30") -> tuple[float, int, str]:
    """Start a long run, send the signals, and give the time until its end, exit code and stdout."""
    process = cli.start("run", "say", "--client", "acme", "-e", f"seconds={seconds}")
    cli.await_event("bundle-started")
    began = time.monotonic()
    for number in signals:
        stop(process, number)
        time.sleep(0.3)
    code, out, _ = ended(process)
    return time.monotonic() - began, code, out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_first_signal_gives_running_hosts_ten_seconds(cli: Cli, number: int) -> None:
    seconds, code, out = cancelled_by(cli, number)
    assert code == 5
    assert 9 <= seconds < 25
    run = cli.last()
    assert run["counts"] == {"cancelled": 1}
    assert run["finished"] is not None
    assert "local1: cancelled" in out


def test_a_host_that_ends_within_the_grace_keeps_its_outcome(cli: Cli) -> None:
    _, code, out = cancelled_by(cli, signal.SIGTERM, seconds="3")
    assert (code, out) == (0, "")
    assert cli.last()["counts"] == {"ok": 1}


def test_no_new_host_is_started_after_a_signal(half_cli: Cli) -> None:
    process = half_cli.start("run", "say", "--client", "acme", "--forks", "1", "-e", "seconds=3")
    half_cli.await_event("bundle-started")
    stop(process)
    assert ended(process)[0] == 5
    outcomes = {host["host"]: (host["outcome"], host["attempt"]) for host in half_cli.last()["hosts"]}
    assert outcomes == {"local1": ("ok", 1), "gone1": ("cancelled", 0)}


def test_the_second_signal_ends_at_once_with_terminal_rows(cli: Cli) -> None:
    seconds, code, _ = cancelled_by(cli, signal.SIGINT, signal.SIGINT, seconds="15")
    assert code == 5
    assert seconds < 12
    run = cli.last()
    assert run["counts"] == {"cancelled": 1}
    assert run["finished"] is not None
    assert cli("runs", "verify").returncode == 0


def test_the_second_signal_does_not_wait_for_a_host_that_does_not_answer(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = cli.project / "inventory" / "clients" / "acme.yml"
        host = f"      mute1: {{address: localhost, port: {silent.getsockname()[1]}}}\n"
        file.write_text(file.read_text() + host)
        process = cli.start("exec", "--client", "acme", "--limit", "mute1", "--", "true")
        cli.await_event("host-started")
        began = time.monotonic()
        stop(process)
        time.sleep(0.3)
        stop(process)
        code, _, err = ended(process)
    assert code == 5, err
    assert time.monotonic() - began < 9, "its banner may take ten seconds"
    (row,) = cli.last()["hosts"]
    assert (row["outcome"], row["detail"]) == ("cancelled", "before anything was started on the host")
    assert cli("runs", "verify").returncode == 0


def test_a_closed_terminal_is_survived(cli: Cli) -> None:
    leader, terminal = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", *cli.argv, "run", "say", "--client", "acme", "-e", "seconds=4"],
        env={**cli.environment, "TERM": "xterm"},
        cwd="/",
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    cli.await_event("bundle-started")
    os.close(leader)
    code = process.wait(timeout=WAIT)
    assert cli.last()["counts"] == {"ok": 1}
    assert code == 0, "nobody is left to be shown anything"
    wait_until(lambda: any('"finished"' in line for line in cli.journal()), "finished")
