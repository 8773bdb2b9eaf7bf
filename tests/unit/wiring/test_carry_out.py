"""A signal between the rows and the first host: each row has its end, and nothing was started."""

import io
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

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
from mspctl.wiring.running import carry_out

CLIENT = "client: {0}\nsites: {{hq: {{hosts: {{here: {{address: {0}.invalid, connection: local}}}}}}}}\n"


class Impatient(Silence):
    """Presses ^C when all rows are on record."""

    def begin(self, runs: Sequence[Run]) -> None:
        assert len(runs) == 2
        raise KeyboardInterrupt


def test_a_signal_before_the_first_host_leaves_no_row_open(tmp_path: Path) -> None:
    clients = tmp_path / "inventory" / "clients"
    clients.mkdir(parents=True)
    (tmp_path / "inventory" / "mspctl.yml").write_text("name: X\n")
    for name in ("acme", "bolt"):
        (clients / f"{name}.yml").write_text(CLIENT.format(name))
    environment = Environment({"XDG_STATE_HOME": str(tmp_path / "state")}, tmp_path, tmp_path, "ops")
    app = App(Options(), environment)
    prepared = prepare(app, Request("health", Target(("acme", "bolt"))))
    runs = carry_out(app, prepared, Impatient(Console(io.StringIO(), io.StringIO())))
    rows = [row for run in runs for row in run.hosts]
    assert [(row.outcome, row.steps) for row in rows] == [(Outcome.CANCELLED, ())] * 2
    assert exit_code(rows) == Exit.CANCELLED
    with closing(app.open_store(write=False)) as store:
        assert store.count(unfinished=True) == 0
        assert store.verify() == ()
