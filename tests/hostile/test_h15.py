"""H15: a reboot counts only if the boot id is a new one."""

from dataclasses import replace
from pathlib import Path

from mspctl.model.outcome import Outcome
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.engine.real_hosts import PATIENT, execution, site_host, transport
from tests.unit.engine.bundles import bundle, endings, plan, step

REBOOT = "check() { needed reboot; }\napply() { changed reboot; }"


def test_h15_a_host_that_only_says_so(lab_host: LabHosts, tmp_path: Path) -> None:
    real = lab_host(HostSpec("stubborn1"))
    for name in ("reboot", "shutdown", "systemctl"):
        real.run_inside(["sh", "-c", f"rm -f /sbin/{name} /bin/{name}; ln -s /bin/true /sbin/{name}"])
    host = site_host(real, deadlines=replace(PATIENT, reboot=5))
    ssh = transport(lab_host.lab, tmp_path, (host, real))
    made = plan(bundle(step(0, REBOOT, reboots=True), step(1, "check() { ok; }"), at=host))
    found = [event for batch in execution(made, ssh).batches() for event in batch]
    ending = endings(found)["acme/stubborn1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "reboot-ignored")
