"""The TCP connection: names looked up and addresses tried within one deadline, each failure told apart."""

import errno
import socket
import threading
from collections.abc import Sequence

from mspctl.model.failure import Failure
from mspctl.transports.deadline import Deadline
from mspctl.transports.reasons import closed_early, unreachable

Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
_NO_ROUTE = frozenset(
    {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}
)
_CLOSED = frozenset({errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE, errno.ENOTCONN, errno.EINVAL})


def dial(address: str, port: int, deadline: Deadline) -> socket.socket | Failure:
    """Connect to the first address that answers."""
    found = _look_up(address, port, deadline)
    if isinstance(found, Failure):
        return found
    failure = unreachable("dns", f"{address} has no address")
    for position, (family, target) in enumerate(found):
        if position and deadline.over:
            break
        # A dead address must not use up the time of the ones after it.
        share = deadline.left / (len(found) - position)
        answer = _connect(family, target, share, address, port)
        if isinstance(answer, socket.socket):
            return answer
        failure = answer
    return failure


def _connect(
    family: socket.AddressFamily, target: tuple[object, ...], seconds: float, address: str, port: int
) -> socket.socket | Failure:
    try:
        stream = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        return unreachable("local", f"no socket: {error.strerror}", "raise `ulimit -n` or lower --forks")
    try:
        stream.settimeout(max(seconds, 0.001))
        stream.connect(target)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except TimeoutError:
        stream.close()
        return unreachable(
            "timeout-connect",
            f"{address} port {port} did not answer within {seconds:.3g} s",
            "is the host on, and does a firewall drop the packets?",
        )
    except OSError as error:
        stream.close()
        return _why(error, address, port)
    return stream


def _why(error: OSError, address: str, port: int) -> Failure:
    if error.errno == errno.ECONNREFUSED:
        return unreachable("refused", f"{address} port {port} refused", "does sshd run there, on this port?")
    if error.errno in _NO_ROUTE:
        return unreachable(
            "unreachable-net", f"{address}: {error.strerror}", "check routes and VPN to this site"
        )
    if error.errno in _CLOSED:
        return closed_early(f"{address} port {port}")
    return unreachable("connect", f"{address} port {port}: {error.strerror}")


def _look_up(address: str, port: int, deadline: Deadline) -> Sequence[Address] | Failure:
    try:
        return _resolve(address, port, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        pass
    # getaddrinfo takes no time limit, so a name is looked up on a thread that may be left behind.
    answer: list[Sequence[Address] | Failure] = []

    def look_up() -> None:
        try:
            answer.append(_resolve(address, port, 0))
        except (OSError, UnicodeError) as error:
            text = getattr(error, "strerror", None) or "not a valid name"
            answer.append(unreachable("dns", f"{address}: {text}", "correct `address` in the inventory"))

    thread = threading.Thread(target=look_up, daemon=True, name=f"dns {address}")
    thread.start()
    thread.join(deadline.left)
    if answer:
        return answer[0]
    return unreachable("dns", f"{address}: no answer within {deadline.seconds:g} s", "check the name server")


def _resolve(address: str, port: int, flags: int) -> Sequence[Address]:
    found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=flags)
    return [(family, target) for family, _, _, _, target in found]
