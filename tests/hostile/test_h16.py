"""H16: 500 hosts of 1,000 are down: the run is bounded, and the living do not wait for the dead."""

import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mspctl.engine.policy import RunPolicy
from mspctl.model.event import HostEnded
from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome
from mspctl.ports import Link, Transport
from mspctl.testing.shell_transport import ShellTransport
from mspctl.testing.sshd import Sshd
from tests.unit.engine.bundles import bundle, execution, host, plan, step

DOWN, REAL, FORKS, TIMEOUT = 500, 20, 100, 6.0
BOUND = TIMEOUT * -(-DOWN // FORKS)


@dataclass(frozen=True, slots=True)
class Half:
    """Hosts that are down, and some that are up, are asked over SSH; the other ones by a shell right here."""

    ssh: Transport
    shell: Transport = field(default_factory=ShellTransport)

    def connect(self, host: Host) -> Link | Failure:
        return (self.shell if host.access.user == "shell" else self.ssh).connect(host)


@contextmanager
def blackhole() -> Iterator[int]:
    """A port whose queue of connections is full: the kernel drops every packet that asks for one more."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(2):
            one = waiting.enter_context(socket.socket())
            one.settimeout(0)
            one.connect_ex(full.getsockname())
        yield full.getsockname()[1]


@pytest.mark.timeout(240)
def test_h16(tmp_path: Path) -> None:
    with blackhole() as port, Sshd(tmp_path / "sshd", ["MaxStartups 100"]) as sshd:
        real = sshd.host()
        limits = replace(real.access.deadlines, connect=TIMEOUT, banner=20, auth=20)
        access = replace(real.access, deadlines=limits)
        dead = [replace(real, name=f"down{n}", access=replace(access, port=port)) for n in range(DOWN)]
        living = [replace(real, name=f"up{n}", access=access) for n in range(REAL)]
        shells = [host(f"up{n}") for n in range(REAL, DOWN)]
        shells = [replace(each, access=replace(each.access, user="shell")) for each in shells]
        hosts = [one for pair in zip(dead, living + shells, strict=True) for one in pair]
        made = plan(*(bundle(step(0, "check() { ok; }"), at=each) for each in hosts))
        transport = Half(sshd.transport(hosts=[*dead, *living]))
        began, ended_at = time.monotonic(), {True: 0.0, False: 0.0}
        seen: Counter[tuple[Outcome, str]] = Counter()
        for batch in execution(made, transport, policy=RunPolicy(forks=FORKS)).batches():
            for event in batch:
                if isinstance(event, HostEnded):
                    seen[event.outcome, event.reason] += 1
                    ended_at[event.outcome is Outcome.OK] = time.monotonic() - began
    assert seen == {(Outcome.OK, ""): DOWN, (Outcome.UNREACHABLE, "timeout-connect"): DOWN}
    assert ended_at[False] < BOUND * 1.5
    assert ended_at[True] < BOUND
