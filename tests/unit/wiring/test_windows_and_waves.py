"""Which runs go in waves, and which hosts may reboot in a window only."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mspctl.engine.policy import RunPolicy
from mspctl.model.bundle import Bundle
from mspctl.model.calendar import Calendar
from mspctl.model.inventory import Client, Inventory, Provider, Site
from mspctl.model.patching import PatchPolicy, RebootPolicy, Wave
from mspctl.wiring.judging import reboots
from mspctl.wiring.ordering import order_of
from mspctl.wiring.preparing import Prepared
from mspctl.wiring.request import Request, Target
from tests.unit.engine.bundles import bundle, host, plan, step

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NEVER_OPEN = Calendar({"reboot": ()})


@pytest.mark.parametrize(
    ("window", "reboot", "check", "waves"),
    [
        ("patch", False, False, 2),
        ("", True, False, 2),
        ("", False, False, 1),
        ("patch", True, True, 1),
    ],
)
def test_what_obeys_a_window_goes_in_waves_as_what_may_reboot_does(
    *, window: str, reboot: bool, check: bool, waves: int
) -> None:
    policy = PatchPolicy(waves=(Wave("canary", count=1),))
    hosts = tuple(replace(host(name), patching=policy) for name in ("a", "b"))
    client = Client("acme", "Acme", "UTC", (Site("hq", hosts),))
    steps = step(0, "check() { ok; }", reboots=reboot)
    made = replace(plan(*(bundle(steps, at=each, check_mode=check) for each in hosts)), check_mode=check)
    inventory = Inventory(Provider("p"), (client,), "d")
    request = Request("x", Target(("acme",)))
    prepared = Prepared(request, inventory, ((client, made),), RunPolicy(), NOW, window=window)
    (lane,) = order_of(prepared, (each.key for each in hosts)).lanes
    assert len(lane) == waves


def rebooting(policy: RebootPolicy, asked: str | None) -> Bundle:
    at = replace(host(), patching=PatchPolicy(reboot=policy), calendar=NEVER_OPEN)
    params = () if asked is None else (("when", asked),)
    return bundle(step(0, "check() { ok; }", reboots=True, params=params), at=at)


@pytest.mark.parametrize(
    ("policy", "asked", "bound"),
    [
        (RebootPolicy.WINDOW, "window", True),
        (RebootPolicy.WINDOW, "always", False),
        (RebootPolicy.NEVER, "window", True),
        (RebootPolicy.IF_NEEDED, "if-needed", False),
        (RebootPolicy.WINDOW, None, True),
    ],
)
def test_what_the_step_was_told_goes_before_the_policy(
    *, policy: RebootPolicy, asked: str | None, bound: bool
) -> None:
    assert bool(reboots([rebooting(policy, asked)], NOW)) is bound
