"""What is written down of a lab, so that anybody can take it down later, whatever became of its maker.

Each lab has a folder `labs/<id>` in the cache: `lab.json` (below), `access/`, `repo/`, `hosts/<name>/`. It is
written before anything is made outside of it, and removed when nothing is left to take down.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from mspctl.testing.lab.cache import Cache, remove_tree
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.network import Network, release
from mspctl.testing.lab.process import Process
from mspctl.testing.lab.spec import HostSpec

_FILE = "lab.json"
_GONE_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class Record:
    """One lab on disk. `owner` is the process with which it ends; None: someone takes it down."""

    folder: Path
    mac: str
    owner: Process | None
    network: Network | None = None
    hosts: tuple[tuple[int, HostSpec], ...] = ()

    def with_host(self, number: int, spec: HostSpec) -> "Record":
        return replace(self, hosts=(*self.hosts, (number, spec)))

    def without_host(self, name: str) -> "Record":
        return replace(self, hosts=tuple((number, spec) for number, spec in self.hosts if spec.name != name))

    def free_number(self) -> int:
        """The lowest number that no host has."""
        taken = {number for number, _ in self.hosts}
        return next(number for number in range(len(taken) + 1) if number not in taken)

    def write(self) -> None:
        """Put it on disk, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {
                "mac": self.mac,
                "owner": asdict(self.owner) if self.owner else None,
                "network": self.network.index if self.network else None,
                "hosts": [[number, _as_json(spec)] for number, spec in self.hosts],
            }
        )
        temporary = self.folder / f"{_FILE}.new"
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(self.folder / _FILE)


def read(folder: Path) -> Record | None:
    """The record in a lab's folder; None when there is none."""
    try:
        stored = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    owner = Process(**stored["owner"]) if stored["owner"] else None
    network = None if stored["network"] is None else Network(stored["network"], stored["mac"])
    hosts = tuple((number, _as_spec(spec)) for number, spec in stored["hosts"])
    return Record(folder, stored["mac"], owner, network, hosts)


def _as_json(spec: HostSpec) -> dict[str, object]:
    return {each.name: getattr(spec, each.name) for each in fields(spec)} | {"files": dict(spec.files)}


def _as_spec(stored: dict[str, Any]) -> HostSpec:
    return HostSpec(**stored | {"packages": tuple(stored["packages"])})


def records(cache: Cache) -> Iterator[Record]:
    """All labs of the cache."""
    for file in sorted((cache.folder / "labs").glob(f"*/{_FILE}")):
        record = read(file.parent)
        if record is not None:
            yield record


def own_process() -> Process:
    """This process."""
    process = Process.of(os.getpid())
    assert process is not None
    return process


def take_down(record: Record) -> None:
    """Kill all its hosts, remove its network, then its folder. Safe to repeat, and from any process."""
    mains = [Process.read(file) for file in (record.folder / "hosts").glob("*/mains.pid")]
    for process in mains:
        if process is not None:
            process.kill_group()
    for process in mains:
        if process is not None:
            process.wait_gone(_GONE_LIMIT)
    for place in (record.folder / "hosts").glob("*"):
        remove_host(place)
    if record.network is not None:
        release(record.network)
    else:
        _release_unrecorded(record)
    remove_tree(record.folder)


def remove_host(folder: Path) -> None:
    """Remove what a host that is off leaves: its cgroup and its folder."""
    cgroup = folder / "cgroup"
    if cgroup.exists():
        _remove_cgroup(Path(cgroup.read_text(encoding="ascii").strip()))
    remove_tree(folder)


def sweep(cache: Cache, *, detached: bool = False) -> None:
    """Take down every lab whose owner has died, and with `detached` those that have none."""
    for record in records(cache):
        if detached if record.owner is None else not record.owner.alive:
            take_down(record)


def _release_unrecorded(record: Record) -> None:
    """A maker that died between making its bridge and writing that down leaves the bridge with its mac."""
    for index in range(16):
        release(Network(index, record.mac))


def _remove_cgroup(folder: Path) -> None:
    """Remove a cgroup and those below it; its last processes may still be dying."""
    deadline = time.monotonic() + _GONE_LIMIT
    while folder.is_dir():
        inner = sorted((found for found in folder.rglob("*") if found.is_dir()), reverse=True)
        try:
            for place in (*inner, folder):
                place.rmdir()
        except FileNotFoundError:
            continue
        except OSError as error:
            if time.monotonic() > deadline:
                raise LabError(f"cannot remove the cgroup {folder}: {error}") from error
            time.sleep(0.02)
