"""What is sent goes whole or is known not to; a link that drops, or a host that drips, is not waited for."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mspctl.model.outcome import Outcome
from mspctl.testing.winrm import soap, troubles
from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.troubles import Answer, always, once
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.channel import WinrmChannel
from mspctl.transports.winrm.link import WinrmLink
from mspctl.transports.winrm.transport import WinrmTransport
from tests.integration.winrm.engine import run
from tests.integration.winrm.talking import (
    SHORT,
    Words,
    assert_failure,
    bundle,
    connect,
    hear,
    machine,
    windows,
)


def test_a_connection_may_drop_at_any_request() -> None:
    def one(name: str) -> object:
        action, _, lost = name.partition(", its answer ")
        host = windows(pause=4)
        with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
            served.trouble = troubles.answer_lost(served, action) if lost else once(troubles.drop, action)
            transport = WinrmTransport(secrets=Words(), known_hosts=KnownHosts("acme"))
            word = run(machine(served.port, deadlines=replace(SHORT, reboot=20)), transport, 3)
        return word.outcome, word.reason, len(host.started)

    nothing, whole = (Outcome.UNREACHABLE, "dropped", 0), (Outcome.OK, "", 3)
    expected: dict[str, object] = dict.fromkeys(("Create", "Command", "Command, its answer lost"), nothing)
    expected |= dict.fromkeys(
        ("Send", "Send, its answer lost", "Receive", "Receive, its answer lost", "Delete"), whole
    )
    with ThreadPoolExecutor(len(expected)) as pool:
        assert dict(zip(expected, pool.map(one, expected), strict=True)) == expected


def test_a_long_program_goes_in_pieces_that_old_hosts_take(endpoint: WinrmEndpoint) -> None:
    sizes: list[int] = []

    def measured(_exchange: object, request: soap.Request) -> bool:
        sizes.append(len(request.stdin))
        return False

    endpoint.trouble = measured
    link = connect(machine(endpoint.port))
    assert isinstance(link, WinrmLink)
    channel = link.start(bundle(3, padding="x" * 350_000))
    assert isinstance(channel, WinrmChannel)
    frames, _ = hear(channel)
    link.close()
    assert [frame.field(1) for frame in frames if frame.verb == "E"] == ["ok"] * 3
    assert max(sizes) <= 100_000
    assert sum(size > 0 for size in sizes) == 4


@pytest.mark.parametrize("answer", [troubles.drop, troubles.fault(soap.TIMED_OUT, "timed out")])
def test_input_that_may_not_have_arrived_is_no_silence(endpoint: WinrmEndpoint, answer: Answer) -> None:
    endpoint.trouble = once(answer, "Send")
    link = connect(machine(endpoint.port))
    assert isinstance(link, WinrmLink)
    channel = link.start(bundle(1))
    assert isinstance(channel, WinrmChannel)
    _, ending = hear(channel)
    link.close()
    assert_failure(ending, "link-lost", Outcome.LOST)


def test_a_poll_that_drips_is_cut_off(endpoint: WinrmEndpoint) -> None:
    link = connect(machine(endpoint.port))
    assert isinstance(link, WinrmLink)
    endpoint.trouble = always(troubles.drip, "Receive")
    started = link.start(b"")
    assert isinstance(started, WinrmChannel)
    channel = WinrmChannel(link._session, started._command, limit=0.5)
    began = time.monotonic()
    _, ending = hear(channel)
    link.close()
    assert_failure(ending, "link-lost", Outcome.LOST)
    assert time.monotonic() - began < 20
