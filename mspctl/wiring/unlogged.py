"""Bundles of which nothing is kept in the run log: questions, asked for the answer's sake."""

import secrets

from mspctl.engine.execute import Execution
from mspctl.engine.fold import Fold, pending_run
from mspctl.engine.runid import run_id
from mspctl.model.run import HostRun
from mspctl.wiring.app import App
from mspctl.wiring.preparing import Prepared
from mspctl.wiring.running import equip
from mspctl.wiring.stopping import stopped_by_signals
from mspctl.wiring.version import version


def ask_unlogged(app: App, prepared: Prepared, name: str) -> tuple[HostRun, ...]:
    """Execute the one plan; a host that is locked is told `name` as what we are at. Raises SecretError."""
    ((client, plan),) = prepared.plans
    started = app.clock.now()
    made = run_id(started, client.slug, name, secrets.token_bytes(2))
    run = pending_run(
        plan, made, client.slug, started=started, version=version(), nonce=secrets.token_hex(16)
    )
    execution = Execution(
        plan,
        run,
        equip(app, prepared),
        prepared.policy,
        owner=f"{app.environment.user} with mspctl {name}",
    )
    fold = Fold(run, redactor=app.secrets)
    with stopped_by_signals(execution):
        for batch in execution.batches():
            fold.apply(batch)
    return fold.run.hosts
