"""^C at any moment: exit code 5, a word at the most, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

PROGRAM = """
import os, signal, sys
class Impatient:
    def find_spec(self, name, *_):
        if name == "{module}":
            os.kill(os.getpid(), signal.{signal})
signal.signal(signal.SIGINT, signal.{before})
sys.meta_path.insert(0, Impatient())
sys.argv = ["mspctl", "--json", "runs", "list"]
from mspctl.__main__ import start
start()
"""
"""The signal comes when this module is imported."""


def run(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder)}
    argv = [sys.executable, "-c", code]
    return subprocess.run(argv, env=environment, cwd="/", capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("before", "which", "end"),
    [("default_int_handler", "SIGINT", 5), ("SIG_IGN", "SIGINT", 0), ("default_int_handler", "SIGTERM", 5)],
)
def test_while_it_is_still_being_read_in(tmp_path: Path, before: str, which: str, end: int) -> None:
    done = run(PROGRAM.format(module="mspctl.cli.main", signal=which, before=before), tmp_path)
    assert (done.returncode, done.stderr) == (end, "")


def test_a_command_that_is_stopped_prints_one_document(tmp_path: Path) -> None:
    told = {"module": "mspctl.runstore.sqlite", "signal": "SIGTERM", "before": "default_int_handler"}
    done = run(PROGRAM.format(**told), tmp_path)
    assert (done.returncode, done.stderr.split()) == (5, ["cancelled"])
    assert json.loads(done.stdout) == {"error": {"exit": 5, "problems": [{"problem": "cancelled"}]}}
