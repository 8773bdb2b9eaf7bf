"""The order of a call's hosts, from the inventory and the command line."""

from collections.abc import Iterable

from mspctl.engine.waves import Order, policy_order, serial_order
from mspctl.wiring.preparing import Prepared


def order_of(prepared: Prepared, keys: Iterable[str]) -> Order:
    """The order of these hosts (`client/name`), those of a run that have ended already among them.

    The inventory's waves and dependencies hold for runs that may take hosts out of service: those with a
    step that reboots. A dry run, and a playbook that only looks or restarts nothing, goes to all at once.
    """
    known = {host.key: host for host in prepared.inventory.hosts}
    hosts = [known[key] for key in keys if key in known]
    serial = prepared.request.serial
    return policy_order(hosts, serial) if _takes_down(prepared) else serial_order(hosts, serial)


def _takes_down(prepared: Prepared) -> bool:
    return any(
        step.reboots and not plan.check_mode
        for _, plan in prepared.plans
        for bundle in plan.bundles
        for step in bundle.steps
    )
