"""A Link (mspctl.ports): a logged-in connection that starts one program at a time."""

import contextlib
import time

import paramiko

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access
from mspctl.model.secret import Secret
from mspctl.transports.deadline import Deadline
from mspctl.transports.launch import Launch, launch_for
from mspctl.transports.powershell import command_line
from mspctl.transports.privilege import ask_for_privilege
from mspctl.transports.reasons import safe, unreachable
from mspctl.transports.ssh.channel import SshChannel
from mspctl.transports.ssh.wire import Stream, Wire
from mspctl.transports.trust import fingerprint


class SshLink:
    """A connection to one host. `below` are the streams of the gateways on the way, closed after it."""

    def __init__(
        self,
        wire: Wire,
        access: Access,
        user: str,
        become_password: Secret | None,
        below: tuple[Stream | Wire, ...] = (),
        *,
        windows: bool = False,
    ) -> None:
        self._wire = wire
        self._access = access
        self._user = user
        self._become_password = become_password
        self._below = below
        self._windows = windows
        self._channel: SshChannel | None = None
        self._round_trips = 0
        self._noise = 0
        self.fingerprint = fingerprint(wire.get_remote_server_key().asbytes())

    @property
    def round_trips(self) -> int:
        return self._round_trips + (self._channel.round_trips if self._channel else 0)

    @property
    def noise(self) -> int:
        return self._noise + (self._channel.noise if self._channel else 0)

    def start(self, program: bytes) -> SshChannel | Failure:
        launch = Launch(command_line()) if self._windows else launch_for(self._access, self._user)
        if isinstance(launch, Failure):
            return launch
        self._finish_channel()
        channel = self._open(launch.command)
        if isinstance(channel, Failure):
            return channel
        self._channel = channel
        if launch.prompt and self._become_password is not None:
            failure = ask_for_privilege(channel, launch, self._become_password, self._access.deadlines.auth)
            if failure is not None:
                channel.close()
                return failure
        channel.send(program)
        return channel

    def close(self) -> None:
        self._finish_channel()
        for part in (self._wire, *self._below):
            with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
                part.close()

    def _finish_channel(self) -> None:
        if self._channel is not None:
            self._round_trips += self._channel.round_trips
            self._noise += self._channel.noise
            self._channel.close()
            self._channel = None

    def _open(self, command: str) -> SshChannel | Failure:
        deadline, pause = Deadline(self._access.deadlines.connect), 0.05
        while True:
            fast, first = self._wire.fast_session, not self._wire.channels_seen
            try:
                channel = self._wire.begin(command, max(deadline.left, 0.1))
            except (paramiko.SSHException, EOFError, OSError) as error:
                # The host may still be closing the session before this one (MaxSessions 1).
                if first or not self._wire.refusals or deadline.left < pause:
                    return self._not_opened(error, deadline.seconds)
                self._wire.refusals.clear()
                time.sleep(pause)
                pause *= 2
            else:
                return SshChannel(self._wire, channel, fast=fast)

    def _not_opened(self, error: Exception, seconds: float) -> Failure:
        refusal = next(iter(self._wire.refusals.values()), None)
        if refusal is not None:
            return unreachable(
                "no-session",
                f"the host opens no session for {self._user}: {safe(refusal)}",
                "is MaxSessions 0, or does the account allow only forwarding?",
            )
        if self._wire.is_active():
            return unreachable("timeout-session", f"no session within {seconds:g} s")
        return unreachable("link-lost", safe(str(error)) or "the connection was closed")
