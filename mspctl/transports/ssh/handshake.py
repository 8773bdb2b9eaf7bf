"""From a connected stream to an encrypted one with a verified host key. Nothing secret is sent here."""

import contextlib
import threading

import paramiko

from mspctl.model.failure import Failure
from mspctl.transports.deadline import Deadline
from mspctl.transports.reasons import (
    closed_early,
    host_key_changed,
    host_key_revoked,
    host_key_unknown,
    safe,
    unreachable,
)
from mspctl.transports.ssh.algorithms import offer
from mspctl.transports.ssh.certificate import objection
from mspctl.transports.ssh.endpoint import Endpoint
from mspctl.transports.ssh.wire import Stream, Wire
from mspctl.transports.trust import KnownHosts, Verdict, fingerprint, shown


def shake_hands(stream: Stream, endpoint: Endpoint, known: KnownHosts) -> Wire | Failure:
    """Version lines, key exchange, host key. On Failure the stream is closed."""
    wire = negotiate(stream, endpoint, known.key_types(endpoint.address, endpoint.port))
    if isinstance(wire, Failure):
        return wire
    failure = verify(wire, endpoint, known)
    if failure is not None:
        wire.close()
        return failure
    return wire


def negotiate(
    stream: Stream, endpoint: Endpoint, key_types: tuple[str, ...], *, only: bool = False
) -> Wire | Failure:
    """Version lines and key exchange; `only` these types of host keys are taken, or they come first."""
    wire = Wire(stream, endpoint.deadlines.keepalive)
    failure = offer(wire, key_types, endpoint.legacy_algorithms, only=only)
    if failure is None:
        failure = _exchange(wire, endpoint)
    if failure is not None:
        wire.close()
        # close() does nothing to a transport that never started
        with contextlib.suppress(OSError):
            stream.close()
        return failure
    return wire


def _exchange(wire: Wire, endpoint: Endpoint) -> Failure | None:
    deadline = Deadline(endpoint.deadlines.banner)
    done = threading.Event()
    wire.packetizer.banner_end = deadline.end
    wire.start_client(event=done)
    done.wait(deadline.left + 0.5)
    if wire.initial_kex_done and wire.is_active():
        return None
    return _why(wire, endpoint)


def _why(wire: Wire, endpoint: Endpoint) -> Failure:
    where = f"{endpoint.address} port {endpoint.port}"
    seconds = f"{endpoint.deadlines.banner:g} s"
    trouble, error = wire.packetizer.banner_trouble, wire.get_exception()
    if trouble == "not-ssh":
        return unreachable("not-ssh", f"{where} talks, but not SSH", "is this the right port?")
    if not wire.remote_version:
        if trouble != "timeout" and not wire.is_active():
            return closed_early(where)
        return unreachable(
            "timeout-banner",
            f"{where} accepts, but sent no SSH version line within {seconds}",
            "restart its sshd",
        )
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return unreachable(
            "kex",
            f"{where}: {safe(str(error))} ({safe(wire.remote_version)})",
            "update that SSH server, or name the algorithm under legacy_algorithms for this host",
        )
    if error is None and wire.is_active():
        return unreachable("timeout-kex", f"{where}: no new keys within {seconds} after its version line")
    return unreachable("kex", f"{where}: {safe(str(error)) or 'connection closed'} while exchanging keys")


def verify(wire: Wire, endpoint: Endpoint, known: KnownHosts) -> Failure | None:
    """Hold the key that the host showed against what is pinned for the client."""
    key = wire.get_remote_server_key()
    verdict = known.check(endpoint.address, endpoint.port, key)
    if verdict is Verdict.KNOWN:
        return None
    certificate = getattr(key, "public_blob", None)
    if certificate is not None and verdict is not Verdict.REVOKED:
        kind, blob = certificate.key_type, certificate.key_blob
        why = objection(kind, blob, endpoint.address, endpoint.port, known)
        return None if why is None else _bad_certificate(endpoint, why)
    where = f"{endpoint.address} port {endpoint.port}"
    if verdict is Verdict.REVOKED:
        return host_key_revoked(where, shown(key))
    if verdict is Verdict.UNKNOWN:
        return host_key_unknown(known.client, endpoint.name, where, shown(key))
    pinned = ", ".join(
        f"{p.kind} {fingerprint(p.blob)}" for p in known.pinned(endpoint.address, endpoint.port)
    )
    return host_key_changed(known.client, endpoint.name, where, shown(key), pinned)


def _bad_certificate(endpoint: Endpoint, why: str) -> Failure:
    return unreachable(
        "host-certificate",
        f"{endpoint.address} port {endpoint.port} shows a host certificate that does not count: {why}",
        "have it signed again by the pinned authority for this name (ssh-keygen -h -s CA -n NAME)",
    )
