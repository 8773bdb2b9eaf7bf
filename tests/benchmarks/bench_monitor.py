"""One round of 1,000 probes, from the client's file to the database: within a minute, whoever is silent.

The floor is the same number of plain HTTP requests to the same server, one after the other.
"""

import http.client
import socket
import sys
import tempfile
import time
from pathlib import Path

from mspctl.wiring.app import App
from mspctl.wiring.environment import Environment
from mspctl.wiring.monitoring import watch
from mspctl.wiring.options import Options
from tests.integration.monitor.servers import Site, site

PAGES, PORTS, SILENT = 500, 400, 100
LIMIT = 60.0


def main() -> int:
    """Print the times; 1 if a round took more than a minute."""
    with (
        tempfile.TemporaryDirectory() as folder,
        site() as server,
        socket.create_server(("127.0.0.1", 0), backlog=2048) as silent,
    ):
        app = project(Path(folder), server, silent.getsockname()[1])
        rounds = [timed_round(app) for _ in range(3)]
        floor = plain_requests(server, PAGES + PORTS + SILENT)
    print(f"{PAGES} pages, {PORTS} ports, {SILENT} that never answer (5 s each)")
    print(f"rounds: {', '.join(f'{each:.1f} s' for each in rounds)}")
    print(
        f"1,000 plain requests in a row: {floor:.1f} s; the last round is {rounds[-1] / floor:.1f} times that"
    )
    return int(max(rounds) > LIMIT)


def project(folder: Path, server: Site, silent: int) -> App:
    """A client with all the probes."""
    lines = [
        *(
            f"    page{n}: {{http: 'http://127.0.0.1:{server.port}/{n}', expect: Welcome}}"
            for n in range(PAGES)
        ),
        *(f"    port{n}: {{tcp: '127.0.0.1:{server.port}'}}" for n in range(PORTS)),
        *(f"    silent{n}: {{ssh: '127.0.0.1:{silent}'}}" for n in range(SILENT)),
    ]
    clients = folder / "inventory" / "clients"
    clients.mkdir(parents=True)
    (clients.parent / "mspctl.yml").write_text("name: Benchmark\n")
    head = "client: acme\nsites: {hq: {hosts: {web1: {}}}}\nmonitor:\n  probes:\n"
    (clients / "acme.yml").write_text(head + "\n".join(lines) + "\n")
    return App(
        Options(folder), Environment({"XDG_STATE_HOME": str(folder / "state")}, folder, folder, "bench")
    )


def timed_round(app: App) -> float:
    """Seconds of one round, checked for what it must see."""
    begun = time.perf_counter()
    watched = watch(app, "acme", ("bench",))
    took = time.perf_counter() - begun
    bad = [each.key for each in watched.standings if not each.seen.good]
    assert len(watched.standings) == PAGES + PORTS + SILENT, len(watched.standings)
    assert len(bad) == SILENT, bad[:5]
    return took


def plain_requests(server: Site, count: int) -> float:
    """Seconds of so many requests, each with a connection of its own."""
    begun = time.perf_counter()
    for _ in range(count):
        link = http.client.HTTPConnection("127.0.0.1", server.port)
        link.request("GET", "/")
        link.getresponse().read()
        link.close()
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
