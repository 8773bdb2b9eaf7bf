"""`mspctl plan PLAYBOOK`: what would be sent to whom; nothing is connected to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from mspctl.cli.console import Console, Document
from mspctl.cli.runoptions import options_of, plan_options
from mspctl.cli.session import Session, pass_session
from mspctl.model.bundle import Around, Bundle, BundleStep, Plan

if TYPE_CHECKING:
    from mspctl.engine.waves import Order, Stage
    from mspctl.wiring.preparing import Prepared


@click.command("plan")
@click.argument("playbook")
@plan_options
@pass_session
def command(session: Session, /, playbook: str, **given: Any) -> None:  # noqa: ANN401 - click's options, by name
    """Show the steps that PLAYBOOK would send to each host; connect to none.

    For what would change on the hosts ask them: mspctl run PLAYBOOK --check
    """
    from mspctl.wiring.ordering import order_of  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.preparing import prepare  # noqa: PLC0415 - as above

    prepared = prepare(session.app, options_of(given).request(playbook))
    plans = [plan for _, plan in prepared.plans]
    order = order_of(prepared, (bundle.host.key for plan in plans for bundle in plan.bundles))
    if session.console.wants_json:
        documents = [_plan_document(client.slug, plan, order) for client, plan in prepared.plans]
        session.console.json(documents[0] if len(documents) == 1 else {"plans": documents})
    else:
        show(session.console, plans)
        show_order(session.console, order)
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
            show_around(console, bundles[0])
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


def show_around(console: Console, bundle: Bundle) -> None:
    """The lines for this machine."""
    for when, line in (("before", bundle.around.before), ("after", bundle.around.after)):
        if line:
            console.out(f"  {when} it, on this machine: {line}")


def show_order(console: Console, order: "Order") -> None:
    """The waves and dependencies, if there are any."""
    lines = [
        f"  {stage.name}: {', '.join(stage.hosts)}{'' if stage is lane[-1] else _gate(stage)}"
        for lane in order.lanes
        if len(lane) > 1
        for stage in lane
    ]
    lines += [f"  {host} after {', '.join(others)}" for host, others in order.after.items()]
    for group in dict.fromkeys(order.groups.values()):
        members = ", ".join(host for host, name in order.groups.items() if name == group)
        lines.append(f"  never together: {members}")
    if lines:
        console.out("\n".join(["", "order:", *lines]))


def _gate(stage: "Stage") -> str:
    terms = [f"{stage.min_success:g}% have to end well"] if stage.min_success else []
    terms += [f"then {stage.pause:g} s pause"] if stage.pause else []
    return f" ({', '.join(terms)})" if terms else ""


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
    groups: dict[tuple[Around, tuple[BundleStep, ...]], list[Bundle]] = {}
    for bundle in plan.bundles:
        groups.setdefault((bundle.around, bundle.steps), []).append(bundle)
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


def _plan_document(client: str, plan: Plan, order: "Order") -> Document:
    waves = order.stage_names
    return {
        "client": client,
        "playbook": plan.playbook,
        "check_mode": plan.check_mode,
        "digest": plan.digest,
        "inventory_digest": plan.inventory_digest,
        "hosts": [_bundle_document(bundle, order, waves[bundle.host.key]) for bundle in plan.bundles],
        "excluded": [{"host": each.host.name, "reason": each.reason} for each in plan.selection.excluded],
    }


def _bundle_document(bundle: Bundle, order: "Order", wave: str) -> Document:
    key = bundle.host.key
    return {
        "host": bundle.host.name,
        "site": bundle.host.site,
        "wave": wave,
        "after": [other.partition("/")[2] for other in order.after.get(key, ())],
        "never_together": order.groups.get(key, "").partition("/")[2],
        "digest": bundle.digest,
        "controller_before": bundle.around.before,
        "controller_after": bundle.around.after,
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
