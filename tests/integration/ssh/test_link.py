"""A program on a real sshd, from its first byte to its exit status."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Deadlines
from mspctl.model.outcome import Outcome
from mspctl.ports import Channel
from mspctl.testing.sshd import Sshd, sessions
from mspctl.transports.ssh.link import SshLink


def read_all(channel: Channel, seconds: float = 20) -> bytes:
    end, content = time.monotonic() + seconds, bytearray()
    while time.monotonic() < end:
        chunk = channel.read(1)
        assert not isinstance(chunk, Failure), chunk
        if chunk == b"":
            return bytes(content)
        content += chunk or b""
    raise AssertionError(f"no end of output after {bytes(content[-200:])!r}")


def connect(sshd: Sshd, **deadlines: float) -> SshLink:
    host = sshd.host()
    if deadlines:
        limits = replace(host.access.deadlines, **deadlines)
        host = replace(host, access=replace(host.access, deadlines=limits))
    link = sshd.transport().connect(host)
    assert isinstance(link, SshLink), link
    return link


def start(link: SshLink, program: bytes) -> Channel:
    channel = link.start(program)
    assert not isinstance(channel, Failure), channel
    return channel


def test_output_errors_and_status_come_back(sshd: Sshd) -> None:
    link = connect(sshd)
    channel = start(link, b"echo out; echo err >&2; exit 7\n")
    assert read_all(channel) == b"out\n"
    assert channel.exit_status(5) == 7
    assert channel.errors() == b"err\n"
    assert link.fingerprint == sshd.fingerprint
    link.close()


def test_three_round_trips_with_an_acknowledged_end(sshd: Sshd) -> None:
    link = connect(sshd)
    channel = start(link, b"echo begin; read -r answer; echo got $answer; exit 0\n")
    assert channel.read(5) == b"begin\n"
    channel.send(b"ack\n")
    assert read_all(channel) == b"got ack\n"
    assert channel.exit_status(5) == 0
    assert link.round_trips == 3
    link.close()


def test_nothing_to_read_is_none_after_the_time(sshd: Sshd) -> None:
    link = connect(sshd)
    channel = start(link, b"read -r line; exit 0\n")
    began = time.monotonic()
    assert channel.read(0.3) is None
    assert 0.25 < time.monotonic() - began < 15
    assert channel.exit_status(0.1) is None
    link.close()


def test_a_program_larger_than_the_window_arrives_whole(sshd: Sshd) -> None:
    link = connect(sshd)
    body = b"# " + b"x" * 77 + b"\n"
    channel = start(link, b"echo begin\n" + body * 60_000 + b"echo done\nexit 3\n")
    assert read_all(channel) == b"begin\ndone\n"
    assert channel.exit_status(5) == 3
    link.close()


def test_end_closes_the_input(sshd: Sshd) -> None:
    link = connect(sshd)
    channel = start(link, b"echo begin; while read -r line; do echo got $line; done; echo end; exit 4\n")
    assert channel.read(5) == b"begin\n"
    channel.send(b"one\ntwo\n")
    channel.end()
    assert read_all(channel) == b"got one\ngot two\nend\n"
    assert channel.exit_status(5) == 4
    link.close()


def test_much_output_is_fast_and_whole(sshd: Sshd) -> None:
    link = connect(sshd)
    began = time.monotonic()
    channel = start(link, b"head -c 50000000 /dev/zero; exit 0\n")
    size = 0
    while (chunk := channel.read(10)) != b"":
        assert isinstance(chunk, bytes)
        size += len(chunk)
    assert size == 50_000_000
    assert time.monotonic() - began < 50
    link.close()


def test_a_flood_of_errors_blocks_nothing_and_keeps_the_last_64_kib(sshd: Sshd) -> None:
    link = connect(sshd)
    channel = start(link, b"head -c 9000000 /dev/zero >&2; echo last words >&2; echo out; exit 0\n")
    assert read_all(channel) == b"out\n"
    assert channel.exit_status(5) == 0
    assert len(channel.errors()) == 64 * 1024
    assert channel.errors().endswith(b"last words\n")
    link.close()


def test_two_programs_one_after_the_other(sshd: Sshd) -> None:
    link = connect(sshd)
    for number in (1, 2):
        channel = start(link, f"echo {number}; exit {number}\n".encode())
        assert read_all(channel) == f"{number}\n".encode()
        assert channel.exit_status(5) == number
    link.close()


@pytest.mark.parametrize("name", ["KILL", "SEGV"])
def test_a_signal_keeps_its_name(sshd: Sshd, name: str) -> None:
    link = connect(sshd)
    channel = start(link, f"echo begin; kill -{name} $$\n".encode())
    assert read_all(channel) == b"begin\n"
    status = channel.exit_status(5)
    assert isinstance(status, Failure)
    assert (status.reason, status.outcome) == ("signal", Outcome.FAILED)
    assert name in status.detail
    link.close()


def dead_link(sshd: Sshd, harm: Callable[[int], None], seconds: float) -> Failure:
    link = connect(sshd, keepalive=0.5)
    channel = start(link, b"echo begin; sleep 30; echo never\n")
    assert channel.read(5) == b"begin\n"
    shell = sessions(sshd.pid)
    # None of them must see another one die, and tell us of it.
    for pid in shell:
        freeze(pid)
    for pid in shell:
        harm(pid)
    began = time.monotonic()
    answer = channel.read(seconds)
    assert time.monotonic() - began < seconds
    for pid in shell:
        os.kill(pid, signal.SIGCONT) if harm is freeze else None
    status = channel.exit_status(1)
    assert isinstance(status, Failure)
    assert status.reason == "link-lost"
    assert isinstance(answer, Failure)
    link.close()
    return answer


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_a_killed_peer_is_a_lost_link(sshd: Sshd) -> None:
    failure = dead_link(sshd, kill, 20)
    assert (failure.reason, failure.outcome) == ("link-lost", Outcome.LOST)


def test_a_frozen_peer_is_a_lost_link_after_three_keepalives(sshd: Sshd) -> None:
    failure = dead_link(sshd, freeze, 20)
    assert failure.reason == "link-lost"
    assert "1.5 s" in failure.detail


def test_sending_to_a_frozen_peer_does_not_block(sshd: Sshd) -> None:
    link = connect(sshd, keepalive=0.5)
    channel = start(link, b"echo begin; read -r x\n")
    assert channel.read(5) == b"begin\n"
    frozen = sessions(sshd.pid)
    for pid in frozen:
        freeze(pid)
    began = time.monotonic()
    for _ in range(10):
        channel.send(b"x" * 1_000_000)
    assert time.monotonic() - began < 20
    answer = None
    while answer is None and time.monotonic() - began < 40:
        answer = channel.read(1)
    assert isinstance(answer, Failure)
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    link.close()


def test_a_closed_link_leaves_no_thread(sshd: Sshd) -> None:
    before = set(threading.enumerate())
    link = connect(sshd)
    (ours,) = set(threading.enumerate()) - before
    link.close()
    ours.join(60)
    assert not ours.is_alive()


def test_quiet_but_living_links_stay(sshd: Sshd) -> None:
    link = connect(sshd, keepalive=0.8)
    channel = start(link, b"sleep 3; echo done; exit 0\n")
    assert read_all(channel) == b"done\n"
    assert channel.exit_status(5) == 0
    link.close()


def test_deadlines_default_to_the_documented_ones() -> None:
    assert (Deadlines().connect, Deadlines().banner, Deadlines().auth, Deadlines().keepalive) == (
        10,
        10,
        20,
        15,
    )


def test_new_keys_in_the_middle_of_much_output_and_input(tmp_path: Path) -> None:
    with Sshd(tmp_path / "sshd", ["RekeyLimit 1M"]) as sshd:
        link = connect(sshd, keepalive=0.5)
        channel = start(link, b"head -c 20000000 /dev/zero\n" + b"# filler\n" * 400_000 + b"exit 6\n")
        assert len(read_all(channel, 40)) == 20_000_000
        assert channel.exit_status(10) == 6
        link.close()


def test_closing_a_channel_of_a_link_that_died_a_moment_ago(sshd: Sshd) -> None:
    link = connect(sshd)
    channel = start(link, b"sleep 5\n")
    wire = link._wire
    wire.sock.shutdown(socket.SHUT_WR)
    channel.close()
    link.close()
    wire.join(60)
    assert not wire.is_alive()
