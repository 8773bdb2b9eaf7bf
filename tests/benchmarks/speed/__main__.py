"""`python -m tests.benchmarks.speed`: prints every figure, and whether the bars are met."""

import argparse
import compileall
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from mspctl.shipped import shipped_folder
from tests.benchmarks.speed import tools
from tests.benchmarks.speed.fleet import Fleet, bench_lab, fleet_of, give_python, make_fleet, many_names
from tests.benchmarks.speed.timing import Timing, timed
from tests.benchmarks.speed.tools import Job, Target
from tests.benchmarks.speed.trips import count_trips
from tests.benchmarks.speed.workload import Workload

Maker = Callable[[tools.Bench, Workload, tuple[Target, ...]], Job | None]
MAKERS: dict[str, Maker] = {
    "floor": tools.floor,
    "mspctl": tools.mspctl,
    "pyinfra": tools.pyinfra,
    "ansible": tools.ansible,
    "mitogen": lambda bench, workload, targets: tools.ansible(bench, workload, targets, mitogen=True),
}

SLOW, FLAT = 80, 1.2
"""At so many milliseconds, mspctl's unchanged runs may differ by this factor between the numbers of steps."""

TWICE = frozenset({"floor", "mspctl"})
"""Timed `rounds` times, the best counts; one run of the others takes minutes and is far from any bar."""


def main() -> int:
    """Run the matrix that the arguments ask for."""
    args = _arguments()
    # As pip leaves an installed package; where bytecode is not kept, a checkout is compiled at each start.
    compileall.compile_dir(str(shipped_folder("templates").parent / "mspctl"), quiet=1)
    cache = Path(".lab").absolute()
    failures: list[str] = []
    with (
        tempfile.TemporaryDirectory(dir=cache.parent, prefix=".bench-") as scratch,
        bench_lab(cache, max(args.hosts)) as lab,
    ):
        folder = Path(scratch)
        if {"ansible", "mitogen"} & set(args.tools):
            give_python(lab, folder / "python")
        print(_row("delay", "hosts", "steps", "state", "tool", "seconds", "cpu", "MiB", "x floor"))
        for delay in args.delay:
            fleet = make_fleet(
                lab, folder / f"d{delay}", delay_ms=delay, rivals=args.rivals, forks=args.forks
            )
            for hosts in args.hosts:
                ours: list[float] = []
                for steps in args.steps:
                    cell, seconds = _cell(fleet, hosts, steps, delay, args)
                    failures += cell
                    ours += [] if seconds is None else [seconds]
                failures += _flat(ours, hosts, delay)
        failures += _trips(lab, folder, args)
        failures += _many(lab, folder, args)
    for failure in failures:
        print(f"NOT MET: {failure}")
    print("bars met" if not failures else f"{len(failures)} bars not met")
    return 1 if failures else 0


def _flat(ours: list[float], hosts: int, delay: int) -> list[str]:
    """Over a slow line the number of steps must not show: they travel together."""
    if delay != SLOW or len(ours) < 2:
        return []
    ratio = max(ours) / min(ours)
    said = f"{ratio:.2f} x between the numbers of steps, {hosts} hosts at {delay} ms"
    print(f"  bar: {said} (at most {FLAT}): {'met' if ratio <= FLAT else 'NOT met'}")
    return [] if ratio <= FLAT else [said]


def _cell(
    fleet: Fleet, hosts: int, steps: int, delay: int, args: argparse.Namespace
) -> tuple[list[str], float | None]:
    """One combination: every tool changed once, then unchanged, in turn; and our unchanged seconds."""
    targets = fleet.targets[:hosts]
    works = {tool: Workload(f"/srv/bench-{tool}-{delay}-{hosts}-{steps}", steps) for tool in args.tools}
    best: dict[tuple[str, str], Timing] = {}
    for state, rounds in (("changed", 1), ("unchanged", args.rounds)):
        for turn in range(rounds):
            for tool, workload in works.items():
                if turn and tool not in TWICE:
                    continue
                job = MAKERS[tool](fleet.bench, workload, targets)
                if job is not None:
                    _keep(best, (state, tool), timed(job))
    for (state, tool), timing in best.items():
        base = best.get((state, "floor"))
        ratio = f"{timing.seconds / base.seconds:.2f}" if base else "-"
        figures = (f"{timing.seconds:.2f}", f"{timing.cpu:.2f}", f"{timing.memory:.0f}", ratio)
        print(_row(delay, hosts, steps, state, tool, *figures), flush=True)
        if timing.status:
            print(f"  {tool} ended with status {timing.status}: {timing.output[-600:]}")
    ours = best.get(("unchanged", "mspctl"))
    return _bars(best, hosts, steps, delay), None if ours is None else ours.seconds


def _keep(best: dict[tuple[str, str], Timing], key: tuple[str, str], timing: Timing) -> None:
    if key not in best or timing.seconds < best[key].seconds or timing.status:
        best[key] = timing


def _bars(best: dict[tuple[str, str], Timing], hosts: int, steps: int, delay: int) -> list[str]:
    """What has been promised for 50 hosts, 20 unchanged steps, no delay."""
    failed = [
        f"mspctl failed ({state})" for (state, tool), t in best.items() if tool == "mspctl" and t.status
    ]
    if (hosts, steps, delay) != (50, 20, 0):
        return failed
    ours = best[("unchanged", "mspctl")].seconds
    for tool, limit, at_most in (("floor", 1.4, True), ("pyinfra", 4.0, False), ("ansible", 20.0, False)):
        other = best.get(("unchanged", tool))
        if other is None or other.status:
            failed.append(f"{tool} was not measured, so its bar is not shown to be met")
            continue
        ratio = ours / other.seconds if at_most else other.seconds / ours
        met = ratio <= limit if at_most else ratio >= limit
        said = f"{ratio:.2f} x {tool}" if at_most else f"{ratio:.1f} x faster than {tool}"
        print(
            f"  bar: {said} ({'at most' if at_most else 'at least'} {limit}): {'met' if met else 'NOT met'}"
        )
        failed += [] if met else [said]
    return failed


def _trips(lab: object, folder: Path, args: argparse.Namespace) -> list[str]:
    """Round trips and bytes at the proxy, and time over steps at 80 ms."""
    figures = count_trips(lab, folder / "trips", args.rivals)  # type: ignore[arg-type]
    for figure in figures:
        size = f"{figure.up} bytes up, {figure.down} down"
        print(f"  {figure.tool:8} {figure.steps:3} steps: {figure.turns} round trips, {size}")

    ours = {figure.steps: figure for figure in figures if figure.tool == "mspctl"}
    login = next(figure.turns for figure in figures if figure.tool == "login")
    worst = max(figure.turns for figure in ours.values()) - login
    print(f"  bar: {worst} round trips after the login (at most 3)")
    return [] if worst <= 3 else [f"{worst} round trips after the login"]


def _many(lab: object, folder: Path, args: argparse.Namespace) -> list[str]:
    """Memory and completeness with many inventory hosts."""
    if not args.many:
        return []
    entries = many_names(lab, args.many // len(lab.hosts))  # type: ignore[attr-defined, arg-type]
    fleet = fleet_of(lab, folder / "many", entries, rivals=args.rivals, forks=args.forks)  # type: ignore[arg-type]
    program = Path(sys.executable).with_name("mspctl")
    argv = (str(program), "--json", "--project", str(fleet.bench.project), "health", "--client", "acme")
    result = folder / "many.json"
    env = {"XDG_STATE_HOME": str(folder / "many-state")}
    shell = ("sh", "-c", 'out=$1; shift; exec "$@" >"$out"', "sh", str(result), *argv)
    timing = timed(Job(shell, fleet.bench.folder, env))
    rows = json.loads(result.read_text())["hosts"]
    print(f"  {len(entries)} hosts: {len(rows)} results, {timing.seconds:.1f} s, {timing.memory:.0f} MiB")
    missing = [] if len(rows) == len(entries) else [f"{len(rows)} results of {len(entries)} hosts"]
    return missing + ([] if timing.memory < 300 else [f"{timing.memory:.0f} MiB for {len(entries)} hosts"])


def _row(*cells: object) -> str:
    widths = (6, 6, 6, 10, 8, 9, 8, 6, 8)
    return " ".join(f"{cell!s:>{width}}" for cell, width in zip(cells, widths, strict=True))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    numbers = {"type": lambda text: [int(part) for part in text.split(",")]}
    parser.add_argument("--hosts", default=[1, 10, 50], **numbers)  # type: ignore[arg-type]
    parser.add_argument("--steps", default=[5, 20], **numbers)  # type: ignore[arg-type]
    parser.add_argument("--delay", default=[0, 25, 80], **numbers)  # type: ignore[arg-type]
    parser.add_argument("--tools", default=list(MAKERS), type=lambda text: text.split(","))
    parser.add_argument("--forks", default=20, type=int)
    parser.add_argument("--rounds", default=3, type=int)
    parser.add_argument(
        "--many", default=500, type=int, help="inventory hosts for the memory figure; 0: leave out"
    )
    rivals = Path(os.environ.get("MSPCTL_BENCH_VENV", ".venv-bench")).absolute() / "bin"
    parser.add_argument("--rivals", default=rivals, type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
