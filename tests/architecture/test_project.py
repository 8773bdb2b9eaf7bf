"""The project's own machinery names the same things as the code."""

import subprocess
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from mspctl.shipped import ShippedName, shipped_folder
from mspctl.testing.lab.requirements import DEBIAN_PACKAGES
from tests.architecture.source import ROOT


def debian_packages() -> set[str]:
    ended = subprocess.run(
        ["sh", ROOT / ".ci/debian-packages", "--list"], capture_output=True, text=True, check=True
    )
    return set(ended.stdout.split())


def test_continuous_integration_installs_what_the_lab_needs() -> None:
    assert set(DEBIAN_PACKAGES) - debian_packages() == set()


def test_each_lint_exception_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    start, end = lines.index("ignore = ["), lines.index("[tool.ruff.lint.per-file-ignores]")
    entries = [line for line in lines[start + 1 : end] if line.lstrip().startswith('"')]
    assert entries
    assert [line for line in entries if "# " not in line] == []


def test_the_wheel_takes_along_what_the_code_looks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    sources = project["tool"]["hatch"]["build"]["targets"]["wheel"]["sources"]
    assert sources == {name: f"mspctl/_shipped/{name}" for name in get_args(ShippedName)}


@pytest.mark.parametrize("name", get_args(ShippedName))
def test_shipped_folders_are_found(name: ShippedName) -> None:
    folder = shipped_folder(name)
    assert folder.is_absolute()
    assert any(folder.iterdir())


def test_an_incomplete_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mspctl.shipped._PACKAGE", tmp_path / "mspctl")
    with pytest.raises(FileNotFoundError, match="reinstall mspctl"):
        shipped_folder("templates")
