"""A test that needs the lab never passes without it: it is skipped, or fails where the lab must run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

_TEST = "def test_needs_hosts(lab_host):\n    raise AssertionError('must not be reached')\n"


def run_without_capabilities(folder: Path, **settings: str) -> str:
    """What pytest prints of a lab test when root may not make namespaces."""
    (folder / "test_it.py").write_text(_TEST, encoding="ascii")
    pytest_argv = [
        "-m",
        "pytest",
        "-ra",
        "-p",
        "mspctl.testing.pytest_lab",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
    ]
    less = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-all"]
    environment = {
        name: value for name, value in os.environ.items() if name not in {"CI", "MSPCTL_REQUIRE_LAB"}
    }
    done = subprocess.run(
        [*less, sys.executable, *pytest_argv, str(folder)],
        env={**environment, "PYTHONPATH": str(Path.cwd()), **settings},
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    return done.stdout


def test_it_is_skipped_with_what_is_missing(tmp_path: Path) -> None:
    printed = run_without_capabilities(tmp_path)

    assert "the lab lacks CAP_SYS_ADMIN" in printed
    assert "1 skipped" in printed


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("MSPCTL_REQUIRE_LAB", "1")])
def test_it_fails_where_the_lab_is_required(tmp_path: Path, name: str, value: str) -> None:
    printed = run_without_capabilities(tmp_path, **{name: value})

    assert "the lab is required here, but it lacks CAP_SYS_ADMIN" in printed
    assert "skipped" not in printed
