"""DNS: one question over UDP (TCP if the answer is cut), read with care: lengths and pointers are theirs."""

import os
import socket
import struct
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path

from mspctl.model.monitoring import Probe, Sample, Seen
from mspctl.monitor.probing.wire import Deadline, connected, endpoint, reason, resolved

_TYPES: Mapping[str, int] = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
}
_WORDS: Mapping[int, str] = {
    1: "the server found the question malformed",
    2: "the server failed",
    3: "there is no such name",
    5: "the server refuses",
}
_PORT = 53
_CUT = 0x0200
_JUMPS = 20


class _Malformed(ValueError):
    """An answer that is none."""


def dns(probe: Probe, deadline: Deadline) -> tuple[Sample, ...]:
    """The name has records of the type, and `expect` is among them."""
    name, _, word = probe.target.partition(" ")
    kind = word.strip().upper() or "A"
    if kind not in _TYPES:
        return (Sample(probe.name, Seen.UNKNOWN, f"{kind} is no type that can be asked for"),)
    try:
        server, port = endpoint(probe.server or _own_server(), _PORT)
        code, found = _ask(server, port, name, _TYPES[kind], deadline)
    except OSError as error:
        return (Sample(probe.name, Seen.DOWN, f"the name server: {reason(error)}"),)
    except (ValueError, struct.error):  # an address of five bytes, a name that is none
        return (Sample(probe.name, Seen.DOWN, "the name server's answer makes no sense"),)
    wrong = _WORDS.get(code, f"code {code}") if code else "" if found else f"it has no {kind}"
    told = ", ".join(sorted(found))[:200]
    if not wrong and probe.expect and probe.expect not in found:
        wrong = f"it is {told}, not {probe.expect}"
    seen = Seen.DOWN if wrong else Seen.UP
    return (Sample(probe.name, seen, f"{name}: {wrong}" if wrong else f"{name} is {told}"),)


def _own_server() -> str:
    for line in Path("/etc/resolv.conf").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            return f"[{words[1]}]"
    raise OSError("no name server in /etc/resolv.conf")


def _ask(server: str, port: int, name: str, kind: int, deadline: Deadline) -> tuple[int, list[str]]:
    mark = os.urandom(2)
    question = _name(name) + struct.pack("!HH", kind, 1)
    query = mark + struct.pack("!HHHHH", 0x0100, 1, 0, 0, 0) + question
    family = resolved(server, port, socket.SOCK_DGRAM, deadline)[0][0]
    with socket.socket(family, socket.SOCK_DGRAM) as wire:
        wire.connect((server, port))
        wire.settimeout(deadline.left)
        wire.send(query)
        answer = wire.recv(4096)
        while answer[:2] != mark:
            wire.settimeout(deadline.left)
            answer = wire.recv(4096)
    if struct.unpack_from("!H", answer, 2)[0] & _CUT:
        answer = _over_tcp(server, port, query, deadline)
    return _read(answer, kind, len(question))


def _over_tcp(server: str, port: int, query: bytes, deadline: Deadline) -> bytes:
    with connected(server, port, deadline) as wire:
        wire.sendall(struct.pack("!H", len(query)) + query)
        (length,) = struct.unpack("!H", _exactly(wire, 2, deadline))
        return _exactly(wire, length, deadline)


def _exactly(wire: socket.socket, size: int, deadline: Deadline) -> bytes:
    held = b""
    while len(held) < size:
        wire.settimeout(deadline.left)
        chunk = wire.recv(size - len(held))
        if not chunk:
            raise _Malformed
        held += chunk
    return held


def _name(name: str) -> bytes:
    labels = [label.encode("idna") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _read(answer: bytes, kind: int, question: int) -> tuple[int, list[str]]:
    _, flags, questions, answers = struct.unpack_from("!HHHH", answer)
    if questions != 1:
        raise _Malformed
    return flags & 0x0F, list(_records(answer, 12 + question, answers, kind))


def _records(answer: bytes, at: int, count: int, kind: int) -> Iterator[str]:
    for _ in range(count):
        _, at = _read_name(answer, at)
        found, _, _, length = struct.unpack_from("!HHIH", answer, at)
        at += 10
        if found == kind:
            yield _value(answer, at, length, kind)
        at += length


def _value(answer: bytes, at: int, length: int, kind: int) -> str:
    content = answer[at : at + length]
    if len(content) < length:
        raise _Malformed
    if kind in {_TYPES["A"], _TYPES["AAAA"]}:
        return str(ip_address(content))
    if kind == _TYPES["MX"]:
        return f"{struct.unpack_from('!H', content)[0]} {_read_name(answer, at + 2)[0]}"
    if kind == _TYPES["TXT"]:
        return "".join(_strings(content))
    return _read_name(answer, at)[0]


def _strings(content: bytes) -> Iterator[str]:
    at = 0
    while at < len(content):
        size = content[at]
        yield content[at + 1 : at + 1 + size].decode("utf-8", "replace")
        at += 1 + size


def _read_name(answer: bytes, at: int) -> tuple[str, int]:
    """The name at this place and what comes after it; pointers lead back, and not in circles."""
    labels: list[str] = []
    after = 0
    jumps = 0
    while True:
        if at >= len(answer):
            raise _Malformed
        size = answer[at]
        if size & 0xC0 == 0xC0:  # noqa: PLR2004 - a pointer
            (pointer,) = struct.unpack_from("!H", answer, at)
            after = after or at + 2
            at, jumps = pointer & 0x3FFF, jumps + 1
            if jumps > _JUMPS:
                raise _Malformed
        elif size:
            labels.append(answer[at + 1 : at + 1 + size].decode("ascii", "replace"))
            at += 1 + size
        else:
            return ".".join(labels) or ".", after or at + 1
