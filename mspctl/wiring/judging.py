"""What policy says at a moment: which clients are covered, which windows open, what the ledger knows."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mspctl.engine.compile_params import names_policy, names_support
from mspctl.engine.openings import Admission, admission
from mspctl.engine.patchrules import expired_holds, reboot_window
from mspctl.errors import EmptySelection
from mspctl.model.bundle import Bundle, BundleStep
from mspctl.model.inventory import Client, Host, Inventory
from mspctl.model.patching import RebootPolicy
from mspctl.model.playbook import Playbook
from mspctl.wiring.app import App
from mspctl.wiring.catchup import CatchUp, catching_up
from mspctl.wiring.request import Request

if TYPE_CHECKING:
    from mspctl.model.ledger import Ledger

REMEMBERED = timedelta(days=180)
"""How long an update that no scan reports any more counts as seen."""


def covered(
    clients: Iterable[Client], playbook: Playbook, request: Request, at: datetime
) -> tuple[tuple[Client, ...], tuple[str, ...]]:
    """The clients that are served, and the names of those left out.

    `--all` serves those whose contract covers the playbook's service; who is called by name is served.

    Raises:
        EmptySelection: nobody is covered.
    """
    everybody = tuple(clients)
    if not playbook.service or not request.target.everyone:
        return everybody, ()
    left_out = tuple(client.slug for client in everybody if not _covers(client, playbook.service, at))
    served = tuple(client for client in everybody if client.slug not in left_out)
    if not served:
        raise EmptySelection(
            f"no client's contract covers {playbook.service}: {', '.join(left_out)}",
            hint="name one with --client, as a single call",
        )
    return served, left_out


def outside(
    clients: Iterable[Client], playbook: Playbook, request: Request, at: datetime
) -> tuple[Host, ...]:
    """The hosts of these clients that `--all` leaves out, because their contract is not about them."""
    if not playbook.service or not request.target.everyone:
        return ()
    days = ((client, at.astimezone(ZoneInfo(client.timezone)).date()) for client in clients)
    return tuple(host for client, day in days for host in client.outside(day))


def _covers(client: Client, service: str, at: datetime) -> bool:
    services = client.services(at.astimezone(ZoneInfo(client.timezone)).date())
    return services is None or service in services


def admissions(
    app: App, hosts: Sequence[Host], playbook: Playbook, now: datetime
) -> tuple[Mapping[str, Admission], CatchUp]:
    """Until when each host may be started, and which hosts catch up on a window they missed.

    Hosts that share a calendar share the answer, but for those that missed their last window.
    """
    if not playbook.window:
        return {}, CatchUp()
    asked: dict[int, Admission | None] = {}
    found: dict[str, Admission] = {}
    for host in hosts:
        key = id(host.calendar)
        if key not in asked:
            asked[key] = admission(host.calendar, playbook.window, now)
        if (state := asked[key]) is not None:
            found[host.key] = state
    caught_up = catching_up(app, hosts, playbook, found, now)
    for key_of_host, open_state in caught_up.late.items():
        if open_state is None:
            del found[key_of_host]
        else:
            found[key_of_host] = open_state
    return found, caught_up


def reboots(bundles: Iterable[Bundle], now: datetime) -> Mapping[str, Admission]:
    """Until when hosts that may reboot in a window only may be told to: in the opening of this moment."""
    found: dict[str, Admission] = {}
    for bundle in bundles:
        if any(step.reboots and _in_window(step, bundle.host) for step in bundle.steps):
            calendar = bundle.host.calendar
            state = admission(calendar, reboot_window(calendar), now)
            if state is not None:
                found[bundle.host.key] = state
    return found


def _in_window(step: BundleStep, host: Host) -> bool:
    """What the step was told (`-e reboot=always`) goes before the policy."""
    asked = dict(step.params).get("when")
    if asked is None:
        return host.patching.reboot is RebootPolicy.WINDOW
    return asked == RebootPolicy.WINDOW


def ledgers(
    app: App, clients: Iterable[Client], playbook: Playbook, request: Request, at: datetime
) -> "Mapping[str, Ledger]":
    """Per client what is known about its updates; nothing is read for playbooks without policy."""
    slugs = [client.slug for client in clients]
    if not names_policy(playbook):
        return {}
    if request.ledger is not None:
        return dict.fromkeys(slugs, request.ledger)
    return read_ledgers(app, slugs, at)


def read_ledgers(app: App, slugs: Iterable[str], at: datetime) -> "Mapping[str, Ledger]":
    """What the run log knows of each client at this moment."""
    from mspctl.engine.patchledger import ledger_of  # noqa: PLC0415 - few runs ask

    with closing(app.open_store(write=False)) as store:
        decisions, failures = store.decisions(), store.failures()
        return {
            slug: ledger_of(slug, store.seen(slug, at - REMEMBERED), decisions, failures) for slug in slugs
        }


def support_lines(app: App, playbook: Playbook) -> tuple[str, ...]:
    """Until when systems are supported, for playbooks that ask. Raises ConfigurationError."""
    return app.support().lines if names_support(playbook) else ()


def ended_holds(inventory: Inventory, at: datetime) -> tuple[str, ...]:
    """One line for each hold whose last day is over: it holds no longer."""
    return tuple(
        f"{hold.place}: the hold on {hold.package} ended on {hold.until} ({hold.reason}, {hold.owner}):"
        " it holds no longer; remove it, or give it a new date"
        for hold in expired_holds(inventory.hosts, at)
    )
