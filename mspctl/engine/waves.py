"""Who goes with whom and after whom: the order of a run's hosts, decided before the first connection."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from mspctl.engine.policy import Share
from mspctl.model.event import Event, Report, ReportKind, StepReported
from mspctl.model.hostfold import OUTSIDE
from mspctl.model.inventory import Host
from mspctl.model.patching import Wave
from mspctl.model.run import WAVE

REST = "rest"
"""The name of the last wave of hosts that no wave of the policy names."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Hosts (by key, at least one) that may be at work together, and what lets the next stage begin.

    The next one begins `pause` seconds after at least `min_success` per cent of this one ended well; with
    0 it begins whatever became of this one. Once that cannot be reached any more, the hosts of this stage
    that have not begun are not touched either.
    """

    name: str
    hosts: tuple[str, ...]
    min_success: float = 0.0
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Order:
    """The order of a run's hosts.

    Each of `lanes` is a row of stages that come one after the other; lanes know nothing of each other.
    `after` names, for hosts that wait for others of the run, those others; `groups` the group of which only
    one host at a time is at work.
    """

    lanes: tuple[tuple[Stage, ...], ...]
    after: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    groups: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def told(self, hosts: Iterable[str]) -> Iterator[Event]:
        """For the run log: the stage of each of these hosts, where not all go at once."""
        names = {
            host: stage.name for lane in self.lanes if len(lane) > 1 for stage in lane for host in stage.hosts
        }
        for host in hosts:
            if host in names:
                yield StepReported(host, OUTSIDE, Report(ReportKind.FACT, WAVE, names[host]))

    @property
    def stage_names(self) -> Mapping[str, str]:
        """Host → the name of its stage."""
        return {host: stage.name for lane in self.lanes for stage in lane for host in stage.hosts}


def serial_order(hosts: Sequence[Host], serial: Sequence[Share]) -> Order:
    """Waves by size alone, per client; the last size repeats, none means one wave. Each holds a host."""
    lanes = []
    for members in _by_client(hosts).values():
        keys = [host.key for host in members]
        stages: list[Stage] = []
        position = 0
        while position < len(keys):
            share = serial[min(len(stages), len(serial) - 1)] if serial else Share(len(keys))
            size = max(1, share.of(len(keys)))
            stages.append(Stage(f"wave {len(stages) + 1}", tuple(keys[position : position + size])))
            position += size
        lanes.append(tuple(stages))
    return Order(tuple(lanes))


def policy_order(hosts: Sequence[Host], serial: Sequence[Share] = ()) -> Order:
    """The waves and dependencies that the inventory gives the hosts; `serial` takes the place of its waves.

    Hosts that are not of the run are not waited for.
    """
    after = _predecessors(hosts)
    groups = {
        host.key: f"{host.client}/{host.dependencies.never_together}"
        for host in hosts
        if host.dependencies.never_together
    }
    lanes = serial_order(hosts, serial).lanes if serial else _policy_lanes(hosts)
    return Order(tuple(_not_before(lane, after) for lane in lanes), after, groups)


def _policy_lanes(hosts: Sequence[Host]) -> tuple[tuple[Stage, ...], ...]:
    """Hosts of one client under the same waves go in one lane."""
    lanes: dict[tuple[str, tuple[Wave, ...]], list[Host]] = {}
    for host in hosts:
        lanes.setdefault((host.client, host.patching.waves), []).append(host)
    return tuple(_staged(members, waves) for (_, waves), members in lanes.items())


def _staged(hosts: Sequence[Host], waves: Sequence[Wave]) -> tuple[Stage, ...]:
    left = list(hosts)
    stages = []
    for wave in waves:
        keys = tuple(host.key for host in _chosen(wave, left, len(hosts)))
        if keys:
            taken = frozenset(keys)
            left = [host for host in left if host.key not in taken]
            stages.append(Stage(wave.name, keys, wave.min_success, wave.pause))
    if left:
        stages.append(Stage(REST, tuple(host.key for host in left)))
    return tuple(stages)


def _chosen(wave: Wave, left: Sequence[Host], total: int) -> list[Host]:
    fitting = [host for host in left if not wave.tags or wave.tags & host.tags]
    if wave.count is not None:
        return fitting[: wave.count]
    if wave.percent is not None:
        return fitting[: max(1, Share(wave.percent, percent=True).of(total))]
    return fitting


def _predecessors(hosts: Sequence[Host]) -> Mapping[str, tuple[str, ...]]:
    """Host → the hosts of this run that it waits for: those of its `after`, a hypervisor's guests."""
    known = {host.key for host in hosts}
    found: dict[str, dict[str, None]] = {}
    for host in hosts:
        for name in host.dependencies.after:
            found.setdefault(host.key, {})[f"{host.client}/{name}"] = None
        if host.dependencies.runs_on:
            found.setdefault(f"{host.client}/{host.dependencies.runs_on}", {})[host.key] = None
    kept = {key: tuple(each for each in names if each in known) for key, names in found.items()}
    return {key: names for key, names in kept.items() if key in known and names}


def _not_before(lane: tuple[Stage, ...], after: Mapping[str, tuple[str, ...]]) -> tuple[Stage, ...]:
    """Hosts move to the stage of the last host that they wait for, or the lane would wait for itself."""
    index = {host: number for number, stage in enumerate(lane) for host in stage.hosts}
    waiting = [host for host in index if host in after]
    if not waiting:
        return lane
    for _ in waiting:  # as often as a chain can be long
        moved = False
        for host in waiting:
            latest = max([index[host], *(index[each] for each in after[host] if each in index)])
            moved = moved or latest != index[host]
            index[host] = latest
        if not moved:
            break
    members: list[list[str]] = [[] for _ in lane]
    for host, number in index.items():
        members[number].append(host)
    return tuple(
        replace(stage, hosts=tuple(hosts)) for stage, hosts in zip(lane, members, strict=True) if hosts
    )


def _by_client(hosts: Sequence[Host]) -> Mapping[str, list[Host]]:
    shares: dict[str, list[Host]] = {}
    for host in hosts:
        shares.setdefault(host.client, []).append(host)
    return shares
