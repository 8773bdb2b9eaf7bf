"""Round trips and bytes of one host, counted by a proxy between the tool and its sshd."""

from dataclasses import dataclass
from pathlib import Path

import paramiko

from mspctl.testing.lab import Lab
from mspctl.testing.lab.project import entry
from tests.benchmarks.speed import tools
from tests.benchmarks.speed.fleet import fleet_of
from tests.benchmarks.speed.timing import timed
from tests.benchmarks.speed.workload import Workload


@dataclass(frozen=True, slots=True)
class Figure:
    """What went through the proxy in an unchanged run; `login` is a bare connection that only logs in."""

    tool: str
    steps: int
    turns: int
    up: int
    down: int


def count_trips(lab: Lab, folder: Path, rivals: Path) -> list[Figure]:
    """Figures for a login alone, and for the floor and mspctl at 5 and 20 steps."""
    host = lab.hosts[0]
    proxy = lab.proxy(host)
    fleet = fleet_of(lab, folder, [entry(host, proxy=proxy)], rivals=rivals, forks=1)
    figures = []
    before = proxy.traffic
    transport = paramiko.Transport((proxy.address, proxy.port))
    transport.connect(username="ops", pkey=paramiko.Ed25519Key.from_private_key_file(str(fleet.bench.key)))
    transport.close()
    seen = proxy.traffic.since(before)
    figures.append(Figure("login", 0, seen.round_trips, seen.bytes_up, seen.bytes_down))
    for tool, maker in (("floor", tools.floor), ("mspctl", tools.mspctl)):
        for steps in (5, 20):
            job = maker(fleet.bench, Workload(f"/srv/trips-{tool}-{steps}", steps), fleet.targets)
            timed(job)
            before = proxy.traffic
            timed(job)
            seen = proxy.traffic.since(before)
            figures.append(Figure(tool, steps, seen.round_trips, seen.bytes_up, seen.bytes_down))
    return figures
