"""TCP, SSH and SMTP: whether somebody is there, and says what such a server says."""

import socket
from contextlib import suppress
from typing import IO

from mspctl.model.monitoring import Probe, Sample, Seen
from mspctl.monitor.probing.wire import LINE, Deadline, connected, endpoint, reason

_SSH, _SMTP = 22, 25


def tcp(probe: Probe, deadline: Deadline) -> tuple[Sample, ...]:
    """A connection is accepted."""
    host, port = endpoint(probe.target, 0)
    try:
        with connected(host, port, deadline):
            return (Sample(probe.name, Seen.UP, f"port {port} accepts connections"),)
    except OSError as error:
        return (Sample(probe.name, Seen.DOWN, f"port {port}: {reason(error)}"),)


def ssh(probe: Probe, deadline: Deadline) -> tuple[Sample, ...]:
    """The server's version line; servers may say other lines before (RFC 4253, 4.2)."""
    host, port = endpoint(probe.target, _SSH)
    try:
        with connected(host, port, deadline) as wire, wire.makefile("rb") as lines:
            line = _version(lines)
    except OSError as error:
        return (Sample(probe.name, Seen.DOWN, f"port {port}: {reason(error)}"),)
    if not line.startswith("SSH-"):
        return (Sample(probe.name, Seen.DOWN, f"port {port} does not speak SSH"),)
    return (_greeting(probe, line),)


def _version(lines: IO[bytes]) -> str:
    """The first line that is one of SSH; the first of all if none is."""
    first = line = lines.readline(LINE)
    with suppress(TimeoutError):  # a server of something else may wait for us
        for _ in range(_MOST_LINES):
            if not line or line.startswith(b"SSH-"):
                break
            line = lines.readline(LINE)
    return (line or first).strip().decode("ascii", "replace")


def smtp(probe: Probe, deadline: Deadline) -> tuple[Sample, ...]:
    """It greets with 220 and answers to EHLO with 250."""
    host, port = endpoint(probe.target, _SMTP)
    try:
        with connected(host, port, deadline) as wire, wire.makefile("rb") as lines:
            greeting = _reply(lines)
            if not greeting.startswith("220"):
                return (Sample(probe.name, Seen.DOWN, f"it greets with `{greeting[:60]}`"),)
            wire.sendall(f"EHLO {socket.gethostname()}\r\n".encode())
            answer = _reply(lines)
            wire.sendall(b"QUIT\r\n")
    except OSError as error:
        return (Sample(probe.name, Seen.DOWN, f"port {port}: {reason(error)}"),)
    if not answer.startswith("250"):
        return (Sample(probe.name, Seen.DOWN, f"it answers to EHLO with `{answer[:60]}`"),)
    return (_greeting(probe, greeting),)


def _reply(lines: IO[bytes]) -> str:
    """The first line of a reply; those that follow a dash behind the code are read as well."""
    first = line = lines.readline(LINE)
    for _ in range(_MOST_LINES):
        if line[3:4] != b"-":
            break
        line = lines.readline(LINE)
    return first.strip().decode("ascii", "replace")


_MOST_LINES = 100


def _greeting(probe: Probe, line: str) -> Sample:
    if probe.expect not in line:
        return Sample(probe.name, Seen.DOWN, f"`{probe.expect}` is not in its greeting")
    return Sample(probe.name, Seen.UP, line[:100])
