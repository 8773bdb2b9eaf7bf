"""What cron and timers call: whether a schedule is due, and if so its command, once for each time."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mspctl.engine.timetable import due, moments
from mspctl.errors import LockHeld, UsageError
from mspctl.model.inventory import Client
from mspctl.model.schedule import Firing, Overlap, Schedule
from mspctl.model.suggestion import did_you_mean
from mspctl.wiring.app import App
from mspctl.wiring.schedules import KEPT, installed_of, schedule_lock
from mspctl.wiring.stopping import stopped_by_signals

_PATIENCE = 5.0
"""Seconds between two looks whether the same work has ended."""

_WITH_ARGUMENT = frozenset({"run", "exec"})
"""Commands without others behind them: what follows is their playbook, or a line for the hosts."""

Start = Callable[[Sequence[str]], int]
"""Runs a command line of mspctl to its end; the exit code, negative if a signal ended it."""


def due_of(app: App, slug: str, name: str | None) -> tuple[tuple[Schedule, datetime], ...]:
    """What of a client's schedules is due now: the one of that name, or any.

    Times before the schedule was installed are not made up for.

    Raises:
        UsageError: there is no schedule of that name.
    """
    (client,) = app.inventory({slug}).clients
    chosen = client.schedules if name is None else (_named(client, name),)
    now, known = app.clock.now(), installed_of(app, (client,))
    found: list[tuple[Schedule, datetime]] = []
    for schedule in chosen:
        at, kept = due(schedule, slug, now), known.get((slug, schedule.name))
        if at is not None and (kept is None or at >= kept.since):
            found.append((schedule, at))
    return tuple(found)


def _named(client: Client, name: str) -> Schedule:
    found = next((each for each in client.schedules if each.name == name), None)
    if found is None:
        names = [each.name for each in client.schedules]
        hint = did_you_mean(name, names) or "if it was taken out of the file, run `mspctl schedule install`"
        raise UsageError(f"{client.slug} has no schedule `{name}`", hint=hint)
    return found


def fire(app: App, slug: str, schedule: Schedule, at: datetime, start: Start) -> int:
    """Run it for the time `at`, unless that was done; the exit code of its command, 0 if it was not run.

    Raises:
        LockHeld: the same work is still going on, and the schedule says that this is an error; or it waited
            its turn until the next one came.
    """
    with closing(app.open_store()) as store:
        firing = Firing(slug, schedule.name, at, app.clock.now())
        if not store.claim_firing(firing, firing.began - KEPT):
            return 0
        lock = schedule_lock(app, slug, schedule)
        try:
            _await_turn(app, slug, schedule, at, lock.take)
        except LockHeld:
            lock.release(clean=True)
            store.end_firing(replace(firing, ended=app.clock.now(), word="overlap"))
            if schedule.overlap is Overlap.SKIP:
                return 0
            raise
        try:
            code = start(called(schedule, slug))
            store.end_firing(replace(firing, ended=app.clock.now(), word="ended", code=code))
        finally:
            lock.release(clean=True)
    return code


def _await_turn(app: App, slug: str, schedule: Schedule, at: datetime, take: Callable[[], None]) -> None:
    """Take the schedule's own lock, and wait until the playbook's is not held either.

    Who holds none is taken for killed, so the own one comes first.

    Raises:
        LockHeld: it is, and the schedule does not wait, or waited as long as it may.
    """
    until = at + timedelta(seconds=schedule.catch_up)
    following = next(moments(schedule, slug, at + timedelta(seconds=1)), until)
    taken = False
    while True:
        try:
            if not taken:
                take()
            taken = True
            app.lock(slug, _playbook(app, schedule), schedule.words).probe()
        except LockHeld:
            if schedule.overlap is not Overlap.QUEUE or app.clock.now() >= min(until, following):
                raise
            app.clock.sleep(_PATIENCE)
        else:
            return


def called(schedule: Schedule, slug: str) -> tuple[str, ...]:
    """Its command line: the client stands behind the command, as in `backup prove --client acme`."""
    verb, *rest = schedule.words
    below = 1 if verb not in _WITH_ARGUMENT and rest and not rest[0].startswith("-") else 0
    return (verb, *rest[:below], "--client", slug, *rest[below:])


def _playbook(app: App, schedule: Schedule) -> str:
    """The name of the lock that the command will take: `backup prove` runs the playbook backup-prove."""
    verb, *rest = schedule.words
    if verb == "run":
        return rest[0] if rest else verb
    below = "-".join((verb, *rest[:1]))
    return below if below in app.library.playbook_names() else verb


@dataclass(frozen=True, slots=True)
class _Children:
    """Command lines under way; a signal to us is one to each."""

    processes: "Sequence[subprocess.Popen[bytes]]"

    def cancel(self, *, at_once: bool = False) -> None:
        del at_once  # the second signal that they get means that to them
        for process in self.processes:
            process.terminate()


def start_command(app: App, words: Sequence[str]) -> int:
    """Run mspctl once more, on this project and run log, with our output as its own; its exit code."""
    (code,) = start_together(app, [words])
    return code


def start_together(app: App, lines: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """The same for several at once."""
    processes = [subprocess.Popen([*own_command(app), *line], stdin=subprocess.DEVNULL) for line in lines]
    with stopped_by_signals(_Children(processes)):
        return tuple(process.wait() for process in processes)


def own_command(app: App) -> tuple[str, ...]:
    """How this mspctl is called again from anywhere, with the same project and run log."""
    told = app.options.database or app.environment.variables.get("MSPCTL_DATABASE")
    database = ("--database", told) if told else ()
    return (*_program(), "--project", os.fspath(app.project.resolve()), *database)


def kept_environment(app: App) -> tuple[str, ...]:
    """What of our environment decides where things are, as `NAME=VALUE`: cron and systemd tell nothing."""
    variables = app.environment.variables
    return tuple(
        f"{name}={variables[name]}" for name in ("PYTHONPATH", "XDG_STATE_HOME") if variables.get(name)
    )


def _program() -> tuple[str, ...]:
    script = os.path.join(os.path.dirname(sys.executable), "mspctl")  # noqa: PTH118, PTH120 - as cron will
    if os.access(script, os.X_OK) and os.path.realpath(sys.argv[0]) == os.path.realpath(script):
        return (script,)
    return (sys.executable, "-m", "mspctl")
