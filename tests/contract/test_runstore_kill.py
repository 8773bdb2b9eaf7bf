"""kill -9 at any point: what was acknowledged is there, the log is whole, the next start needs no help."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.engine.fold import Fold
from mspctl.model.outcome import Outcome
from mspctl.model.run import HostRun, Output, Run
from mspctl.runstore import open_run_store
from mspctl.testing.postgresql import PrivatePostgresql
from mspctl.testing.runs import START, ended, made_plan, made_run, story

WRITER = """
import sys
from mspctl.runstore import open_run_store
from mspctl.testing.runs import START, made_plan, made_run, story
print("start", flush=True)
store = open_run_store(sys.argv[1])
plan = made_plan("web1", "db1", "mail1")
for number in range(100_000):
    run = made_run(plan, f"{sys.argv[2]}-{number:05}")
    store.plan(run, plan)
    print("planned", flush=True)
    for host in run.hosts:
        for event in story(host.host, output=b"x" * 70_000):
            store.record(run.id, [event])
            print("recorded", flush=True)
    store.finish(run.id, START)
    print("finished", flush=True)
"""
KILLS = int(os.environ.get("MSPCTL_SOAK_KILLS", "6"))


@pytest.mark.timeout(240 + 3 * KILLS)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_acknowledged_is_lost(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if kind == "postgresql":
        server: PrivatePostgresql = request.getfixturevalue("postgresql")
        url = server.new_database()
    else:
        url = f"sqlite:///{tmp_path}/deep/runs.db"
    for number in range(KILLS):
        acknowledged = write_until_killed(url, f"kill-{number:03}", random.uniform(0, 0.8))  # noqa: S311
        store = open_run_store(url)
        assert store.verify() == ()
        runs = [run for run in store.runs() if run.id.startswith(f"kill-{number:03}")]
        check(runs, acknowledged)
        for run in runs:
            store.record(run.id, [ended(host.host, Outcome.LOST) for host in run.pending])
            store.finish(run.id, START)
            whole = store.load(run.id)
            assert sum(whole.counts.values()) == len(whole.hosts) == 3
        assert store.verify() == ()
        store.close()


def write_until_killed(url: str, name: str, delay: float) -> list[str]:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url, name], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
        return writer.stdout.read().split()


def check(runs: list[Run], acknowledged: list[str]) -> None:
    planned = acknowledged.count("planned")
    assert len(runs) in {planned, planned + 1}
    assert sum(run.finished is not None for run in runs) - acknowledged.count("finished") in {0, 1}
    if not runs:
        return
    last = runs[-1]
    if len(runs) == planned:
        since = acknowledged[::-1].index("planned")
        recorded = acknowledged[len(acknowledged) - since :].count("recorded")
    else:
        recorded = 0
    assert last.hosts in (told(last.id, recorded), told(last.id, recorded + 1))
    for run in runs[:-1]:
        assert run.hosts == told(run.id, 10_000)


def told(run_id: str, events: int) -> tuple[HostRun, ...]:
    """The hosts after so many events, as a listing shows them."""
    fold = Fold(made_run(made_plan("web1", "db1", "mail1"), run_id))
    everything = [event for host in fold.run.hosts for event in story(host.host, output=b"x" * 70_000)]
    fold.apply(everything[:events])
    return tuple(without_outputs(fold.run))


def without_outputs(run: Run) -> Iterator[HostRun]:
    for host in run.hosts:
        steps = []
        for step in host.steps:
            size = len(step.output.head) + len(step.output.tail) + step.output.dropped
            steps.append(replace(step, output=Output(dropped=size)))
        yield replace(host, steps=tuple(steps))
