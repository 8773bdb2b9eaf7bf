"""What is wrong with one client as a whole: the same computer twice, gateways in a circle."""

from collections.abc import Mapping

from mspctl.errors import Problem
from mspctl.model.inventory import Client, ConnectionKind, Host


def twins(client: Client) -> tuple[Problem, ...]:
    """Hosts in two sites, one computer under two names, gateways that form a circle."""
    names: dict[str, Host] = {}
    computers: dict[tuple[str | None, str, int], Host] = {}
    problems: list[Problem] = []
    for host in client.hosts:
        first = names.setdefault(host.name, host)
        if first is not host:
            problem = f"the host `{host.name}` is there twice: at {first.place} and at {host.place}"
            problems.append(Problem(problem, host.place, _path(host), "a name is unique within a client"))
            continue
        access = host.access
        if access.connection is ConnectionKind.LOCAL:
            continue
        twin = computers.setdefault((access.gateway, access.address, access.port), host)
        if twin is not host and not (twin.shared and host.shared):
            problem = (
                f"`{host.name}` is the same computer as `{twin.name}`: {access.address} port {access.port}, "
                f"at {twin.place} and at {host.place}"
            )
            problems.append(Problem(problem, host.place, _path(host), "remove one, or correct the address"))
    return (*problems, *_circles(names))


def _circles(hosts: Mapping[str, Host]) -> tuple[Problem, ...]:
    problems: list[Problem] = []
    told: set[frozenset[str]] = set()
    good: set[str] = set()
    for name in hosts:
        way = [name]
        while (gateway := hosts[way[-1]].access.gateway or "") in hosts and gateway not in good:
            if gateway in way:
                circle = way[way.index(gateway) :]
                if frozenset(circle) not in told:
                    told.add(frozenset(circle))
                    host = hosts[gateway]
                    shown = " → ".join([*circle, gateway])
                    problems.append(Problem(f"the gateways form a circle: {shown}", host.place, _path(host)))
                break
            way.append(gateway)
        else:
            good.update(way)
    return tuple(problems)


def _path(host: Host) -> str:
    return f"sites.{host.site}.hosts.{host.name}"
