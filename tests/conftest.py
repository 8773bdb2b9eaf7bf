"""What every test stands on: an empty home, no ambient settings, an honest answer when a lab is missing."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["mspctl.testing.pytest_lab", "tests.parallel"]

# Time limits are pytest-timeout's business; Hypothesis times single examples, which swing on a busy machine.
settings.register_profile("mspctl", deadline=None)
settings.register_profile("soak", deadline=None, max_examples=2000)
settings.load_profile("mspctl")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed that tests need, a test that is left out hides something."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was left out: {report.longrepr}"
    return report


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
