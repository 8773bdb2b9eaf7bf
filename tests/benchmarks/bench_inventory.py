"""Times `mspctl inventory` on 10,000 hosts in 100 client files, as whole processes: `[--runs N]`.

Exit status 1 if the median misses its bar. Processor seconds (user and system) stand beside: they do not
depend on who else uses the machine.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

CLIENTS = 100
SITES = 4
HOSTS_PER_SITE = 25

PROVIDER = """\
name: The Provider
forks: 20
defaults: {user: ops, become: sudo, timeouts: {connect: 5s, run: 2h}}
vars: {ntp: ntp.example.com, proxy: null}
groups:
  web: {vars: {role: web}}
  db: {vars: {role: db}, defaults: {timeouts: {step: 20m}}}
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One whole process: seconds on the clock, and of the processor."""

    wall: float
    processor: float


def write_tree(folder: Path) -> None:
    """An inventory of 10,000 hosts, varied as real ones are."""
    clients = folder / "inventory" / "clients"
    clients.mkdir(parents=True)
    (clients.parent / "mspctl.yml").write_text(PROVIDER)
    for number in range(CLIENTS):
        (clients / f"client{number:03}.yml").write_text("".join(_client(number)))


def _client(number: int) -> Iterator[str]:
    yield f"client: client{number:03}\nname: Client {number} GmbH\ntimezone: Europe/Berlin\n"
    yield f'contract: {{plan: managed}}\ndefaults: {{identity: "file:keys/client{number:03}", port: 22}}\n'
    yield 'windows: {patch: "Sun 02:00-05:00"}\nsites:\n'
    for site in range(SITES):
        yield f"  site{site}:\n    max_parallel: 10\n    hosts:\n"
        for index in range(HOSTS_PER_SITE):
            address = f"10.{number}.{site}.{index + 1}"
            tag = ("web", "db", "app")[index % 3]
            extra = f", vars: {{slot: {index}, rack: r{site}}}" if index % 10 == 0 else ""
            yield (
                f"      {tag}{site}-{index}: {{address: {address}, os: debian, tags: [{tag}, prod], "
                f"criticality: server{extra}}}\n"
            )


def measure(folder: Path, *arguments: str) -> Figure:
    """Run one command to its end; its output goes nowhere."""
    command = [sys.executable, "-m", "mspctl", "--project", str(folder), *arguments]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} left with {process.returncode}")
    return Figure(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


def main() -> int:
    """Print a line per command; 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    missed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tree(folder)
        hosts = CLIENTS * SITES * HOSTS_PER_SITE
        print(f"{hosts:,} hosts in {CLIENTS} client files, {runs} runs each, whole processes")
        print(f"{'command':<46}{'median':>9}{'best':>9}{'processor':>11}{'bar':>7}")
        commands: list[tuple[float, tuple[str, ...]]] = [
            (1.5, ("inventory", "list")),
            (1.5, ("--json", "inventory", "list")),
            (1.5, ("inventory", "check")),
            (0.4, ("inventory", "list", "--client", "client042")),
        ]
        for bar, arguments in commands:
            figures = [measure(folder, *arguments) for _ in range(runs)]
            wall = median(figure.wall for figure in figures)
            processor = median(figure.processor for figure in figures)
            missed |= wall > bar
            best = min(figure.wall for figure in figures)
            shown = " ".join(arguments)
            print(f"{shown:<46}{wall:>8.2f}s{best:>8.2f}s{processor:>10.2f}s{bar:>6.1f}s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
