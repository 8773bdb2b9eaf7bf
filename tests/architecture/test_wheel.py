"""The wheel works outside of the checkout: everything that the code looks for travels in it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the unpacked wheel, as an installer would leave it."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ROOT],
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def run(installed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=installed.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize("name", ["templates", "playbooks"])
def test_shipped_files_are_those_of_the_checkout(installed: Path, name: str) -> None:
    code = f"from mspctl.shipped import shipped_folder; print(shipped_folder({name!r}))"
    found = Path(run(installed, "-c", code).strip())
    assert found.is_relative_to(installed)
    files = {str(path.relative_to(found)): path.read_bytes() for path in found.rglob("*") if path.is_file()}
    source = ROOT / name
    assert files == {str(path.relative_to(source)): path.read_bytes() for path in tracked(source)}


def tracked(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_the_command_line_starts(installed: Path) -> None:
    assert "Commands" in run(installed, "-m", "mspctl", "--help")


def test_the_types_are_shipped(installed: Path) -> None:
    assert (installed / "mspctl" / "py.typed").exists()
