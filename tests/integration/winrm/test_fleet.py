"""A hundred hosts at once: none is lost, and what each is said to have answered is what it answered."""

import time
from dataclasses import replace

import pytest

from mspctl.engine.policy import RunPolicy
from mspctl.model.event import HostEnded, StepReported
from mspctl.model.inventory import Deadlines, Host
from mspctl.model.outcome import Outcome
from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.fleet import WinrmFleet
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.troubles import drop, once
from mspctl.testing.winrm.windows import Done, Module, WindowsHost
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.transport import WinrmTransport
from tests.integration.winrm.engine import execution
from tests.integration.winrm.talking import Words, machine

MANY, STEPS, DROPPING = 100, 5, 10
PATIENT = Deadlines(connect=30, auth=30, run=120, reboot=60, lock_wait=1)


def called(name: str) -> Module:
    def module(step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - a Module's shape
        return Done("ok", reports=(("fact", "self", f"{name} {step.index}"),))

    return module


@pytest.mark.timeout(240)
def test_a_hundred_hosts_at_once_lose_nothing_and_mix_nothing_up() -> None:
    names = [f"w{number}" for number in range(MANY)]
    computers = {name: WindowsHost({"facts": called(name)}, pause=0.3) for name in names}
    endpoints = {name: WinrmEndpoint(each, kinds=("Negotiate",)) for name, each in computers.items()}
    dropping = names[::DROPPING]
    for name in dropping:
        endpoints[name].trouble = once(drop, "Receive")
    hosts = [named(name, endpoint.port) for name, endpoint in endpoints.items()]
    transport = WinrmTransport(secrets=Words(), known_hosts=KnownHosts("acme"))
    began = time.monotonic()
    with WinrmFleet(endpoints):
        work = execution(hosts, transport, STEPS, RunPolicy(forks=MANY))
        found = [event for batch in work.batches() for event in batch]
    assert time.monotonic() - began < 60
    words = {event.host: event for event in found if isinstance(event, HostEnded)}
    assert {word.outcome for word in words.values()} == {Outcome.OK}
    said = [(event.host, event.report.value) for event in found if isinstance(event, StepReported)]
    told = [(f"acme/{name}", f"{name} {step}") for name in names for step in range(STEPS)]
    assert sorted(said) == sorted(told)
    assert {tuple(each.started) for each in computers.values()} == {("facts",) * STEPS}
    assert sum(each.spools for each in computers.values()) == 0
    assert sum(each.shells.open for each in endpoints.values()) == 0
    counted = {name: len(each.actions) for name, each in endpoints.items()}
    assert max(counted[name] for name in names if name not in dropping) <= 8


def named(name: str, port: int) -> Host:
    return replace(machine(port, deadlines=PATIENT), name=name)
