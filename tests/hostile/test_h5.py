"""H5: tarpit, silent accept, blackhole SYN, RST, half-open: each ends in its time, with its own reason."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, Deadlines, Host
from mspctl.model.outcome import Outcome
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from tests.hostile.ssh_rows import client_host, linked, refusal, transport_to
from tests.integration.ssh import liars
from tests.integration.ssh.liars import Behaviour, Liar

T = TypeVar("T")
LIMITS = Deadlines(connect=1.5, banner=1, auth=1, keepalive=0.5)


@pytest.mark.parametrize(
    ("behave", "reason"),
    [(liars.silent, "timeout-banner"), (liars.tarpit, "timeout-banner"), (liars.reset, "closed-early")],
)
def test_servers_that_do_not_speak(tmp_path: Path, behave: Behaviour, reason: str) -> None:
    with Liar(behave) as liar:
        access = Access(address="127.0.0.1", port=liar.port, user="x", deadlines=LIMITS)
        began = time.monotonic()
        failure = refusal(transport_to(tmp_path, []).connect(Host("acme", "hq", "h5", access)))
    assert (failure.reason, failure.outcome) == (reason, Outcome.UNREACHABLE)
    assert time.monotonic() - began < 15


def test_silence_of_the_network(tmp_path: Path, lab_hosts: LabHosts) -> None:
    lab_host = lab_hosts(HostSpec("h5"))
    host = client_host(lab_host)
    host = replace(host, access=replace(host.access, deadlines=LIMITS))
    transport = transport_to(tmp_path, [lab_host.known_hosts_line])
    with lab_host.faults.packets_dropped():
        failure, seconds = timed(lambda: refusal(transport.connect(host)))
        assert failure.reason == "timeout-connect"
        assert seconds < 15
    with lab_host.faults.sshd_frozen():
        failure, seconds = timed(lambda: refusal(transport.connect(host)))
        assert failure.reason == "timeout-banner"
        assert seconds < 15


def test_half_open_after_a_cut(tmp_path: Path, lab_hosts: LabHosts) -> None:
    lab_host = lab_hosts(HostSpec("h5b"))
    host = client_host(lab_host)
    limits = Deadlines(connect=20, banner=20, auth=20, keepalive=0.8)
    link = linked(tmp_path, lab_host, replace(host, access=replace(host.access, deadlines=limits)))
    channel = link.start(b"echo begin; sleep 60\n")
    assert not isinstance(channel, Failure)
    assert channel.read(5) == b"begin\n"
    with lab_host.faults.packets_dropped():
        failure, seconds = timed(lambda: channel.read(10))
    assert isinstance(failure, Failure)
    assert failure.reason == "link-lost"
    assert seconds < 9
    link.close()


def timed(what: Callable[[], T]) -> tuple[T, float]:
    began = time.monotonic()
    return what(), time.monotonic() - began
