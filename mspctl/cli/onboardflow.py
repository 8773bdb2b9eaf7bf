"""The stages of `mspctl onboard`, under the eyes of whoever is there; each adds to `left` what is missing."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from mspctl.cli.exits import Exit
from mspctl.cli.onboardshow import show_onboarded
from mspctl.cli.session import Session
from mspctl.cli.sightings import print_of, show_sightings

if TYPE_CHECKING:
    from mspctl.model.inventory import Host
    from mspctl.model.onboarding import Onboarding
    from mspctl.parse.approvals import Approvals
    from mspctl.wiring.onboardkeys import Judged


def newcomers(session: Session, state: "Onboarding", compared: "Approvals", left: list[str]) -> "Onboarding":
    """Those that answered: their keys, the first login, their names."""
    from mspctl.errors import EmptySelection  # noqa: PLC0415 - as above
    from mspctl.parse.proposal import proposal, reachable  # noqa: PLC0415 - as above
    from mspctl.wiring.onboardbook import keep, staged  # noqa: PLC0415 - as above
    from mspctl.wiring.onboardlook import first_look  # noqa: PLC0415 - as above

    app = session.app
    if not reachable(state):
        problem = f"nobody answers by SSH or WinRM at {', '.join(state.asked)}"
        raise EmptySelection(problem, hint="is another --ssh-port needed, or a longer --wait?")
    with staged(app, state.client, proposal(state)) as inventory:
        ((client),) = inventory.clients
        trusted = _keys(session, client.slug, client.hosts, compared, left)
        named = {answer.address for answer in state.answers if answer.name}
        new = [each for each in trusted if each.access.address not in named]
        state = first_look(app, state, inventory, new)
    left += [f"{each.address}: {each.trouble}" for each in state.answers if each.trouble]
    keep(app, state)
    return state


def _keys(
    session: Session, client: str, hosts: "Sequence[Host]", compared: "Approvals", left: list[str]
) -> "list[Host]":
    """Pin what was approved; the hosts that may be logged in to. The others are named in `left`."""
    from mspctl.wiring.onboardkeys import look_at_keys, pin_approved  # noqa: PLC0415 - as above

    app = session.app
    judged = look_at_keys(app, client, hosts, compared)
    strangers = [each for each in judged if not each.trusted]
    if strangers:
        show_sightings(session.console, client, [each.sighting for each in strangers])
    pins = [(each, each.approved) for each in strangers if each.approved]
    unknown = [each for each in strangers if each.open]
    if unknown and _agreed(session, f"Pin the keys of {len(unknown)} hosts? Compare the fingerprints first."):
        pins += [(each, each.sighting.keys) for each in unknown]
    pin_approved(app, client, pins)
    pinned = {each.sighting.host.name for each, _ in pins}
    left += [_key_missing(each) for each in strangers if each.sighting.host.name not in pinned]
    without = {each.sighting.host.name for each in strangers} - pinned
    return [host for host in hosts if host.name not in without]


def _key_missing(judged: "Judged") -> str:
    seen = judged.sighting
    where = f"{seen.address}:{seen.port}"
    shown = " ".join(print_of(key.asbytes(), key.get_name()) for key in seen.keys)
    if seen.failure is not None:
        return f"{where}: {seen.failure.reason}: {seen.failure.detail}"
    if judged.denied:
        return f"{where}: shows other keys than the ones that you have named for it: {shown}"
    if judged.open:
        return f"{where}: nobody has approved its key; compare it, then give --approve {shown}"
    return f"{where}: its key is {seen.verdict}; see mspctl trust"


def _agreed(session: Session, question: str) -> bool:
    if not session.console.watched or sys.stdin is None or not sys.stdin.isatty():
        return False
    return click.confirm(question, default=False, err=True)


def settle(session: Session, state: "Onboarding", left: list[str], *, write: bool) -> None:
    """Propose the client's file; make it so if somebody says so."""
    from mspctl.wiring.onboardbook import accept, client_file, keep, propose  # noqa: PLC0415 - as above

    app = session.app
    proposed, state = propose(app, state)
    keep(app, state)
    target = client_file(app, state.client)
    if not write and session.console.watched:
        session.console.error(proposed.read_text(encoding="utf-8"))
    if write or _agreed(session, f"Make this {target}?"):
        accept(app, state.client, proposed)
        session.console.error(f"written: {target}")
    else:
        left.append(f"{proposed} waits for you: read it, change it, then say --write")


def look(
    session: Session,
    state: "Onboarding",
    compared: "Approvals",
    left: list[str],
    silent: Sequence[str],
    *,
    again: bool,
) -> int:
    """The first runs, and what they come to."""
    from mspctl.wiring.onboardbook import recall  # noqa: PLC0415 - as above
    from mspctl.wiring.onboarding import assess, not_measured, outside, write_pages  # noqa: PLC0415 - as above

    app = session.app
    state = recall(app, state.client) or state
    if again:
        state = replace(state, baseline=None)
    ((client),) = app.inventory({state.client}).clients
    if not left:
        _keys(session, client.slug, client.hosts, compared, left)
    left += silent
    missing = not_measured(app, client, state)
    if missing:
        state = _run(session, state, missing)
        left += [f"{name}: gave no answer in the first runs" for name in not_measured(app, client, state)]
    left += [
        f"{address} answers and is not in the inventory" for address in outside(client, state).without_access
    ]
    made, health = assess(app, client, state, left)
    files = write_pages(app, made, health)
    show_onboarded(session.console, made, files)
    return Exit.BAD_HOSTS if left else Exit.GOOD


def _run(session: Session, state: "Onboarding", hosts: Sequence[str]) -> "Onboarding":
    from mspctl.cli.runverb import under_eyes  # noqa: PLC0415 - as above
    from mspctl.wiring.onboarding import PLAYBOOKS, measured  # noqa: PLC0415 - as above
    from mspctl.wiring.preparing import prepare  # noqa: PLC0415 - as above
    from mspctl.wiring.request import Request, Target  # noqa: PLC0415 - as above
    from mspctl.wiring.running import carry_out  # noqa: PLC0415 - as above

    app = session.app
    target = Target((state.client,), limit=",".join(hosts))
    for playbook, params in PLAYBOOKS.items():
        request = Request(playbook, target, params=params, command=("mspctl", *sys.argv[1:]))
        prepared = prepare(app, request)
        state = measured(app, state, under_eyes(session, prepared, partial(carry_out, app, prepared)))
    return state
