"""How fast the run log takes a patch night: `python tests/benchmarks/bench_runlog.py [HOSTS STEPS]`.

All hosts talk in turns, one transaction per 400 events; then one transaction per event that must be durable
before the engine goes on. The figure to hold against: 500 hosts of 20 steps take some minutes of real time.
"""

import contextlib
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice, pairwise, zip_longest

from mspctl.model.event import BundleStarted, Event, HostEnded, Report, ReportKind
from mspctl.ports import RunStore
from mspctl.runstore import open_run_store
from mspctl.testing.postgresql import PrivatePostgresql, missing_postgresql
from mspctl.testing.runs import START, made_plan, made_run, story

OUTPUT = b"Get:1 http://deb.debian.org/debian bookworm/main amd64 openssl amd64 3.0.15-1\n" * 40
PACKAGES = tuple(
    Report(
        ReportKind.CHANGE, f"package-{number}", "", (("old", "1.0-1"), ("new", "1.0-2"), ("security", "no"))
    )
    for number in range(40)
)
BATCH = 400


def night(hosts: int, steps: int) -> Iterator[Event]:
    """The events of all hosts, in turns."""
    stories = [story(f"acme/h{n}", steps=steps, output=OUTPUT, reports=PACKAGES) for n in range(hosts)]
    for row in zip_longest(*stories):
        yield from (event for event in row if event is not None)


def batches(events: Iterator[Event]) -> Iterator[list[Event]]:
    """As the engine hands them in: full, or ended by an event that must be durable before it goes on."""
    while batch := list(islice(events, BATCH)):
        yield batch


def measure(name: str, store: RunStore, hosts: int, steps: int) -> None:
    """Plan, record, finish, load, verify; print seconds."""
    plan = made_plan(*(f"h{n}" for n in range(hosts)), steps=steps)
    run = made_run(plan)
    marks = [time.perf_counter()]
    store.plan(run, plan)
    marks.append(time.perf_counter())
    events = list(night(hosts, steps))
    marks.append(time.perf_counter())
    for batch in batches(iter(events)):
        store.record(run.id, batch)
    marks.append(time.perf_counter())
    store.finish(run.id, START)
    loaded = store.load(run.id)
    marks.append(time.perf_counter())
    assert store.verify() == ()
    marks.append(time.perf_counter())
    planned, _, recorded, read, verified = (b - a for a, b in pairwise(marks))
    rows = hosts * (2 * steps + len(PACKAGES) + 1)
    assert len(loaded.hosts) == hosts
    print(
        f"{name}: {hosts} hosts x {steps} steps: plan {planned:.2f} s, record {recorded:.2f} s"
        f" ({len(events) / recorded:,.0f} events/s, {rows / recorded:,.0f} rows/s),"
        f" load {read:.2f} s, verify {verified:.2f} s,"
        f" peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
    )


def durable(store: RunStore, hosts: int) -> None:
    """One transaction per event that must be durable before the engine goes on."""
    plan = made_plan(*(f"h{n}" for n in range(hosts)))
    run = made_run(plan, "20261124T0000Z-acme-patch-0000")
    store.plan(run, plan)
    begin = time.perf_counter()
    for host in run.hosts:
        for event in story(host.host):
            if isinstance(event, BundleStarted | HostEnded):
                store.record(run.id, [event])
    seconds = time.perf_counter() - begin
    print(f"  one durable event per transaction: {2 * hosts / seconds:,.0f} per second")


def main() -> None:
    """Measure SQLite, and PostgreSQL where there is one."""
    hosts, steps = (
        (int(word) for word in (*sys.argv[1:], "500", "20")[:2]) if len(sys.argv) > 2 else (500, 20)
    )
    with tempfile.TemporaryDirectory() as folder:
        store = open_run_store(f"sqlite:///{folder}/runs.db")
        with contextlib.closing(store):
            measure("SQLite", store, hosts, steps)
            durable(store, 200)
    if missing := missing_postgresql():
        print(f"PostgreSQL: not measured, this machine lacks {missing}")
        return
    with PrivatePostgresql() as server:
        store = open_run_store(server.new_database())
        with contextlib.closing(store):
            measure("PostgreSQL (fsync off)", store, hosts, steps)
            durable(store, 200)


if __name__ == "__main__":
    main()
