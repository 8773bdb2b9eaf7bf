"""`mspctl onboard`: what is known of a new client, from call to call, and what it comes to in the end."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from mspctl.errors import UsageError
from mspctl.model.inventory import Client
from mspctl.model.onboarding import Answer, Baseline, Door, Login, Minutes, Onboarding
from mspctl.model.run import Run
from mspctl.parse.effortfile import parse_effort
from mspctl.parse.importers.draft import slug
from mspctl.parse.node import shown
from mspctl.parse.proposal import proposal, reachable
from mspctl.parse.source import read_source
from mspctl.report.onboarding.page import Onboarded, page
from mspctl.report.onboarding.plan import EFFORT, plan
from mspctl.report.onboarding.risk import Looked, Outside
from mspctl.report.onboarding.risks import risks
from mspctl.report.score.health import Health
from mspctl.wiring.app import App
from mspctl.wiring.backups import backup_states
from mspctl.wiring.onboardbook import keep, onboarding_folder, recall, staged
from mspctl.wiring.onboardscan import OTHERS, scan
from mspctl.wiring.privatefile import write_file
from mspctl.wiring.reporting import client_health
from mspctl.wiring.reportlook import report_look
from mspctl.wiring.reportwriting import Order, write_forms

PLAYBOOKS: Mapping[str, Mapping[str, str]] = {"onboard": {}, "security": {"fail_on": "never"}}
"""The first runs, with their parameters; nothing is changed by them."""
_ANYBODY = (
    Answer("192.0.2.1", (Door(22, "SSH-2.0-x"),)),
    Answer("192.0.2.2", (Door(5986),)),
)
"""Hosts of either kind, to try a login on."""
QUARTER = 90
"""Days in which backups are looked for in the run log."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says; what is empty stays as it was in earlier calls."""

    addresses: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    singly: tuple[str, ...] = ()
    """Those of the addresses that were named by themselves."""
    name: str = ""
    timezone: str = ""
    site: str = ""
    ssh_ports: tuple[int, ...] = ()
    login: Login = field(default_factory=Login)
    wait: float = 2.0


def begin(app: App, client: str, wanted: Wanted) -> Onboarding:
    """What is known after knocking at the addresses that were named now, if any; it is kept.

    Raises:
        UsageError: the client's name is none, or nobody has ever named an address.
        ConfigurationError: what was kept is damaged, or a login or a name is not as the client's file has it.
        StorageError: it cannot be kept.
    """
    if slug(client) != client:
        hint = "small letters, digits, `.`, `_`, `-`; the first is a letter or digit"
        raise UsageError(f"`{shown(client)}` is no name for a client", hint=hint)
    before = recall(app, client)
    if before is None and not wanted.addresses:
        hint = f"such as: mspctl onboard {client} 10.0.0.0/24 --user ops --identity file:keys/{client}"
        raise UsageError("which addresses? only those are looked at that you name", hint=hint)
    state = _with(before or Onboarding(client), wanted)
    with staged(app, client, proposal(replace(state, answers=_ANYBODY))):
        pass  # so that nothing is asked, or kept, that the client's file could not say: a password, say
    if wanted.addresses:
        state = scan(app, state, wanted.addresses, wanted.wait)
    keep(app, state)
    return state


def unheard(state: Onboarding, wanted: Wanted) -> tuple[str, ...]:
    """A sentence for each address that was named by itself now and at which nobody answers."""
    heard = {each.address for each in state.answers}
    why = "nobody answers at the ports that were tried; is it up, its name right, another --ssh-port needed?"
    return tuple(f"{address}: {why}" for address in wanted.singly if address not in heard)


def _with(state: Onboarding, wanted: Wanted) -> Onboarding:
    told = {each.name: getattr(wanted.login, each.name) for each in fields(Login)}
    login = replace(state.login, **{name: text for name, text in told.items() if text})
    return replace(
        state,
        name=wanted.name or state.name,
        timezone=wanted.timezone or state.timezone,
        site=wanted.site or state.site,
        ssh_ports=tuple(dict.fromkeys((*wanted.ssh_ports, *state.ssh_ports))),
        login=login,
        asked=tuple(dict.fromkeys((*state.asked, *wanted.asked))),
    )


def not_measured(app: App, client: Client, state: Onboarding) -> tuple[str, ...]:
    """The hosts of the inventory from which the first runs have nothing. Raises StorageError."""
    runs = first_runs(app, state)
    asked = {(run.playbook, row.host) for run in runs for row in run.hosts if row.steps}
    return tuple(
        host.name for host in client.hosts if any((playbook, host.key) not in asked for playbook in PLAYBOOKS)
    )


def first_runs(app: App, state: Onboarding) -> tuple[Run, ...]:
    """The first runs; of a host that a playbook was run on again only its last row. Raises StorageError."""
    if state.baseline is None:
        return ()
    with closing(app.open_store(write=False)) as store:
        runs = [store.load(each, outputs=False) for each in state.baseline.runs]
    later: set[tuple[str, str]] = set()
    kept: list[Run] = []
    for run in reversed(runs):
        rows = tuple(row for row in run.hosts if (run.playbook, row.host) not in later)
        later |= {(run.playbook, row.host) for row in run.hosts}
        kept.append(replace(run, hosts=rows))
    return tuple(run for run in reversed(kept) if run.hosts)


def measured(app: App, state: Onboarding, runs: Iterable[Run]) -> Onboarding:
    """These runs have ended: remember them. Raises StorageError."""
    before = state.baseline.runs if state.baseline else ()
    state = replace(state, baseline=Baseline(app.clock.now(), (*before, *(run.id for run in runs))))
    keep(app, state)
    return state


def assess(app: App, client: Client, state: Onboarding, left: Sequence[str]) -> tuple[Onboarded, Health]:
    """What all of it comes to.

    Raises:
        ConfigurationError: the provider's own minutes are wrong.
        StorageError: the run log cannot be read.
    """
    now = app.clock.now().astimezone(ZoneInfo(client.timezone))
    health = client_health(app, client.slug, f"{now:%Y-%m}")
    runs = first_runs(app, state)
    backups = backup_states(app, {client.slug}, QUARTER)
    looked = Looked(client, health.summary, runs, outside(client, state), backups)
    own = own_effort(app.project)
    found = risks(looked)
    made = plan(found, len(client.hosts), now.date(), {**EFFORT, **own})
    return Onboarded(state, looked, made, now.date(), tuple(left), own), health


def own_effort(project: Path) -> Mapping[str, Minutes]:
    """The provider's own minutes, where there are any. Raises ConfigurationError."""
    file = project / "onboarding" / "effort.toml"
    return parse_effort(read_source(file), tuple(EFFORT)) if file.exists() else {}


def outside(client: Client, state: Onboarding) -> Outside:
    """What answers and is not looked after: hosts of the inventory are told by their runs."""
    known = {host.access.address for host in client.hosts}
    ways = {each.address for each in reachable(state)}
    others = [each for each in state.answers if each.address not in known]
    return Outside(
        {each.address: each.trouble or "not in the inventory" for each in others if each.address in ways},
        {
            each.address: ", ".join(OTHERS.get(door.port, f"port {door.port}") for door in each.doors)
            for each in others
            if each.address not in ways
        },
    )


def write_pages(app: App, made: Onboarded, health: Health) -> tuple[str, ...]:
    """Write the onboarding and the first report; the names of the files.

    Raises:
        ConfigurationError: the theme of the report is wrong.
        StorageError: a file cannot be written.
    """
    client = made.looked.client.slug
    folder = onboarding_folder(app, client)
    text = folder / "onboarding.md"
    write_file(text, page(made).encode())
    look, _ = report_look(app, client, "")
    order = Order(f"{made.today:%Y-%m}", ("html",), folder)
    return (str(text), *write_forms(health, look, client, order))
