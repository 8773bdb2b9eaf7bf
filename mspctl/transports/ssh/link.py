"""A Link (mspctl.ports): a logged-in connection that starts one program at a time."""

import contextlib

import paramiko
from paramiko.common import cMSG_CHANNEL_REQUEST

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access
from mspctl.model.secret import Secret
from mspctl.transports.deadline import Deadline
from mspctl.transports.launch import Launch, launch_for
from mspctl.transports.privilege import ask_for_privilege
from mspctl.transports.reasons import link_lost, safe, unreachable
from mspctl.transports.ssh.channel import SshChannel
from mspctl.transports.ssh.wire import Stream, Wire
from mspctl.transports.trust import fingerprint


class SshLink:
    """A connection to one host. `below` are the streams of the gateways on the way, closed after it."""

    def __init__(
        self, wire: Wire, access: Access, user: str, become_password: Secret | None, below: tuple[Stream | Wire, ...] = ()
    ) -> None:
        self._wire = wire
        self._access = access
        self._user = user
        self._become_password = become_password
        self._below = below
        self._channel: SshChannel | None = None
        self._round_trips = 0
        self.fingerprint = fingerprint(wire.get_remote_server_key().asbytes())

    @property
    def round_trips(self) -> int:
        return self._round_trips + (self._channel.round_trips if self._channel else 0)

    def start(self, program: bytes) -> SshChannel | Failure:
        launch = launch_for(self._access, self._user)
        if isinstance(launch, Failure):
            return launch
        self._finish_channel()
        channel = self._open()
        if isinstance(channel, Failure):
            return channel
        self._round_trips += 1
        return self._launch(channel, launch, program)

    def close(self) -> None:
        self._finish_channel()
        for part in (self._wire, *self._below):
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                part.close()

    def _launch(self, raw: paramiko.Channel, launch: Launch, program: bytes) -> SshChannel | Failure:
        channel = SshChannel(self._wire, raw)
        self._channel = channel
        try:
            _request_exec(self._wire, raw, launch.command)
        except (paramiko.SSHException, OSError, EOFError) as error:
            return link_lost(safe(str(error)) or "the connection was closed")
        if launch.prompt and self._become_password is not None:
            failure = ask_for_privilege(channel, launch, self._become_password, self._access.deadlines.auth)
            if failure is not None:
                channel.close()
                return failure
        channel.send(program)
        return channel

    def _finish_channel(self) -> None:
        if self._channel is not None:
            self._round_trips += self._channel.round_trips
            self._channel.close()
            self._channel = None

    def _open(self) -> paramiko.Channel | Failure:
        deadline = Deadline(self._access.deadlines.connect)
        try:
            return self._wire.open_channel("session", timeout=deadline.seconds)
        except paramiko.ChannelException as error:
            return unreachable(
                "no-session",
                f"the host opens no session for {self._user}: {safe(str(error.text))}",
                "is MaxSessions 0, or does the account allow only forwarding?",
            )
        except (paramiko.SSHException, EOFError, OSError) as error:
            if self._wire.is_active():
                return unreachable("timeout-session", f"no session within {deadline.seconds:g} s")
            return link_lost(safe(str(error)) or "the connection was closed")


def _request_exec(wire: Wire, channel: paramiko.Channel, command: str) -> None:
    """Ask for `command` without waiting for the answer (RFC 4254, 6.5).

    paramiko's exec_command waits, which costs one round trip per host. A refusal is not lost: paramiko then
    closes the channel, and the reader sees its end with no output and no exit status.
    """
    message = paramiko.Message()
    message.add_byte(cMSG_CHANNEL_REQUEST)
    message.add_int(channel.remote_chanid)
    message.add_string("exec")
    message.add_boolean(True)  # noqa: FBT003 - want_reply: without it a refusal would never be told
    message.add_string(command)
    wire._send_user_message(message)  # type: ignore[attr-defined]  # noqa: SLF001
