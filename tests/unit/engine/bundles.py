"""Small bundles and plans for the engine's tests, run by real shells of this machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from mspctl.engine.execute import Equipment, Execution
from mspctl.engine.policy import RunPolicy
from mspctl.engine.sending import RuntimeTexts
from mspctl.engine.verdict import no_beginning
from mspctl.engine.waves import Order
from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.event import BundleStarted, Event, HostEnded, StepEnded, StepOutput
from mspctl.model.inventory import Access, Deadlines, Host
from mspctl.model.run import HostRun, Run, StepOutline
from mspctl.model.secret import Secret, SecretRef
from mspctl.model.selection import Selection
from mspctl.ports import Transport
from mspctl.shipped import shipped_folder
from mspctl.testing.clock import SystemClock

SHORT = Deadlines(step=20, run=60, reboot=20, lock_wait=1)


def texts() -> RuntimeTexts:
    folder = shipped_folder("templates") / "bundle" / "posix"
    return RuntimeTexts(*((folder / f"{name}.sh").read_text() for name in ("launch", "worker", "finish")))


def host(name: str = "web1", site: str = "hq", deadlines: Deadlines = SHORT) -> Host:
    return Host("acme", site, name, Access(address="127.0.0.1", user="root", deadlines=deadlines))


def step(index: int, body: str, **changes: object) -> BundleStep:
    made = BundleStep(index, f"step {index}", "test", body, verify=False, changes="apply()" in body)
    return replace(made, **changes)  # type: ignore[arg-type]


def bundle(*steps: BundleStep, at: Host | None = None, check_mode: bool = False) -> Bundle:
    """Not exclusive unless a step changes something, so that tests need no lock on this machine."""
    return Bundle(at or host(), steps, (), (), "digest", check_mode)


def plan(*bundles: Bundle) -> Plan:
    return Plan(
        "test",
        check_mode=False,
        selection=Selection(tuple(b.host for b in bundles)),
        bundles=bundles,
        digest="d",
    )


def pending(made: Plan) -> Run:
    rows = tuple(
        HostRun(b.host.key, b.host.site, outline=tuple(StepOutline(s.name, s.module) for s in b.steps))
        for b in made.bundles
    )
    started = datetime(2026, 11, 1, tzinfo=UTC)
    return Run(
        "r1",
        "acme",
        "test",
        check_mode=False,
        digest="d",
        inventory_digest="i",
        started=started,
        hosts=rows,
        nonce=token_hex(16),
    )


def execution(
    made: Plan,
    transport: Transport,
    run: Run | None = None,
    policy: RunPolicy | None = None,
    order: Order | None = None,
) -> Execution:
    equipment = Equipment(transport, no_secrets, texts(), SystemClock(), no_beginning)
    return Execution(
        made, run or pending(made), equipment, policy or RunPolicy(), owner="a test", order=order
    )


def events(
    made: Plan, transport: Transport, run: Run | None = None, policy: RunPolicy | None = None
) -> list[Event]:
    return [event for batch in execution(made, transport, run, policy).batches() for event in batch]


def no_secrets(ref: SecretRef) -> Secret:
    raise AssertionError(ref)


def endings(found: list[Event]) -> dict[str, HostEnded]:
    return {event.host: event for event in found if isinstance(event, HostEnded)}


def step_endings(found: list[Event]) -> list[StepEnded]:
    return [event for event in found if isinstance(event, StepEnded)]


def output(found: list[Event], index: int) -> bytes:
    return b"".join(event.chunk for event in found if isinstance(event, StepOutput) and event.index == index)


@contextmanager
def spool_of(found: list[Event]) -> Iterator[None]:
    """Removes afterwards what a worker has left on this machine that nobody collects."""
    yield
    for event in found:
        if isinstance(event, BundleStarted):
            shutil.rmtree(event.spool, ignore_errors=True)


def leftovers() -> Iterator[Path]:
    for base in ("/var/tmp", "/run", "/dev/shm", "/tmp"):
        yield from Path(base).glob("mspctl-????????????????")
