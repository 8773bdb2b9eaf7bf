"""H16: half of the hosts are down: the run is bounded, and the living do not wait for the dead."""

import time

from mspctl.engine.policy import RunPolicy
from mspctl.model.event import HostEnded
from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome
from mspctl.testing.shell_transport import ShellLink, ShellTransport
from tests.unit.engine.bundles import bundle, execution, host, plan, step

DOWN, UP, FORKS, TIMEOUT = 60, 40, 10, 6.0


class HalfDead(ShellTransport):
    """The first hosts swallow every packet."""

    def connect(self, host: Host) -> ShellLink | Failure:
        if host.name.startswith("down"):
            time.sleep(TIMEOUT)
            return Failure(Outcome.UNREACHABLE, "timeout-connect")
        return super().connect(host)


def test_h16() -> None:
    names = [f"down{i}" for i in range(DOWN)] + [f"up{i}" for i in range(UP)]
    made = plan(*(bundle(step(0, "check() { ok; }"), at=host(name)) for name in names))
    began = time.monotonic()
    up_done = 0.0
    count = 0
    for batch in execution(made, HalfDead(), policy=RunPolicy(forks=FORKS)).batches():
        for event in batch:
            if isinstance(event, HostEnded):
                count += 1
                up_done = time.monotonic() - began if event.outcome is Outcome.OK else up_done
    took = time.monotonic() - began
    assert count == DOWN + UP
    serial = TIMEOUT * -(-DOWN // FORKS)
    assert took < serial
    assert up_done < serial * 0.7
