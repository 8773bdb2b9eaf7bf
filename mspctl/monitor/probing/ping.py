"""ICMP echo, without root where the kernel allows it (net.ipv4.ping_group_range)."""

import os
import socket
import struct
import time
from collections.abc import Mapping

from mspctl.model.monitoring import Probe, Sample, Seen
from mspctl.monitor.probing.wire import Deadline, reason, resolved

_TRIES = 2
_REQUEST: Mapping[int, int] = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY: Mapping[int, int] = {socket.AF_INET: 0, socket.AF_INET6: 129}
_PROTOCOL: Mapping[int, int] = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_FORBIDDEN = "this user may not ping: see net.ipv4.ping_group_range, or ask a port with tcp"


def ping(probe: Probe, deadline: Deadline) -> tuple[Sample, ...]:
    """The host answers one of two requests."""
    try:
        family, _, _, _, address = resolved(probe.target, 0, socket.SOCK_DGRAM, deadline)[0]
        with _open(family) as wire:
            wire.connect(address[:2] if family == socket.AF_INET else address)
            took = _echo(wire, family, deadline)
    except PermissionError:
        return (Sample(probe.name, Seen.UNKNOWN, _FORBIDDEN),)
    except OSError as error:
        return (Sample(probe.name, Seen.DOWN, reason(error)),)
    return (
        Sample(probe.name, Seen.UP, f"answers in {took * 1000:.1f} ms", metrics=(("rtt_seconds", took),)),
    )


def _open(family: int) -> socket.socket:
    """The kernel's own ping socket; a raw one where only root may ping."""
    protocol = _PROTOCOL[socket.AddressFamily(family)]
    try:
        return socket.socket(family, socket.SOCK_DGRAM, protocol)
    except PermissionError:
        return socket.socket(family, socket.SOCK_RAW, protocol)


def _echo(wire: socket.socket, family: int, deadline: Deadline) -> float:
    mark = os.urandom(16)
    kind = socket.AddressFamily(family)
    each = deadline.left / _TRIES
    for number in range(_TRIES):
        begun = time.monotonic()
        wire.send(_packet(_REQUEST[kind], number, mark))
        try:
            _await(wire, _REPLY[kind], mark, Deadline(min(each, deadline.left)))
        except TimeoutError:
            continue
        return time.monotonic() - begun
    raise TimeoutError


def _await(wire: socket.socket, reply: int, mark: bytes, deadline: Deadline) -> None:
    """Until our mark comes back in a reply: a raw socket sees what others ask, and our own request."""
    while True:
        wire.settimeout(deadline.left)
        packet = wire.recv(1500)
        if wire.type == socket.SOCK_RAW and wire.family == socket.AF_INET:
            packet = packet[(packet[0] & 0x0F) * 4 :]
        if packet[:1] == bytes([reply]) and packet[8:24] == mark:
            return


def _packet(kind: int, number: int, mark: bytes) -> bytes:
    """The kernel fills in identifier and checksum of its ping sockets; raw IPv4 needs the checksum."""
    head = struct.pack("!BBHHH", kind, 0, 0, os.getpid() & 0xFFFF, number)
    words = struct.unpack("!12H", head + mark)
    total = sum(words)
    total = (total >> 16) + (total & 0xFFFF)
    total += total >> 16
    return struct.pack("!BBHHH", kind, 0, ~total & 0xFFFF, os.getpid() & 0xFFFF, number) + mark
