"""The check across clients: one computer at two of them would mix up their credentials and reports."""

from collections.abc import Collection, Iterable

from mspctl.errors import Problem
from mspctl.model.inventory import Client, ConnectionKind, Host


def shared_addresses(clients: Iterable[Client]) -> tuple[Problem, ...]:
    """Hosts of different clients that are reached at the same address by the same way.

    Behind different gateways the same private address is another computer. `shared: true` at both is a yes.
    """
    first: dict[tuple[str | None, str], Host] = {}
    problems: list[Problem] = []
    for client in clients:
        names = {host.name for host in client.hosts}
        for host in client.hosts:
            access = host.access
            if access.connection is ConnectionKind.LOCAL:
                continue
            other = first.setdefault((_way(client, names, access.gateway), access.address), host)
            if other.client != host.client and not (other.shared and host.shared):
                problem = (
                    f"{host.key} and {other.key} are the same computer, {access.address}: "
                    f"at {host.place} and at {other.place}"
                )
                hint = "correct the address, name its `gateway`, or set `shared: true` at both clients"
                problems.append(Problem(problem, host.place, f"sites.{host.site}.hosts.{host.name}", hint))
    return tuple(problems)


def _way(client: Client, names: Collection[str], gateway: str | None) -> str | None:
    """A gateway that is a host of the client is another one than its namesake at another client."""
    return f"{client.slug}/{gateway}" if gateway in names else gateway
