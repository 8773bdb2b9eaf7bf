"""One authenticated conversation with a host: a protocol object, its thread, its connection and one shell."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

from winrm.protocol import Protocol

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access
from mspctl.transports.reasons import unreachable
from mspctl.transports.winrm.certificate import TlsTrust
from mspctl.transports.winrm.courier import Courier, Errand
from mspctl.transports.winrm.faults import explain
from mspctl.transports.winrm.service import CheckedTransport, Credentials, service
from mspctl.transports.winrm.wire import Wire

T = TypeVar("T")
UTF8 = 65001
IDLE = "PT600S"
"""A shell that nobody asks any more, because we have died, goes by itself."""
CLOSING = 5.0


class Session:
    """`where` is how messages call the host."""

    def __init__(self, access: Access, credentials: Credentials, trust: TlsTrust) -> None:
        self.where = f"{access.address} port {access.port}"
        self.wire = Wire(connect_within=access.deadlines.connect, judge=trust.judge)
        self.shell = ""
        self.broken = False
        self.was_cut = False
        """Whether it was we who ended it: the host may answer as before."""
        self._protocol = service(access, credentials, self.wire, pinned=trust.pinned)
        self._courier = Courier(f"winrm {access.address}")
        self._kept = ExitStack()

    @property
    def operations(self) -> int:
        """How many requests were made, those of the login left out."""
        transport = self._protocol.transport
        return transport.operations if isinstance(transport, CheckedTransport) else 0

    def begin(self, work: Callable[[Protocol], T]) -> Errand[T]:
        """Have it done on the session's thread."""
        return self._courier.send(lambda: work(self._protocol))

    def ask(self, work: Callable[[Protocol], T], within: float, late: str = "timeout-session") -> T | Failure:
        """Have it done and wait for it; whatever comes of it is a value."""
        errand = self.begin(work)
        if not errand.wait(within):
            self.abort()
            return unreachable(
                late, f"{self.where}: no answer within {within:g} s", "is the host overloaded?"
            )
        if errand.error is not None:
            self.broken = True
            return explain(errand.error, self.where)
        return errand.result()

    def open(self, within: float) -> Failure | None:
        """Log in and open the shell."""
        opened = self.ask(
            lambda protocol: protocol.open_shell(codepage=UTF8, noprofile=True, idle_timeout=IDLE),
            within,
            "timeout-auth",
        )
        if isinstance(opened, Failure):
            return opened
        self.shell = opened
        return None

    def keep(self, files: ExitStack) -> None:
        """What a new connection would need once more, closed with the session."""
        self._kept = files

    def abort(self) -> None:
        """End the connection, whatever waits in it."""
        self.broken = True
        self.wire.abort()

    def cut(self) -> None:
        """End the connection with what waits in it, since nobody wants to know any more."""
        self.was_cut = True
        self.abort()

    def close(self) -> None:
        """Close the shell, if the connection lives, and the connection."""
        if self.shell and not self.broken:
            shell = self.shell
            self.ask(lambda protocol: protocol.close_shell(shell, close_session=False), CLOSING)
        self.shell = ""
        self.wire.abort()
        self.begin(lambda protocol: protocol.transport.close_session())
        self.begin(lambda _protocol: self.wire.close())
        self.begin(lambda _protocol: self._kept.close())
        self._courier.dismiss()
