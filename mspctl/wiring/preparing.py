"""From a request to plans: everything that is decided before any connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mspctl.engine.compile import compile_plan
from mspctl.engine.patchrules import PolicyBook
from mspctl.engine.policy import RunPolicy
from mspctl.engine.select import select
from mspctl.errors import ConfigurationError, EmptySelection, Problem, UsageError
from mspctl.model.bundle import Plan
from mspctl.model.inventory import Client, Inventory
from mspctl.model.playbook import Playbook
from mspctl.model.selection import Excluded, Selection
from mspctl.wiring.adhoc import command_playbook
from mspctl.wiring.app import App
from mspctl.wiring.doubts import refuse_unheeded_windows
from mspctl.wiring.forks import fitting_forks, read_limits
from mspctl.wiring.judging import admissions, covered, ended_holds, ledgers, outside, reboots, support_lines
from mspctl.wiring.request import Request, Target

if TYPE_CHECKING:
    from mspctl.model.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Prepared:
    """What will happen: one plan per client (each becomes a run), and how. `warnings` are for stderr."""

    request: Request
    inventory: Inventory
    plans: tuple[tuple[Client, Plan], ...]
    policy: RunPolicy
    at: datetime
    """The moment for which policy was decided."""
    ledgers: "Mapping[str, Ledger]" = field(default_factory=dict)
    not_covered: tuple[str, ...] = ()
    """Clients and hosts that `--all` left out because no contract covers it."""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """For stderr where a person watches: a call under cron that succeeds is silent."""
    window: str = ""
    """The window of the inventory that the playbook obeys; none if empty."""

    @property
    def hosts(self) -> int:
        """How many hosts are planned."""
        return sum(len(plan.bundles) for _, plan in self.plans)

    @property
    def override(self) -> str:
        """Why windows are not obeyed, for the run log; a dry run obeys none and says nothing of it."""
        return "" if self.request.check_mode else self.request.override

    def frozen(self, client: str) -> Request:
        """The request of one client's run with all that the plan was made of besides the files."""
        return replace(self.request, at=self.at, ledger=self.ledgers.get(client))


def prepare(app: App, request: Request) -> Prepared:
    """Load, select, compile. Nothing is connected to, nothing is written.

    Raises:
        UsageError: neither clients nor all; no host matches; more hosts than allowed.
        ConfigurationError: inventory, playbook or modules are wrong; all problems of all clients together.
    """
    inventory = load(app, request.target)
    playbook = command_playbook(request.line) if request.line else app.library.playbook(request.playbook)
    at = request.at or app.clock.now()
    if playbook.window:
        refuse_unheeded_windows(app, inventory)
    served, not_covered = covered(inventory.clients, playbook, request, at)
    inventory = replace(inventory, clients=served)
    spared = outside(served, playbook, request, at)
    not_covered = (*not_covered, *(host.key for host in spared))
    selections = _select(inventory, request.target, frozenset(host.key for host in spared))
    known = ledgers(app, (client for client, _ in selections), playbook, request, at)
    book = PolicyBook(at, known, bool(request.override), support_lines(app, playbook))
    plans = _compile(app, request, playbook, inventory, (selections, book))
    prepared = _prepared(request, inventory, plans, book)
    notes = (*_left_out(not_covered, playbook), *(ended_holds(inventory, at) if known else ()))
    policy = prepared.policy
    if not request.check_mode and not request.override:
        # Asked now, not at the time of the plan: a resumed run obeys the opening in which it is resumed.
        now, bundles = app.clock.now(), [bundle for _, plan in plans for bundle in plan.bundles]
        admitted, caught_up = admissions(app, [bundle.host for bundle in bundles], playbook, now)
        notes = (*notes, *_catching_up(tuple(caught_up.late)))
        policy = replace(policy, admissions=admitted, reboots=reboots(bundles, now), proven=caught_up.proven)
    return replace(prepared, policy=policy, not_covered=not_covered, notes=notes, window=playbook.window)


def _left_out(clients: tuple[str, ...], playbook: Playbook) -> tuple[str, ...]:
    if not clients:
        return ()
    return (f"not in their contract, so left out of {playbook.name}: {', '.join(clients)}",)


def _catching_up(hosts: tuple[str, ...]) -> tuple[str, ...]:
    return (f"missed their last window, so they catch up now: {', '.join(hosts)}",) if hosts else ()


def load(app: App, target: Target) -> Inventory:
    """The inventory of the target's clients. Raises UsageError naming the clients if none was chosen."""
    if not target.clients and not target.everyone:
        names = ", ".join(app.client_names())
        raise UsageError(
            "which client? give --client NAME, or --all for every client", hint=f"there are: {names}"
        )
    if target.clients and target.everyone:
        raise UsageError("--client and --all exclude each other")
    return app.inventory(None if target.everyone else target.clients)


def _select(
    inventory: Inventory, target: Target, spared: frozenset[str]
) -> tuple[tuple[Client, Selection], ...]:
    """Per client; clients without a chosen host are left out, and so are hosts that no contract is about."""
    whole = select(inventory, site=target.site, tags=target.tags, limit=target.limit)
    whole = _without(whole, spared)
    if not whole.hosts:
        hint = "name the client with --client, as a single call"
        raise EmptySelection("the contract is about none of these hosts", hint=hint)
    if target.max_hosts is not None and len(whole.hosts) > target.max_hosts:
        raise UsageError(
            f"{len(whole.hosts)} hosts are selected, more than --max-hosts {target.max_hosts}",
            hint="narrow the selection, or raise the number",
        )
    shares = ((client, _share(whole, client.slug)) for client in inventory.clients)
    return tuple((client, share) for client, share in shares if share.hosts)


def _without(whole: Selection, spared: frozenset[str]) -> Selection:
    left_out = (Excluded(host, "not in the contract") for host in whole.hosts if host.key in spared)
    return Selection(
        tuple(host for host in whole.hosts if host.key not in spared), (*whole.excluded, *left_out)
    )


def _share(whole: Selection, client: str) -> Selection:
    return Selection(
        tuple(host for host in whole.hosts if host.client == client),
        tuple(each for each in whole.excluded if each.host.client == client),
    )


def _compile(
    app: App,
    request: Request,
    playbook: Playbook,
    inventory: Inventory,
    chosen: tuple[Sequence[tuple[Client, Selection]], PolicyBook],
) -> tuple[tuple[Client, Plan], ...]:
    selections, book = chosen
    renderer = app.renderer()
    plans: list[tuple[Client, Plan]] = []
    problems: dict[Problem, None] = {}
    for client, selection in selections:
        try:
            plan = compile_plan(
                playbook,
                selection,
                (client,),
                app.library,
                renderer,
                params=request.params,
                tags=request.step_tags,
                skip_tags=request.skip_step_tags,
                check_mode=request.check_mode,
                inventory_digest=inventory.digest,
                policies=book.names,
            )
        except ConfigurationError as error:
            problems.update(dict.fromkeys(error.problems))
        else:
            plans.append((client, plan))
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return tuple(plans)


def prepared_of(
    request: Request, inventory: Inventory, plans: tuple[tuple[Client, Plan], ...], at: datetime
) -> Prepared:
    """These plans with what the inventory and this machine say about how many hosts go at once."""
    return _prepared(request, inventory, plans, PolicyBook(at))


def _prepared(
    request: Request, inventory: Inventory, plans: tuple[tuple[Client, Plan], ...], book: PolicyBook
) -> Prepared:
    hosts = sum(len(plan.bundles) for _, plan in plans)
    forks = fitting_forks(request.forks or inventory.provider.forks, hosts, read_limits())
    per_site = {
        (client.slug, site.name): site.max_parallel
        for client, _ in plans
        for site in client.sites
        if site.max_parallel is not None
    }
    policy = RunPolicy(forks.count, per_site, request.serial, request.max_fail)
    warnings = (forks.warning,) if forks.warning else ()
    return Prepared(request, inventory, plans, policy, book.at, book.ledgers, warnings=warnings)
