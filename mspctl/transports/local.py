"""This computer as a host (`connection: local`): the same Link and Channel over a process, no network."""

import contextlib
import os
import select
import signal
import subprocess

from mspctl.errors import MspctlError
from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, BecomeMethod, Host
from mspctl.model.secret import Secret
from mspctl.ports import SecretSource
from mspctl.transports.deadline import Deadline
from mspctl.transports.launch import launch_for
from mspctl.transports.privilege import ask_for_privilege
from mspctl.transports.reasons import failed, unreachable
from mspctl.transports.tail import NOISE, Tail

_CHUNK = 1024 * 1024
_STOP = 2.0


class LocalChannel:
    """A Channel (mspctl.ports) on a process of this computer."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - all three are pipes, see LocalLink.start
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        self._process = process
        self._in, self._out, self._err = (f.fileno() for f in (process.stdin, process.stdout, process.stderr))
        self._open = {self._out, self._err}
        self._writable = True
        self._ending = False
        self._pending = bytearray()
        self._errors = Tail()
        for number in (self._in, self._out, self._err):
            os.set_blocking(number, False)

    def send(self, content: bytes) -> None:
        self._pending += content
        self._push()

    def end(self) -> None:
        self._ending = True
        self._push()

    @property
    def noise(self) -> int:
        """Bytes of stderr so far."""
        return self._errors.total

    def read(self, timeout: float) -> bytes | Failure | None:
        deadline, enough = Deadline(timeout), self.noise + NOISE
        while self._out in self._open:
            for number in self._ready(deadline.left):
                content = self._receive(number)
                if number == self._out:
                    return content
            if deadline.over or self.noise >= enough:
                return None
        return b""

    def wait_errors(self, timeout: float) -> bool:
        """Wait until more came on stderr; False if nothing did, or stderr ended."""
        before, deadline = self.noise, Deadline(timeout)
        while self._err in self._open and self.noise == before and not deadline.over:
            # Only stderr is looked at: what stdout has to say is for read().
            if self._err in select.select([self._err], [], [], deadline.left)[0]:
                self._receive(self._err)
        return self.noise != before

    def errors(self) -> bytes:
        enough = self.noise + NOISE
        while self._err in self._open and self.noise < enough and select.select([self._err], [], [], 0)[0]:
            self._receive(self._err)
        return self._errors.kept()

    def forget_errors(self) -> None:
        """Drop what came on stderr so far: a prompt is no message of the program."""
        self._errors.clear()

    def exit_status(self, timeout: float) -> int | Failure | None:
        deadline, enough = Deadline(timeout), self.noise + NOISE
        while (status := self._process.poll()) is None:
            if deadline.over or self.noise >= enough:
                return None
            self.errors()  # a full stderr would keep the program from ending
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(min(0.05, deadline.left))
        self.errors()
        if status < 0:
            return failed("signal", f"the program was ended by {_signal_name(-status)}")
        return status

    def close(self) -> None:
        """Hang up as sshd does: the streams close, the shell gets SIGHUP; detached work goes on."""
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._open.clear()
        self._pending.clear()
        self._writable = False
        for end in (signal.SIGHUP, signal.SIGKILL):
            if self._process.poll() is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    self._process.send_signal(end)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(_STOP)

    def _ready(self, timeout: float) -> list[int]:
        writing = [self._in] if self._pending and self._writable else []
        readable, writable, _ = select.select(sorted(self._open), writing, [], timeout)
        if writable:
            self._push()
        # stderr first, so that errors() is complete when stdout ends
        return sorted(readable, key=lambda number: number != self._err)

    def _receive(self, number: int) -> bytes:
        try:
            content = os.read(number, _CHUNK)
        except OSError:
            content = b""
        if not content:
            self._open.discard(number)
        elif number == self._err:
            self._errors.add(content)
        return content

    def _push(self) -> None:
        try:
            while self._pending and self._writable:
                del self._pending[: os.write(self._in, self._pending[:65536])]
            if self._ending and self._writable:
                self._writable = False
                if self._process.stdin is not None:
                    self._process.stdin.close()
        except BlockingIOError:
            return
        except OSError:
            self._writable = False  # the program closed its input; its output and status say the rest
            self._pending.clear()


class LocalLink:
    """A Link (mspctl.ports) to this computer; there is no host key, and no round trip."""

    fingerprint = "local"
    round_trips = 0

    def __init__(self, access: Access, user: str, become_password: Secret | None) -> None:
        self._access = access
        self._user = user
        self._become_password = become_password
        self._channel: LocalChannel | None = None
        self._noise = 0

    @property
    def noise(self) -> int:
        return self._noise + (self._channel.noise if self._channel else 0)

    def start(self, program: bytes) -> LocalChannel | Failure:
        launch = launch_for(self._access, self._user)
        if isinstance(launch, Failure):
            return launch
        self.close()
        try:
            process = subprocess.Popen(
                ["/bin/sh", "-c", launch.command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            return unreachable("local", f"cannot start /bin/sh: {error.strerror}")
        channel = self._channel = LocalChannel(process)
        if launch.prompt and self._become_password is not None:
            failure = ask_for_privilege(channel, launch, self._become_password, self._access.deadlines.auth)
            if failure is not None:
                channel.close()
                return failure
        channel.send(program)
        return channel

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._noise += self._channel.noise
            self._channel = None


class LocalTransport:
    """A Transport (mspctl.ports) to this computer as `user`, who runs mspctl; others are ignored."""

    def __init__(self, *, secrets: SecretSource, user: str) -> None:
        self._secrets = secrets
        self._user = user

    def connect(self, host: Host) -> LocalLink | Failure:
        access = host.access
        password = None
        try:
            if access.become is BecomeMethod.SUDO and access.become_password is not None:
                password = self._secrets.resolve(access.become_password)
        except MspctlError as error:
            return unreachable("secret", error.problems[0].problem, error.problems[0].hint)
        return LocalLink(access, self._user, password)

    def prepare(self, host: Host) -> None:
        """Read the host's password before anything is touched.

        Raises:
            SecretError: it cannot be had.
        """
        if host.access.become_password is not None:
            self._secrets.resolve(host.access.become_password)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
