"""`mspctl plan PLAYBOOK`: what would be sent to whom; nothing is connected to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from mspctl.cli.console import Console, Document
from mspctl.cli.runoptions import options_of, plan_options
from mspctl.cli.session import Session, pass_session
from mspctl.model.bundle import Bundle, BundleStep, Plan

if TYPE_CHECKING:
    from mspctl.wiring.preparing import Prepared


@click.command("plan")
@click.argument("playbook")
@plan_options
@pass_session
def command(session: Session, /, playbook: str, **given: Any) -> None:  # noqa: ANN401 - click's options, by name
    """Show the steps that PLAYBOOK would send to each host; connect to none.

    For what would change on the hosts ask them: mspctl run PLAYBOOK --check
    """
    from mspctl.wiring.preparing import prepare  # noqa: PLC0415 - --help needs none of it

    prepared = prepare(session.app, options_of(given).request(playbook))
    plans = [plan for _, plan in prepared.plans]
    if session.console.wants_json:
        documents = [_plan_document(client.slug, plan) for client, plan in prepared.plans]
        session.console.json(documents[0] if len(documents) == 1 else {"plans": documents})
    else:
        show(session.console, plans)
        show_held(session.console, prepared)
        for note in session.app.library.notes:
            session.console.out(f"note: {note}")


def show(console: Console, plans: Sequence[Plan]) -> None:
    """Hosts with the same steps together, each step in a line; then who is left out, and why."""
    for plan in plans:
        check = ", check mode" if plan.check_mode else ""
        console.out(f"{plan.playbook}{check}: {len(plan.bundles)} hosts, plan {plan.digest[:12]}")
        for bundles in _alike(plan):
            console.out("")
            console.out(", ".join(bundle.host.key for bundle in bundles) + ":")
            for step in bundles[0].steps:
                console.out(
                    f"  {step.index + 1:>2}. {step.name} [{step.module}]{_params(step)}{_remarks(step)}"
                )
        left_out = plan.selection.excluded
        if left_out:
            console.out("")
            console.out(f"left out: {len(left_out)} hosts")
            for each in left_out:
                console.out(f"  {each.host.key}: {each.reason}")


def show_held(console: Console, prepared: "Prepared") -> None:
    """The hosts that a run started now would hold back, and the clients that it would leave out."""
    now = prepared.at
    held = [(key, admission.refuses(now)) for key, admission in prepared.policy.admissions.items()]
    lines = [f"  {key}: {word.reason}, {word.detail}" for key, word in held if word is not None]
    if lines:
        console.out("\n".join(["", f"held if started now: {len(lines)} hosts", *lines]))
    for note in prepared.notes:
        console.out(f"note: {note}")


def _alike(plan: Plan) -> list[list[Bundle]]:
    """Bundles with the same steps, in the order of their first host."""
    groups: dict[tuple[BundleStep, ...], list[Bundle]] = {}
    for bundle in plan.bundles:
        groups.setdefault(bundle.steps, []).append(bundle)
    return list(groups.values())


def _params(step: BundleStep) -> str:
    return "".join(f" {name}={value}" for name, value in step.params)


def _remarks(step: BundleStep) -> str:
    if step.skipped:
        return f" (left out: {step.skipped})"
    remarks = [
        ("if its condition holds", step.guard != ":"),
        ("only looks", not step.changes),
        ("may reboot", step.reboots),
        ("if notified", step.handler),
    ]
    words = ", ".join(word for word, holds in remarks if holds)
    return f" ({words})" if words else ""


def _plan_document(client: str, plan: Plan) -> Document:
    return {
        "client": client,
        "playbook": plan.playbook,
        "check_mode": plan.check_mode,
        "digest": plan.digest,
        "inventory_digest": plan.inventory_digest,
        "hosts": [_bundle_document(bundle) for bundle in plan.bundles],
        "excluded": [{"host": each.host.name, "reason": each.reason} for each in plan.selection.excluded],
    }


def _bundle_document(bundle: Bundle) -> Document:
    return {
        "host": bundle.host.name,
        "site": bundle.host.site,
        "digest": bundle.digest,
        "secrets": [str(ref) for ref in bundle.secrets],
        "steps": [_step_document(step) for step in bundle.steps],
    }


def _step_document(step: BundleStep) -> Document:
    return {
        "name": step.name,
        "module": step.module,
        "params": dict(step.params),
        "conditional": step.guard != ":" and not step.skipped,
        "skipped": step.skipped,
        "changes": step.changes,
        "reboots": step.reboots,
        "handler": step.handler,
        "needs_root": step.needs_root,
        "timeout": step.timeout,
        "on_failure": step.on_failure.value,
    }
