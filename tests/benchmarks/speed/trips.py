"""Round trips and bytes of one host, counted by a proxy between the tool and its sshd."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import paramiko

from mspctl.testing.lab import CountingProxy, Delay, Lab
from mspctl.testing.lab.project import entry
from tests.benchmarks.speed import tools
from tests.benchmarks.speed.fleet import fleet_of
from tests.benchmarks.speed.timing import timed
from tests.benchmarks.speed.workload import Workload

_TRIES = 3
_EACH_WAY = 10.0
"""Milliseconds: on a way without length it is chance which of two packets is there first."""


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
    proxy = lab.proxy(host, delay=Delay.of_ms(_EACH_WAY))
    fleet = fleet_of(lab, folder, [entry(host, proxy=proxy)], rivals=rivals, forks=1)
    key = paramiko.Ed25519Key.from_private_key_file(str(fleet.bench.key))
    figures = [_least(proxy, "login", 0, lambda: _log_in(proxy, key))]
    for tool, maker in (("floor", tools.floor), ("mspctl", tools.mspctl)):
        for steps in (5, 20):
            job = maker(fleet.bench, Workload(f"/srv/trips-{tool}-{steps}", steps), fleet.targets)
            timed(job)
            figures.append(_least(proxy, tool, steps, partial(timed, job)))
    return figures


def _log_in(proxy: CountingProxy, key: paramiko.PKey) -> None:
    transport = paramiko.Transport((proxy.address, proxy.port))
    transport.connect(username="ops", pkey=key)
    transport.close()


def _least(proxy: CountingProxy, tool: str, steps: int, work: Callable[[], object]) -> Figure:
    """The least of some tries: packets that cross on the way count as a turn more or less."""
    tries = []
    for _ in range(_TRIES):
        before = proxy.traffic
        work()
        tries.append(proxy.traffic.since(before))
    seen = min(tries, key=lambda traffic: traffic.round_trips)
    return Figure(tool, steps, seen.round_trips, seen.bytes_up, seen.bytes_down)
