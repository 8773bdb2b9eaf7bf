"""The order that hosts of a client ask for: names that are not there, and circles."""

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from mspctl.errors import Problem
from mspctl.model.inventory import Client, Host
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.files import ClientFile
from mspctl.parse.node import Step, dotted, place_of, shown
from mspctl.parse.reading import Read


def order_problems(client: Client, read: Read[ClientFile]) -> tuple[Problem, ...]:
    """Unknown hosts in `after` and `runs_on`; hosts that wait for each other."""
    asking = [host for host in client.hosts if host.dependencies.after or host.dependencies.runs_on]
    if not asking:
        return ()
    hosts = {host.name: host for host in client.hosts}
    unknown = tuple(problem for host in asking for problem in _unknown(host, hosts, read))
    return unknown or tuple(_circles(hosts))


def _unknown(host: Host, hosts: Mapping[str, Host], read: Read[ClientFile]) -> Iterator[Problem]:
    own: tuple[Step, ...] = ("sites", host.site, "hosts", host.name)
    order = host.dependencies
    asked = [((*own, "after", index), name) for index, name in enumerate(order.after)]
    if order.runs_on:
        asked.append(((*own, "runs_on"), order.runs_on))
    for path, name in asked:
        if name not in hosts or name == host.name:
            problem = (
                f"`{shown(name)}` is the host itself" if name in hosts else f"no host `{shown(name)}` here"
            )
            hint = did_you_mean(name, set(hosts) - {host.name})
            yield Problem(problem, place_of(read.root, path, read.file), dotted(path), hint)


def waits_for(hosts: Mapping[str, Host]) -> Mapping[str, tuple[str, ...]]:
    """Host → hosts that come before it: those of `after`, and for a hypervisor its guests."""
    before: dict[str, list[str]] = {name: list(host.dependencies.after) for name, host in hosts.items()}
    for name, host in hosts.items():
        if host.dependencies.runs_on:
            before[host.dependencies.runs_on].append(name)
    return {name: tuple(names) for name, names in before.items() if names}


def _circles(hosts: Mapping[str, Host]) -> Iterator[Problem]:
    """Each circle once: its last edge is cut, then the next one is looked for."""
    before = {name: set(names) for name, names in waits_for(hosts).items()}
    while True:
        try:
            TopologicalSorter(before).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1][::-1]
            before[circle[0]].discard(circle[1])
            yield _circle(circle, hosts)
        else:
            return


def _circle(circle: list[str], hosts: Mapping[str, Host]) -> Problem:
    host = hosts[circle[0]]
    problem = f"the hosts wait for each other: {' → '.join(circle)}"
    return Problem(
        problem, host.place, f"sites.{host.site}.hosts.{host.name}", "remove one `after` or `runs_on`"
    )
