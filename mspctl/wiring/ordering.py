"""The order of a call's hosts, from the inventory and the command line."""

from collections.abc import Iterable

from mspctl.engine.waves import Order, policy_order, serial_order
from mspctl.wiring.preparing import Prepared


def order_of(prepared: Prepared, keys: Iterable[str]) -> Order:
    """The order of these hosts (`client/name`), those of a run that have ended already among them.

    The inventory's waves and dependencies hold for runs that may take hosts out of service: of playbooks that
    obey a window, or have a step that reboots. A dry run, and any other playbook, goes to all at once.
    """
    known = {host.key: host for host in prepared.inventory.hosts}
    hosts = [known[key] for key in keys if key in known]
    serial = prepared.request.serial
    return policy_order(hosts, serial) if _in_waves(prepared) else serial_order(hosts, serial)


def _in_waves(prepared: Prepared) -> bool:
    return any(
        (step.reboots or prepared.window != "") and not plan.check_mode
        for _, plan in prepared.plans
        for bundle in plan.bundles
        for step in bundle.steps
    )
