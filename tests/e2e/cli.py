"""The real command line in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from tests.architecture.source import ROOT

WAIT = 120.0


class Cli:
    """`mspctl` on a project, with a state folder of its own and an almost empty environment."""

    def __init__(self, project: Path, state: Path, *, wait: float = WAIT) -> None:
        self.project = project
        self.wait = wait
        self.state = state
        self.umask = -1
        """Of its processes; this one's if negative."""
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(state),
            "XDG_STATE_HOME": str(state),
            "PYTHONPATH": str(ROOT),
        }

    @property
    def argv(self) -> list[str]:
        return [sys.executable, "-m", "mspctl", "--project", str(self.project)]

    def __call__(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.argv, *arguments],
            env=self.environment if environment is None else environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.wait,
            check=False,
            umask=self.umask,
        )

    def json(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever the document holds
        return json.loads(self("--json", *arguments).stdout)

    def start(self, *arguments: str, stdout: int | IO[bytes] = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        # Tests that were started by nohup ignore SIGHUP, and so would this.
        return subprocess.Popen(
            ["env", "--default-signal=HUP", *self.argv, *arguments],
            env=self.environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=self.umask,
        )

    def await_event(self, name: str, count: int = 1) -> None:
        """Until the JSON lines of all runs hold so many events of this name."""
        wait_until(lambda: sum(f'"{name}"' in line for line in self.journal()) >= count, f"{count} of {name}")

    def journal(self) -> list[str]:
        """The JSON lines of all runs, the run last written to at the end: ids of one minute have no order."""
        files = (self.state / "mspctl" / "runs").glob("*.jsonl")
        return [
            line
            for file in sorted(files, key=lambda file: file.stat().st_mtime_ns)
            for line in file.read_text(encoding="utf-8").splitlines()
        ]

    def last(self) -> Any:  # noqa: ANN401 - as above
        """The newest run."""
        return self.json("runs", "show", "last")


def wait_until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.05)


def stop(process: "subprocess.Popen[bytes]", number: int = signal.SIGTERM) -> None:
    os.kill(process.pid, number)


def ended(process: "subprocess.Popen[bytes]") -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    out, err = process.communicate(timeout=WAIT)
    return process.returncode, (out or b"").decode(), (err or b"").decode()
