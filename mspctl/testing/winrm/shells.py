"""Shells and their commands within Windows quotas: 30 shells for a user, 1,500 operations in a shell."""

import threading
import uuid
from dataclasses import dataclass, field
from typing import Protocol

from mspctl.testing.winrm import soap
from mspctl.testing.winrm.soap import Fault, Request

MOST_PATIENCE = 60.0
"""Seconds that an operation may take at the most (MaxTimeoutms), whatever is asked for."""


class Program(Protocol):
    """What a command line starts: it is told its input and says its output through the command."""

    def begin(self, command: "Command") -> None: ...
    def input(self, command: "Command", content: bytes, *, ends: bool) -> None: ...


class Backend(Protocol):
    """The computer behind the endpoint; its time runs `hurry` times as fast as ours."""

    @property
    def hurry(self) -> float: ...
    def start(self, line: str) -> Program: ...


@dataclass(slots=True)
class Command:
    """A running command; whoever writes wakes the one who polls."""

    program: Program
    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)
    status: int | None = None
    gone: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def say(self, content: bytes = b"", errors: bytes = b"", status: int | None = None) -> None:
        """Output, and with `status` the end."""
        with self.changed:
            self.out += content
            self.err += errors
            self.status = status if status is not None else self.status
            self.changed.notify_all()

    def kill(self) -> None:
        """It is no more, and whoever waits for it is told that at once."""
        with self.changed:
            self.gone = True
            self.changed.notify_all()

    def receive(self, timeout: float, most: int) -> tuple[bytes, bytes, int | None]:
        """What there is, at most `most` bytes of each stream. Raises Fault if nothing comes in time."""
        with self.changed:
            ready = self.changed.wait_for(
                lambda: self.gone or bool(self.out or self.err) or self.status is not None, timeout
            )
            if self.gone:
                raise Fault(soap.ABORTED, "The I/O operation has been aborted", "w:InternalError")
            if not ready:
                raise Fault(soap.TIMED_OUT, "The operation timed out", "w:TimedOut")
            out, err = bytes(self.out[:most]), bytes(self.err[:most])
            del self.out[:most], self.err[:most]
            return out, err, None if self.out or self.err else self.status


@dataclass(slots=True)
class _Shell:
    commands: dict[str, Command] = field(default_factory=dict)
    operations: int = 0


class Shells:
    """All shells of one endpoint."""

    def __init__(self, backend: Backend, *, shells: int = 30, operations: int = 1500) -> None:
        self._backend = backend
        self._most = shells
        self._operations = operations
        self._lock = threading.Lock()
        self._shells: dict[str, _Shell] = {}
        self.opened = 0

    @property
    def open(self) -> int:
        """How many there are now."""
        return len(self._shells)

    def kill(self) -> None:
        """All shells are gone with their commands, as when the service restarts."""
        with self._lock:
            killed = [command for shell in self._shells.values() for command in shell.commands.values()]
            self._shells.clear()
        for command in killed:
            command.kill()

    def answer(self, request: Request) -> bytes:  # noqa: PLR0911 - one for each action
        """Do what the message asks. Raises Fault."""
        match request.action.rsplit("/", 1)[-1]:
            case "Create":
                return soap.created(request, self._create())
            case "Delete":
                with self._lock:
                    if self._shells.pop(request.shell, None) is None:
                        raise _unknown()
                return soap.envelope(request, f"{soap.TRANSFER}/DeleteResponse", "")
            case "Get":
                self._shell(request)
                return soap.envelope(request, f"{soap.TRANSFER}/GetResponse", "<rsp:Shell/>")
            case "Command":
                return soap.commanded(request, self._command(request))
            case "Send":
                command = self._running(request)
                command.program.input(command, request.stdin, ends=request.ends)
                return soap.envelope(request, f"{soap.SHELL}/SendResponse", "<rsp:SendResponse/>")
            case "Receive":
                within = min(request.timeout, MOST_PATIENCE) / self._backend.hurry
                said = self._running(request).receive(within, 96_000)
                return soap.received(request, *said)
            case "Signal":
                self._running(request).say(status=1)
                return soap.envelope(request, f"{soap.SHELL}/SignalResponse", "<rsp:SignalResponse/>")
        raise Fault(2150858811, f"no such action: {request.action}", "a:ActionNotSupported")

    def _create(self) -> str:
        with self._lock:
            if len(self._shells) >= self._most:
                raise Fault(soap.MAX_SHELLS, "This user has the maximum number of shells", "w:QuotaLimit")
            name = str(uuid.uuid4()).upper()
            self._shells[name] = _Shell()
            self.opened += 1
            return name

    def _shell(self, request: Request) -> _Shell:
        with self._lock:
            shell = self._shells.get(request.shell)
            if shell is None:
                raise _unknown()
            return shell

    def _command(self, request: Request) -> str:
        shell = self._shell(request)
        shell.operations += 1
        if shell.operations > self._operations:
            text = "The maximum number of concurrent operations for this user is exceeded"
            raise Fault(soap.MAX_OPERATIONS, text, "w:QuotaLimit")
        name = str(uuid.uuid4()).upper()
        command = shell.commands[name] = Command(self._backend.start(request.line))
        command.program.begin(command)
        return name

    def _running(self, request: Request) -> Command:
        command = self._shell(request).commands.get(request.command)
        if command is None:
            raise Fault(2150858843, "no such command", "w:InvalidSelectors")
        return command


def _unknown() -> Fault:
    return Fault(soap.UNKNOWN_SHELL, "The shell was not found on the server", "w:InvalidSelectors")
