"""How fast reports are made: `[--hosts N] [--clients N] [--each N] [--log N]`. Exit 1: a bar is missed.

One client of 50 hosts after 12 months: each format alone, as `mspctl report` makes it from the run log.
Then the month of 100 clients by `mspctl report --all` as a whole process. Last, one client's report beside
50,000 hosts in the log, against the same client alone in its log. Seconds on the clock, and of the
processor: the latter do not depend on who else uses the machine.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from mspctl.report.formats.month import report_month
from mspctl.wiring.app import App
from mspctl.wiring.environment import Environment
from mspctl.wiring.options import Options
from mspctl.wiring.reporting import client_health
from mspctl.wiring.reportlook import report_look
from tests.benchmarks.reportfleet import Fleet, fill, write_project

MONTH = "2026-10"
HTML_SECONDS, PDF_SECONDS, HTML_BYTES = 1.0, 6.0, 600_000
ALL_SECONDS, MORE_SECONDS = 180.0, 2.0


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds on the clock, and of the processor."""

    wall: float
    processor: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.processor:.2f} s of a processor)"


def timed(work: Callable[[], object]) -> Took:
    """How long it takes."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - processor)


class Bars:
    """What was held, and what was not."""

    def __init__(self) -> None:
        self.missed = 0

    def hold(self, what: str, value: float, most: float, unit: str = "s") -> None:
        """Say it, with the bar."""
        kept = value <= most
        self.missed += not kept
        print(
            f"  {what}: {value:,.2f} {unit}, at most {most:,.0f}: {'held' if kept else 'MISSED'}", flush=True
        )


def made(folder: Path, fleet: Fleet, nights: tuple[int, ...] | None = None) -> App:
    """A project with its fleet and its log."""
    write_project(folder, fleet)
    app = opened(folder)
    begin = time.perf_counter()
    with closing(app.open_store()) as store:
        rows = fill(store, fleet, nights) if nights else fill(store, fleet)
    print(f"  ({fleet}: {rows:,} host rows written in {time.perf_counter() - begin:.0f} s)", flush=True)
    return app


def opened(folder: Path) -> App:
    """The project in another call."""
    variables = {"XDG_STATE_HOME": str(folder / "state")}
    return App(Options(), Environment(variables, folder, folder, "bench"))


def formats(app: App, client: str, bars: Bars) -> None:
    """Each format of one client's month, the inventory and the log read each time."""
    for form, most in (
        ("html", HTML_SECONDS),
        ("pdf", PDF_SECONDS),
        ("xlsx", PDF_SECONDS),
        ("json", HTML_SECONDS),
    ):
        sizes: list[int] = []

        def work(form: str = form, sizes: list[int] = sizes) -> None:
            of = client_health(opened(app.project), client, MONTH)
            sizes.append(len(report_month(of, form, report_look(app, client, "")[0])))

        cold, warm = timed(work), timed(work)
        print(f"  {form}: first {cold}, again {warm}, {sizes[-1]:,} bytes")
        bars.hold(f"{form}, the first", cold.wall, most)
        if form == "html":
            bars.hold("its size", sizes[-1], HTML_BYTES, "bytes")


def everybody(app: App, form: str) -> Took:
    """`mspctl report --all` as a process."""
    folder = app.project / f"out-{form}"
    argv = [
        sys.executable,
        "-m",
        "mspctl",
        "--project",
        str(app.project),
        "report",
        "--all",
        "--month",
        MONTH,
    ]
    variables = {**os.environ, "XDG_STATE_HOME": str(app.project / "state")}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    done = subprocess.run(
        [*argv, "--format", form, "--output", str(folder)],
        check=False,
        env=variables,
        stdout=subprocess.DEVNULL,
    )
    wall, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0
    return Took(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def read_thrice(app: App, client: str) -> float:
    """The quickest of three readings of one client's month, in seconds."""
    return min(timed(lambda: client_health(opened(app.project), client, MONTH)).wall for _ in range(3))


def main() -> int:
    """Measure; the exit status is 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=50)
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--each", type=int, default=25, help="hosts of each of the clients of --all")
    parser.add_argument("--log", type=int, default=50_000, help="hosts in the large log; 0: not measured")
    asked = parser.parse_args()
    bars = Bars()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        one = Fleet(1, asked.hosts, 12)
        alone = made(folder / "one", one)
        print(f"one client, {asked.hosts} hosts, 12 months", flush=True)
        formats(alone, one.names[0], bars)
        if asked.clients:
            many = Fleet(asked.clients, asked.each, 3)
            app = made(folder / "many", many)
            for form in ("html", "pdf"):
                took = everybody(app, form)
                print(f"{asked.clients} clients of {asked.each} hosts, {form}: {took}", flush=True)
                bars.hold(f"all, {form}", took.wall, ALL_SECONDS)
        if asked.log:
            crowd = replace(one, clients=asked.log // asked.hosts, months=1)
            app = made(folder / "crowd", crowd, (24,))
            few = made(folder / "few", replace(one, months=1), (24,))
            beside, alone_took = (read_thrice(each, one.names[0]) for each in (app, few))
            print(f"beside {asked.log:,} hosts: {beside:.2f} s; alone: {alone_took:.2f} s", flush=True)
            bars.hold("more", beside - alone_took, MORE_SECONDS)
    return int(bars.missed > 0)


if __name__ == "__main__":
    sys.exit(main())
