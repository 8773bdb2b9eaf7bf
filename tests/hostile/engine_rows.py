"""What the rows about remote output and hosts share: one step on a lab host, over SSH."""

from pathlib import Path

import pytest

from mspctl.model.event import Event, HostEnded
from mspctl.model.inventory import Host
from mspctl.testing.lab import Host as LabHost
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.engine.real_hosts import execution, site_host, transport
from tests.unit.engine.bundles import bundle, endings, plan, step


class OneHost:
    """A lab host and the way to it; `run(body)` runs one step there and returns all events."""

    def __init__(self, real: LabHost, hosts: LabHosts, folder: Path) -> None:
        self.real = real
        self.host: Host = site_host(real)
        self.ssh = transport(hosts.lab, folder, (self.host, real))

    def run(self, *bodies: str, timeout: float = 60) -> list[Event]:
        """All events of a bundle of these steps."""
        steps = (step(index, body, timeout=timeout) for index, body in enumerate(bodies))
        made = plan(bundle(*steps, at=self.host))
        return [event for batch in execution(made, self.ssh).batches() for event in batch]

    def ending(self, found: list[Event]) -> HostEnded:
        """The one terminal word."""
        return endings(found)[self.host.key]

    def processes(self) -> str:
        """The command lines on the host."""
        return self.real.run_inside(["ps", "-eo", "args"]).stdout


@pytest.fixture
def one_host(lab_host: LabHosts, tmp_path: Path) -> OneHost:
    """A fresh host."""
    return OneHost(lab_host(HostSpec("row1")), lab_host, tmp_path)
