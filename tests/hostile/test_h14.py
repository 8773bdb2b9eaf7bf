"""H14: mspctl killed in mid-play: the host ends its work alone, in time, and its lock is free."""

import os
import signal
import subprocess
import sys
import time

from mspctl.model.outcome import Outcome
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture

BODY = "check() { needed x; }\napply() { echo started >/var/tmp/started; sleep 600; changed x; }"
PROGRAM = """
import sys
from pathlib import Path
from dataclasses import replace
from mspctl.testing.lab import Lab
from mspctl.model.inventory import Host
from tests.integration.engine.real_hosts import *
from tests.unit.engine.bundles import *
lab = Lab.attach(Path(sys.argv[1]), sys.argv[2])
real = lab.host("row1")
host = site_host(real)
ssh = transport(lab, Path(sys.argv[3]), (host, real))
for batch in execution(plan(bundle(step(0, sys.argv[4], timeout=6), at=host)), ssh).batches():
    pass
"""


def test_h14(one_host: OneHost, lab_host: object, tmp_path: object) -> None:
    lab = lab_host.lab  # type: ignore[attr-defined]
    arguments = [str(lab.folder.parent.parent), lab.name, str(tmp_path), BODY]
    controller = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments])
    _await(lambda: "started" in one_host.real.run_inside(["ls", "/var/tmp"]).stdout)
    os.kill(controller.pid, signal.SIGKILL)
    controller.wait()
    _await(lambda: "sleep 600" not in one_host.processes())
    found = one_host.run("check() { needed y; }\napply() { changed y; }")
    assert one_host.ending(found).outcome is Outcome.CHANGED


def _await(true: object) -> None:
    by = time.monotonic() + 25
    while not true():  # type: ignore[operator]
        assert time.monotonic() < by
        time.sleep(0.2)
