"""What a connection costs: round trips on the wire, descriptors, threads, time of an agent that hangs."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.testing.lab.proxy import CountingProxy
from mspctl.testing.lab.traffic import Delay
from mspctl.testing.sshd import Sshd
from mspctl.transports.ssh.link import SshLink
from tests.integration.ssh.liars import Liar, reset

ROUND_TRIP = 0.2
TRIES = 4
"""A busy machine makes all of it slower, and nothing faster."""


@pytest.fixture
def far(sshd: Sshd) -> Iterator[CountingProxy]:
    with CountingProxy(sshd.address, sshd.port, delay=Delay(ROUND_TRIP)) as proxy:
        yield proxy


def test_three_round_trips_after_the_login_on_the_wire(sshd: Sshd, far: CountingProxy) -> None:
    # TCP (1.5 here, the proxy says), key exchange 2, service request and login together 1
    seen = list[tuple[float, float]]()
    while len(seen) < TRIES and not (seen and min(seen)[0] < 4.9 and min(each[1] for each in seen) < 6.5):
        seen.append(round_trips_of_time(sshd, far))
    assert min(each[0] for each in seen) < 4.9, f"{seen}: round trips of time for three, and sshd's own work"
    assert min(each[1] for each in seen) < 6.5, seen


def round_trips_of_time(sshd: Sshd, far: CountingProxy) -> tuple[float, float]:
    """What a program that is acknowledged takes, and the login before it."""
    line = sshd.known_hosts_line.replace(f":{sshd.port} ", f":{far.port} ")
    host = sshd.host()
    host = replace(host, access=replace(host.access, port=far.port))
    transport = sshd.transport(pins=[line])
    began = time.monotonic()
    link = transport.connect(host)
    assert isinstance(link, SshLink), link
    connected = time.monotonic()
    channel = link.start(b"echo begin; read -r word; echo $word; exit 0\n")
    assert not isinstance(channel, Failure)
    assert channel.read(10) == b"begin\n"
    channel.send(b"ack\n")
    out = b""
    while (chunk := channel.read(10)) != b"":
        assert isinstance(chunk, bytes)
        out += chunk
    assert (out, channel.exit_status(5)) == (b"ack\n", 0)
    trips = (time.monotonic() - connected) / ROUND_TRIP
    assert link.round_trips == 3
    link.close()
    return trips, (connected - began) / ROUND_TRIP


def test_failures_leave_nothing_open(sshd: Sshd) -> None:
    def open_now() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    stranger = sshd.transport(pins=[])
    assert isinstance(stranger.connect(sshd.host()), Failure)
    time.sleep(0.3)
    files, threads = open_now(), threading.active_count()
    with Liar(reset) as liar:
        host = sshd.host()
        limits = replace(host.access.deadlines, connect=0.1)
        broken = replace(host, access=replace(host.access, port=liar.port, deadlines=limits))
        for _ in range(10):
            assert isinstance(stranger.connect(host), Failure)
            assert isinstance(stranger.connect(broken), Failure)
    end = time.monotonic() + 30
    while (open_now() > files or threading.active_count() > threads) and time.monotonic() < end:
        time.sleep(0.05)
    assert open_now() <= files
    assert threading.active_count() <= threads


def test_an_agent_that_hangs_ends_with_the_login(
    tmp_path: Path, sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "agent")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        monkeypatch.setenv("SSH_AUTH_SOCK", path)
        host = sshd.host()
        limits = replace(host.access.deadlines, auth=1.0)
        host = replace(host, access=replace(host.access, identity=None, agent=True, deadlines=limits))
        began = time.monotonic()
        answer = sshd.transport().connect(host)
    assert isinstance(answer, Failure)
    assert answer.reason == "auth"
    assert time.monotonic() - began < 20


def test_no_user_is_said(sshd: Sshd) -> None:
    host = sshd.host()
    answer = sshd.transport().connect(replace(host, access=replace(host.access, user="")))
    assert isinstance(answer, Failure)
    assert (answer.reason, "no user" in answer.detail) == ("auth", True)
