"""A machine that only seems to reboot: real shells of this one, with a boot id of its own in a file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from mspctl.engine.bundleend import REBOOT
from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.fold import Fold
from mspctl.engine.policy import RunPolicy
from mspctl.engine.verdict import no_beginning
from mspctl.model.bundle import Plan
from mspctl.model.event import Event
from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.model.run import HostRun
from mspctl.testing.clock import SystemClock
from mspctl.testing.shell_transport import LINK_LOST, ShellChannel, ShellLink, ShellTransport
from tests.unit.engine.bundles import no_secrets, texts

BOOT_ID = b"/proc/sys/kernel/random/boot_id"
ORDER = b"sleep 1; systemctl reboot 2>/dev/null || shutdown -r now 2>/dev/null || reboot"


@dataclass(slots=True)
class Machine:
    """The host itself: it outlives whoever works on it. `deaf`: it does not heed the order."""

    folder: Path
    deaf: bool = False
    boots: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.boot()

    @property
    def boot_id(self) -> Path:
        return self.folder / "boot_id"

    def boot(self) -> None:
        self.boot_id.write_text(f"{uuid4()}\n")

    def orders(self) -> int:
        """How often it was told to reboot, and heard it."""
        file = self.folder / "orders"
        return len(file.read_text().splitlines()) if file.exists() else 0

    def program(self, program: bytes) -> bytes:
        """The same, for this machine; never a real order to reboot."""
        assert program.count(ORDER) == 1
        heed = ":" if self.deaf else f"cat /proc/sys/kernel/random/uuid >{self.boot_id}"
        order = f"echo told >>{self.folder}/orders; {heed}".encode()
        return program.replace(ORDER, order).replace(BOOT_ID, str(self.boot_id).encode())


class BootTransport(ShellTransport):
    """One mspctl's links to the machine. `before_start` may end it, as may what happens at the order."""

    def __init__(
        self, machine: Machine, *, at_order: str = "", before_start: Callable[[bytes], bool] | None = None
    ) -> None:
        super().__init__()
        self.machine = machine
        self.at_order = [at_order] if at_order else []
        """The next order is `unheard`, or `heard` and the link breaks; with `dead-` mspctl ends."""
        self.before_start = before_start
        self.dead = False

    def connect(self, host: Host) -> ShellLink | Failure:
        if self.dead:
            return LINK_LOST
        link = super().connect(host)
        assert isinstance(link, ShellLink)
        return BootLink(self)


class BootLink(ShellLink):
    def __init__(self, transport: BootTransport) -> None:
        super().__init__(("/bin/sh", "-s"), None, lose_exit_status=False)
        self._transport = transport

    def start(self, program: bytes) -> "ShellChannel | Failure":
        transport = self._transport
        if transport.before_start and transport.before_start(program):
            transport.dead = True
        if transport.dead:
            return LINK_LOST
        channel = BootChannel(transport)
        channel.send(transport.machine.program(program))
        return channel


class BootChannel(ShellChannel):
    def __init__(self, transport: BootTransport) -> None:
        super().__init__(("/bin/sh", "-s"), None, lose_exit_status=False)
        self._transport = transport
        self._broken = False

    def send(self, content: bytes) -> None:
        fate = self._transport.at_order.pop(0) if content == REBOOT and self._transport.at_order else ""
        if fate in {"unheard", "dead-unheard"}:
            self._break()
        else:
            super().send(content)
        self._broken = bool(fate)
        self._transport.dead = self._transport.dead or fate.startswith("dead")

    def exit_status(self, timeout: float) -> int | Failure | None:
        status = super().exit_status(timeout)
        return LINK_LOST if self._broken else status


def live(made: Plan, fold: Fold, transport: BootTransport, policy: RunPolicy | None = None) -> list[Event]:
    """One mspctl's life: to the end of the run, or to its own."""
    equipment = Equipment(transport, no_secrets, texts(), SystemClock(), no_beginning)
    found: list[Event] = []
    for batch in Execution(made, fold.run, equipment, policy or RunPolicy(), owner="a test").batches():
        if transport.dead and not batch:
            break
        fold.apply(batch)
        found += batch
    return found


def told(row: HostRun) -> tuple[object, ...]:
    """What a run says of its host at the end, without times."""
    steps = [(step.name, step.status, step.reason.partition(" at ")[0]) for step in row.steps]
    return row.outcome, row.reason, row.remedy, steps
