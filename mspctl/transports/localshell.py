"""Runs a shell line of the inventory on this machine: no stdin, bounded output, a limit that fires."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from typing import IO

from mspctl.ports import LocalRun

_KEPT = 64 * 1024


class SystemShell:
    """A LocalShell (mspctl.ports) by /bin/sh; `environment` is what lines find beside what they are told."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def run(self, line: str, variables: Mapping[str, str], *, timeout: float) -> LocalRun:
        with tempfile.TemporaryFile() as output:
            try:
                process = subprocess.Popen(
                    ["/bin/sh", "-c", line],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**self._environment, **variables},
                    start_new_session=True,
                )
            except OSError as error:
                return LocalRun(None, b"", f"cannot be started: {error.strerror}")
            try:
                status = process.wait(timeout)
            except subprocess.TimeoutExpired:
                _end(process)
                return LocalRun(None, _kept(output), f"was ended after {timeout:g} s")
            return LocalRun(status, _kept(output))


def _end(process: "subprocess.Popen[bytes]") -> None:
    """The line and what it started: its session is its own."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _kept(output: IO[bytes]) -> bytes:
    size = os.fstat(output.fileno()).st_size
    return os.pread(output.fileno(), _KEPT, max(0, size - _KEPT))
