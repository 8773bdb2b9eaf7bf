"""Times a command as a whole process: wall seconds, CPU seconds, peak memory, exit status."""

import os
import resource
import subprocess
import time
from dataclasses import dataclass

from tests.benchmarks.speed.tools import Job


@dataclass(frozen=True, slots=True)
class Timing:
    """One run; `memory` in MiB is the largest single process, `output` its last lines."""

    seconds: float
    cpu: float
    memory: float
    status: int
    output: str


def timed(job: Job, limit: float = 900.0) -> Timing:
    """Run the job once to its end."""
    log = job.folder / "job.log"
    with log.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            job.argv,
            cwd=job.folder,
            env=os.environ | job.env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        status, used = _wait(process, limit)
        seconds = time.monotonic() - began
    tail = log.read_text(errors="replace")[-1500:]
    return Timing(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, status, tail)


def _wait(process: "subprocess.Popen[bytes]", limit: float) -> "tuple[int, resource.struct_rusage]":
    by = time.monotonic() + limit
    while time.monotonic() < by:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, used
        time.sleep(0.005)
    process.kill()
    _, _, used = os.wait4(process.pid, 0)
    process.returncode = -9
    return -9, used
