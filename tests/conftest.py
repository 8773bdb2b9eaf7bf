"""What every test stands on: an empty home, no ambient settings, an honest answer when a lab is missing."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from mspctl.testing.lab.requirements import missing_requirements

pytest_plugins = ["mspctl.testing.pytest_lab"]

# Time limits are pytest-timeout's business; Hypothesis times single examples, which swing on a busy machine.
settings.register_profile("mspctl", deadline=None)
settings.register_profile("soak", deadline=None, max_examples=2000)
settings.load_profile("mspctl")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A lab test on a machine without a lab is skipped by name; under CI it fails, for there it must run."""
    if item.get_closest_marker("lab") is None:
        return
    missing = "; ".join(str(each) for each in missing_requirements())
    if missing and os.environ.get("CI"):
        pytest.fail(f"continuous integration must run the lab, but lacks {missing}", pytrace=False)
    if missing:
        pytest.skip(f"the lab lacks {missing}")


@pytest.fixture(autouse=True)
def _empty_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the developer's keys, agent or settings, nor writes outside its own folder."""
    home: Path = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in [name for name in os.environ if name.startswith(("MSPCTL_", "SSH_"))]:
        if not name.startswith(("MSPCTL_BENCH_", "MSPCTL_LAB_")):
            monkeypatch.delenv(name)
