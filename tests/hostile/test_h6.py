"""H6: a reset in mid-stream: the reader comes back, nothing starts twice; for ever gone is lost."""

from dataclasses import replace
from pathlib import Path

from mspctl.model.event import BundleStarted, Event, LinkLost
from mspctl.model.outcome import Outcome
from mspctl.testing.lab import HostSpec, Mode
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.engine.real_hosts import PATIENT, execution, site_host, transport
from tests.unit.engine.bundles import bundle, endings, plan, step

BODY = "check() { echo once >>/var/tmp/starts; sleep 3; ok; }"


def test_h6_comes_back(lab_host: LabHosts, tmp_path: Path) -> None:
    real = lab_host(HostSpec("h6a"))
    proxy = lab_host.lab.proxy(real)
    host = site_host(real, proxy)
    ssh = transport(lab_host.lab, tmp_path, (host, real))
    found: list[Event] = []
    for batch in execution(plan(bundle(step(0, BODY), at=host)), ssh).batches():
        found += batch
        if any(isinstance(event, BundleStarted) for event in batch):
            proxy.cut()
    assert endings(found)["acme/h6a"].outcome is Outcome.OK
    assert any(isinstance(event, LinkLost) for event in found)
    assert real.read_file("/var/tmp/starts") == "once\n"


def test_h6_gone_for_ever(lab_host: LabHosts, tmp_path: Path) -> None:
    real = lab_host(HostSpec("h6b"))
    proxy = lab_host.lab.proxy(real)
    host = site_host(real, proxy, replace(PATIENT, reboot=4))
    ssh = transport(lab_host.lab, tmp_path, (host, real))
    found: list[Event] = []
    for batch in execution(plan(bundle(step(0, BODY), at=host)), ssh).batches():
        found += batch
        if any(isinstance(event, BundleStarted) for event in batch):
            proxy.set_mode(Mode.RESET)
    ending = endings(found)["acme/h6b"]
    assert (ending.outcome, ending.reason) == (Outcome.LOST, "link-lost")
    assert "resume" in ending.remedy
