"""`mspctl demo` where no lab can run: one local sshd stands in, and the claims are held against it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

UNPRIVILEGED = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")
"""In front of a command of root's: it may do all but mount, and so make no lab."""


@pytest.mark.timeout(240)
def test_without_a_lab_one_sshd_stands_in(tmp_path: Path) -> None:
    before = UNPRIVILEGED if os.geteuid() == 0 else ()
    done = subprocess.run(
        [*before, sys.executable, "-m", "mspctl", "--json", "demo"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, json.loads(done.stdout)) == (0, {"right": True}), done.stderr
    assert "No lab can run here" in done.stderr
    assert "gone1: unreachable (refused)" in done.stderr
    assert list((tmp_path / ".demo").glob("acme-*.html")), "the report is where it says"
