"""Between the rows and the first host: after a signal, or an end without one, each row has its end."""

import io
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from mspctl.cli.console import Console
from mspctl.cli.exits import Exit, exit_code
from mspctl.cli.progress import Silence
from mspctl.model.outcome import Outcome
from mspctl.model.run import Run
from mspctl.wiring.app import App
from mspctl.wiring.environment import Environment
from mspctl.wiring.options import Options
from mspctl.wiring.preparing import prepare
from mspctl.wiring.request import Request, Target
from mspctl.wiring.resuming import load_run, request_of, resume, resumption
from mspctl.wiring.running import carry_out

CLIENT = "client: {0}\nsites: {{hq: {{hosts: {{here: {{address: {0}.invalid, connection: local}}}}}}}}\n"


def made(folder: Path, *names: str) -> App:
    """A project with these clients, each with this computer as its one host."""
    clients = folder / "inventory" / "clients"
    clients.mkdir(parents=True)
    (folder / "inventory" / "mspctl.yml").write_text("name: X\n")
    for name in names:
        (clients / f"{name}.yml").write_text(CLIENT.format(name))
    return App(Options(), Environment({"XDG_STATE_HOME": str(folder / "state")}, folder, folder, "ops"))


class Impatient(Silence):
    """Presses ^C when all rows are on record."""

    def begin(self, runs: Sequence[Run]) -> None:
        assert len(runs) == 2
        raise KeyboardInterrupt


class Dying(Silence):
    """Does not live to see the first connection."""

    def begin(self, runs: Sequence[Run]) -> None:
        raise DeathError(runs[0].id)


class DeathError(Exception):
    """What the run was called."""


def died(act: Callable[[Dying], object]) -> str:
    with pytest.raises(DeathError) as caught:
        act(Dying(Console(io.StringIO(), io.StringIO())))
    return str(caught.value)


def test_who_resumes_one_run_closes_the_others_that_were_left_behind(tmp_path: Path) -> None:
    """Its clean end clears the lock: after that nobody would know of them."""
    app = made(tmp_path, "acme")
    first, second = (
        died(lambda watch: carry_out(app, prepare(app, Request("health", Target(("acme",)))), watch))
        for _ in range(2)
    )
    run = load_run(app, first)
    assert [row.outcome for row in run.hosts] == [Outcome.LOST]
    found = resumption(app, run, request_of(app, run, run.hosts), run.hosts)
    third = died(lambda watch: resume(app, found, watch))
    assert [row.outcome for row in load_run(app, second).hosts] == [Outcome.LOST]
    assert load_run(app, second).finished is not None
    assert load_run(app, third).resumes == first
    with app.lock("acme", "health", ()) as lock:
        assert lock.left_behind == (third,)


def test_a_signal_before_the_first_host_leaves_no_row_open(tmp_path: Path) -> None:
    app = made(tmp_path, "acme", "bolt")
    prepared = prepare(app, Request("health", Target(("acme", "bolt"))))
    runs = carry_out(app, prepared, Impatient(Console(io.StringIO(), io.StringIO())))
    rows = [row for run in runs for row in run.hosts]
    assert [(row.outcome, row.steps) for row in rows] == [(Outcome.CANCELLED, ())] * 2
    assert exit_code(rows) == Exit.CANCELLED
    with closing(app.open_store(write=False)) as store:
        assert store.count(unfinished=True) == 0
        assert store.verify() == ()
