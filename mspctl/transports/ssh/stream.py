"""What carries an SSH connection: a TCP socket, a channel through a gateway, or a proxy command."""

import socket
import subprocess
from typing import cast

import paramiko
from paramiko.common import OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

from mspctl.model.failure import Failure
from mspctl.transports.deadline import Deadline
from mspctl.transports.reasons import safe, unreachable
from mspctl.transports.ssh.dial import dial
from mspctl.transports.ssh.endpoint import Endpoint
from mspctl.transports.ssh.wire import Stream, Wire

_PATIENCE = 1.0


def open_stream(endpoint: Endpoint, gateway: Wire | None, deadline: Deadline) -> Stream | Failure:
    """A byte stream to the endpoint, through `gateway` if there is one."""
    if gateway is not None:
        return _through(endpoint, gateway, deadline)
    if endpoint.proxy_command is not None:
        return _command(endpoint)
    return cast("Stream | Failure", dial(endpoint.address, endpoint.port, deadline))


def _through(endpoint: Endpoint, gateway: Wire, deadline: Deadline) -> Stream | Failure:
    where = f"{endpoint.address} port {endpoint.port}"
    try:
        channel = gateway.open_channel(
            "direct-tcpip", (endpoint.address, endpoint.port), ("127.0.0.1", 0), timeout=deadline.left
        )
    except paramiko.ChannelException as error:
        if error.code == OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED:
            return unreachable(
                "jump", f"the gateway forwards nothing to {where}", "AllowTcpForwarding in its sshd"
            )
        return unreachable("unreachable-net", f"the gateway cannot reach {where}: {safe(error.text)}")
    except (paramiko.SSHException, EOFError, OSError) as error:
        if gateway.is_active():
            return unreachable(
                "timeout-connect", f"{where} did not answer the gateway within {deadline.seconds:g} s"
            )
        return unreachable("jump", f"the gateway was lost: {safe(str(error)) or 'connection closed'}")
    return cast("Stream", channel)


def _command(endpoint: Endpoint) -> Stream | Failure:
    command = endpoint.proxy_command or ""
    ours, theirs = socket.socketpair()
    try:
        # ssh_config(5): the operator's own line, run by a shell. paramiko's ProxyCommand never sees its end.
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        ours.close()
        return unreachable("proxy-command", f"{command}: {error.strerror}", "correct it in the ssh_config")
    finally:
        theirs.close()
    return cast("Stream", CommandStream(ours, process))


class CommandStream(socket.socket):
    """A socket whose other end is a process; closing it ends the process."""

    def __init__(self, stream: socket.socket, process: subprocess.Popen[bytes]) -> None:
        super().__init__(fileno=stream.detach())
        self._process = process

    def close(self) -> None:
        """Close the socket and end the process."""
        super().close()
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
