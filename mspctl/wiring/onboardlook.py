"""The first login: what new hosts say of themselves, before they have a name in the inventory."""

from collections.abc import Iterable
from dataclasses import replace

from mspctl.engine.compile import compile_plan
from mspctl.model.event import ReportKind
from mspctl.model.inventory import Client, Host, Inventory
from mspctl.model.onboarding import Answer, Onboarding
from mspctl.model.playbook import OnFailure, Playbook, Step
from mspctl.model.run import HostRun
from mspctl.model.selection import Selection
from mspctl.wiring.app import App
from mspctl.wiring.preparing import prepared_of
from mspctl.wiring.request import Request, Target
from mspctl.wiring.unlogged import ask_unlogged

NAME = "onboard"
_LOOK = Playbook(
    NAME, "What a host says of itself.", (), (Step("Facts", "facts", on_failure=OnFailure.CONTINUE),)
)


def first_look(app: App, state: Onboarding, inventory: Inventory, hosts: Iterable[Host]) -> Onboarding:
    """Log in to these hosts of the staged inventory, ask for facts, and remember what they say.

    Raises:
        SecretError: a key or a password cannot be had; nothing was touched.
    """
    (client,) = inventory.clients
    chosen = tuple(hosts)
    if not chosen:
        return state
    for row in _rows(app, inventory, client, chosen):
        host = next(each for each in chosen if each.key == row.host)
        answer = next(each for each in state.answers if each.address == host.access.address)
        state = state.with_answer(_told(answer, row))
    return state


def _rows(app: App, inventory: Inventory, client: Client, hosts: tuple[Host, ...]) -> tuple[HostRun, ...]:
    plan = compile_plan(
        _LOOK,
        Selection(hosts),
        (client,),
        app.library,
        app.renderer(),
        params={},
        check_mode=True,
        inventory_digest=inventory.digest,
    )
    request = Request(NAME, Target((client.slug,)), check_mode=True)
    prepared = prepared_of(request, inventory, ((client, plan),), app.clock.now())
    return ask_unlogged(app, prepared, NAME)


def _told(answer: Answer, row: HostRun) -> Answer:
    facts = {
        report.name: report.value
        for step in row.steps
        for report in step.reports
        if report.kind is ReportKind.FACT
    }
    if not facts:
        return replace(answer, trouble=": ".join(filter(None, (row.reason, row.detail))) or "it said nothing")
    return replace(answer, name=facts.get("hostname", ""), os=facts.get("os.id", ""), trouble="")
