"""A Link (mspctl.ports) over WinRM: one shell, used up before its quota is, and always closed."""

from collections.abc import Callable

from mspctl.model.failure import Failure
from mspctl.transports.winrm.channel import WinrmChannel
from mspctl.transports.winrm.session import Session

OPERATIONS = 1400
"""Requests after which a shell is opened anew: Windows counts up to 1,500 and never forgets one."""
RETRIED = frozenset({"quota", "shell-gone"})


class WinrmLink:
    """`renew` opens another session; `command` starts PowerShell; `abandon` is told of a shell left open.

    `sweep` closes what was abandoned, in a conversation of its own and a bounded time.
    """

    def __init__(
        self,
        session: Session,
        command: str,
        within: float,
        poll_within: float,
        renew: Callable[[], Session | Failure],
        abandon: Callable[[str], None],
        sweep: Callable[[], None],
    ) -> None:
        self._session = session
        self._command = command
        self._within = within
        self._poll_within = poll_within
        self._renew = renew
        self._abandon = abandon
        self._sweep = sweep
        self._before = 0
        self._noise = 0
        self._channel: WinrmChannel | None = None
        shown = session.wire.certificate
        self.fingerprint = f"SHA256:{shown}" if shown else "sealed messages"

    @property
    def round_trips(self) -> int:
        return self._before + self._session.operations

    @property
    def noise(self) -> int:
        return self._noise + (self._channel.noise if self._channel else 0)

    def start(self, program: bytes) -> WinrmChannel | Failure:
        if self._channel is not None:
            self._channel.close()
            self._noise, self._channel = self.noise, None
        if self._session.broken or self._session.operations >= OPERATIONS:
            failure = self._begin_anew()
            if failure is not None:
                return failure
        command = self._run()
        if isinstance(command, Failure) and command.reason in RETRIED:
            command = self._begin_anew() or self._run()
        if isinstance(command, Failure):
            return command
        self._channel = WinrmChannel(self._session, command, self._poll_within)
        self._channel.send(program)
        return self._channel

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._leave(self._session)
        if self._session.was_cut:
            self._sweep()

    def _run(self) -> str | Failure:
        shell, command = self._session.shell, self._command
        return self._session.ask(
            lambda asked: asked.run_command(shell, command, console_mode_stdin=False, skip_cmd_shell=True),
            self._within,
        )

    def _begin_anew(self) -> Failure | None:
        self._before += self._session.operations
        self._leave(self._session)
        fresh = self._renew()
        if isinstance(fresh, Failure):
            return fresh
        self._session = fresh
        return None

    def _leave(self, session: Session) -> None:
        shell = session.shell
        session.close()
        if shell and session.broken:
            self._abandon(shell)
