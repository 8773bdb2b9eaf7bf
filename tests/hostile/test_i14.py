"""I14: FIFO, device, directory, /proc file as inventory: refused at once, never blocks."""

import os
import socket
from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, check_refuses, refused_inventory, write_inventory


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """A good inventory besides a file that is missing: bad.yml."""
    return write_inventory(tmp_path, {"acme": ONE_HOST})


def test_fifo(inventory: Path, tmp_path: Path) -> None:
    os.mkfifo(inventory / "clients" / "bad.yml")
    (problem,) = refused_inventory(inventory)
    assert problem.problem == "this is a FIFO, not a text file"
    check_refuses(tmp_path, "inventory/clients/bad.yml: this is a FIFO, not a text file")


def test_folder(inventory: Path) -> None:
    (inventory / "clients" / "bad.yml").mkdir()
    (problem,) = refused_inventory(inventory)
    assert problem.problem == "this is a folder, not a text file"


@pytest.mark.parametrize(
    "target", ["/dev/zero", "/dev/null", "/dev/tty", "/proc/self/mem", "/proc/self/environ"]
)
def test_devices_and_proc(inventory: Path, target: str) -> None:
    (inventory / "clients" / "bad.yml").symlink_to(target)
    assert refused_inventory(inventory)


def test_socket(inventory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(inventory / "clients")  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("bad.yml")
        (problem,) = refused_inventory(inventory)
    assert "cannot be read" in problem.problem


def test_dangling_link_and_loop(inventory: Path) -> None:
    (inventory / "clients" / "bad.yml").symlink_to("nowhere.yml.missing")
    (inventory / "clients" / "loop.yml").symlink_to("loop.yml")
    assert [problem.problem.partition(":")[0] for problem in refused_inventory(inventory)] == [
        "the file cannot be read",
        "the file cannot be read",
    ]


def test_fifo_as_the_providers_file(inventory: Path) -> None:
    (inventory / "mspctl.yml").unlink()
    os.mkfifo(inventory / "mspctl.yml")
    (problem,) = refused_inventory(inventory)
    assert problem.problem == "this is a FIFO, not a text file"
