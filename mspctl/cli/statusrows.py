"""`mspctl status` as rows of text: the same for terminals and for pipes."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mspctl.report.staff.fleet import ClientView, Fleet, HostView, Light
from mspctl.report.staff.site import WORDS

CLIENTS = ("client", "points", "computers", *WORDS.values(), "last run (UTC)")
CONCERNS = ("points", "computer", "what", "since (UTC)", "evidence")
HOSTS = ("computer", "state", "points", "updates", "security", "last run (UTC)")


def headline(fleet: Fleet) -> str:
    """One line."""
    clients, hosts = len(fleet.clients), len(fleet.hosts)
    return (
        f"{fleet.provider}: {_many(clients, 'client')}, {_many(hosts, 'computer')}:"
        f" {lights(fleet.lights)}; as of {_short(fleet.made)} UTC"
    )


def lights(counts: Mapping[Light, int]) -> str:
    """Such as `1 in trouble, 3 good`."""
    return ", ".join(f"{counts.get(light, 0)} {words}" for light, words in WORDS.items())


def client_rows(fleet: Fleet) -> Sequence[Sequence[str]]:
    """A row for each client, by risk."""
    return [_client_row(client) for client in fleet.clients]


def _client_row(client: ClientView) -> Sequence[str]:
    counts = [str(client.lights.get(light, 0)) for light in WORDS]
    last = f"{_short(client.last.started)} {client.last.playbook}" if client.last else "none"
    return (client.slug, str(client.points), str(len(client.hosts)), *counts, last)


def concern_rows(fleet: Fleet) -> Sequence[Sequence[str]]:
    """A row for each concern, the gravest first."""
    found = sorted(
        (each for client in fleet.clients for each in client.concerns),
        key=lambda each: (-each.points, each.client, each.host, each.text),
    )
    return [
        (
            str(each.points),
            f"{each.client}/{each.host}" if each.host else each.client,
            each.text,
            _short(each.since) if each.since else "",
            each.evidence,
        )
        for each in found
    ]


def host_rows(fleet: Fleet) -> Sequence[Sequence[str]]:
    """A row for each host, the worst first."""
    order = tuple(WORDS)
    hosts = sorted(
        fleet.hosts, key=lambda each: (order.index(each.light), -each.points, each.client, each.name)
    )
    return [_host_row(host) for host in hosts]


def _host_row(host: HostView) -> Sequence[str]:
    waiting = host.waiting
    counts = (str(waiting.updates), str(waiting.security)) if waiting else ("not known", "not known")
    last = host.last
    told = f"{_short(last.started)} {last.playbook} {last.outcome}" if last else "none"
    working = ", at work" if host.at_work else ""
    return (f"{host.client}/{host.name}", WORDS[host.light], str(host.points), *counts, told + working)


def _short(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
