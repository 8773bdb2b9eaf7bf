"""`mspctl dev capture`: one module on one host, its calls recorded, as an example of the module."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mspctl.engine.capturing import Captured, captured, recording
from mspctl.engine.compile import compile_plan
from mspctl.engine.exampleform import example_of
from mspctl.engine.execute import Execution
from mspctl.engine.fold import pending_run
from mspctl.engine.policy import RunPolicy
from mspctl.engine.runid import run_id
from mspctl.engine.sending import without_comments
from mspctl.errors import UsageError
from mspctl.library.folders import FolderLibrary
from mspctl.model.anonymous import Anonymous
from mspctl.model.bundle import Plan
from mspctl.model.event import Event
from mspctl.model.inventory import Client, Host, Inventory
from mspctl.model.playbook import Playbook, Step
from mspctl.model.selection import Selection
from mspctl.model.value import Value
from mspctl.wiring.app import App
from mspctl.wiring.preparing import Prepared
from mspctl.wiring.request import Request, Target
from mspctl.wiring.running import equip
from mspctl.wiring.stopping import stopped_by_signals
from mspctl.wiring.version import version

SPOOL = "mspctl-0123456789abcdef"
"""What a run's folder on the host is called in examples."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What to capture: a module with its parameters on a host, `CLIENT/HOST`."""

    host: str
    module: str
    params: Mapping[str, Value]


def capture(app: App, asked: Capture) -> tuple[Captured, Mapping[str, object]]:
    """What came of it, and the example, with what tells whose host it is taken out.

    It is a dry run outside of the run log: the host is not changed. Raises what a run raises before the first
    connection.
    """
    slug, _, name = asked.host.partition("/")
    inventory = app.inventory([slug])
    client, host = _find(inventory, slug, name)
    step = Step(asked.module, asked.module, asked.params)
    plan = compile_plan(
        Playbook("capture", "", (), (step,)),
        Selection((host,)),
        (client,),
        app.library,
        app.renderer(),
        params={},
        check_mode=True,
    )
    bundle = recording(plan.bundles[0], without_comments(recorder_for(app.library, windows=host.windows)))
    plan = replace(plan, bundles=(bundle,))
    app.audited("captured", {"host": host.key, "module": asked.module})
    found = captured(_events(app, inventory, client, plan))
    ours = "\n".join((bundle.steps[0].body, *bundle.libraries))
    hidden = Anonymous(tuple(_names(client, host, found.facts)), ours)

    def hide(text: str) -> str:
        return hidden.text(app.secrets.text(text))

    title = f"As recorded on {found.facts.get('os_id', '?')} {found.facts.get('os_version', '')}".strip()
    step_secrets = tuple(map(str, bundle.secrets))
    return found, example_of(title, asked.params, found, step_secrets, hide, windows=host.windows)


def recorder_for(library: FolderLibrary, *, windows: bool) -> str:
    """The recorder's text for a platform."""
    if windows:
        return "\n".join(library.powershell(f"lib/{name}") for name in ("record", "watch"))
    return library.shell("lib/record")


def _names(client: Client, host: Host, facts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the inventory calls host and client, and what Windows does, with their stand-ins."""
    computer, domain = facts.get("computer", ""), facts.get("domain", "")
    for word in (host.name, host.access.address, computer):
        if not _numeric(word):
            yield word, "host1"
    if facts.get("spool"):
        yield facts["spool"], SPOOL
    for word in (client.slug, domain):
        if word.upper() not in ("WORKGROUP", computer.upper()):
            yield word, "client1"


def _numeric(word: str) -> bool:
    """An address is told by its shape."""
    return word[:1].isdigit() or ":" in word


def _find(inventory: Inventory, slug: str, name: str) -> tuple[Client, Host]:
    for client in inventory.clients:
        for host in client.hosts:
            if host.name == name:
                return client, host
    raise UsageError(f"{slug} has no host `{name}`", hint="name it as CLIENT/HOST; see mspctl inventory list")


def _events(app: App, inventory: Inventory, client: Client, plan: Plan) -> Iterator[Event]:
    now = app.clock.now()
    request = Request("capture", Target((client.slug,)), check_mode=plan.check_mode)
    prepared = Prepared(request, inventory, ((client, plan),), RunPolicy(1), now)
    run = pending_run(
        plan,
        run_id(now, client.slug, "capture", secrets.token_bytes(2)),
        client.slug,
        started=now,
        version=version(),
        nonce=secrets.token_hex(16),
    )
    owner = f"{app.environment.user} with mspctl dev capture"
    execution = Execution(plan, run, equip(app, prepared), prepared.policy, owner=owner)
    with stopped_by_signals(execution):
        for batch in execution.batches():
            yield from batch
