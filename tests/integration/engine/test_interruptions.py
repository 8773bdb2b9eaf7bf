"""A link cut, a power cut, a dead controller and a reboot in the middle of a real `apt-get upgrade`."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from mspctl.engine.fold import Fold
from mspctl.model.event import BundleStarted, Event, LinkLost, Rebooting, StepOutput
from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome
from mspctl.testing.lab import Host as LabHost
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from mspctl.transports.ssh.transport import SshTransport
from tests.integration.engine.real_hosts import PATIENT, UPGRADE, execution, site_host, transport
from tests.unit.engine.bundles import bundle, endings, output, pending, plan, step, step_endings

SECONDS = 6
OK = 'check() { ok "fine"; }'
pytestmark = pytest.mark.timeout(360)


@pytest.fixture
def slow(lab_host: LabHosts) -> LabHost:
    return lab_host(HostSpec("slow1", packages=("slow",), files={"/etc/lab-slow-seconds": f"{SECONDS}\n"}))


def upgraded(host: LabHost) -> bool:
    return host.run_inside(["dpkg-query", "-W", "-f", "${Version} ${Status}", "lab-slow"]).stdout == (
        "1.1 install ok installed"
    )


def run_with(
    host: Host, ssh: SshTransport, when: Callable[[bytes], bool], then: Callable[[], None]
) -> list[Event]:
    """Run the upgrade; call `then` beside it once `when` is true of the output. Both have ended here."""
    made = plan(bundle(step(0, UPGRADE, verify=True), step(1, OK), at=host))
    found: list[Event] = []
    seen, beside = b"", threading.Thread(target=then, daemon=True)
    for batch in execution(made, ssh).batches():
        found += batch
        seen += b"".join(event.chunk for event in batch if isinstance(event, StepOutput))
        if beside.ident is None and when(seen):
            beside.start()
    beside.join(60)
    assert not beside.is_alive()
    return found


def test_a_cut_link_in_an_upgrade_hurts_nothing_and_loses_no_line(
    slow: LabHost, lab_host: LabHosts, tmp_path: Path
) -> None:
    proxy = lab_host.lab.proxy(slow)
    host = site_host(slow, proxy)
    ssh = transport(lab_host.lab, tmp_path, (host, slow))
    found = run_with(host, ssh, lambda seen: b"lab-slow: line 10 " in seen, proxy.cut)
    assert endings(found)["acme/slow1"].outcome is Outcome.CHANGED
    assert any(isinstance(event, LinkLost) for event in found)
    lines = [line for line in output(found, 0).decode().splitlines() if line.startswith("lab-slow: line")]
    assert lines == [f"lab-slow: line {i} of {SECONDS * 10}" for i in range(1, SECONDS * 10 + 1)]
    assert upgraded(slow)
    assert slow.run_inside(["sh", "-c", "ls /var/tmp"]).stdout == ""


def test_a_silent_link_is_noticed_by_keepalives(slow: LabHost, lab_host: LabHosts, tmp_path: Path) -> None:
    host = site_host(slow)
    ssh = transport(lab_host.lab, tmp_path, (host, slow))

    def silence() -> None:
        with slow.faults.packets_dropped():
            time.sleep(12)

    found = run_with(host, ssh, lambda seen: b"lab-slow: line 10 " in seen, silence)
    assert endings(found)["acme/slow1"].outcome is Outcome.CHANGED
    assert upgraded(slow)


def test_a_power_cut_in_an_upgrade_is_told_and_a_rerun_mends_it(
    slow: LabHost, lab_host: LabHosts, tmp_path: Path
) -> None:
    host = site_host(slow)
    ssh = transport(lab_host.lab, tmp_path, (host, slow))
    found = run_with(host, ssh, lambda seen: b"lab-slow: line 10 " in seen, slow.power_cycle)
    ending = endings(found)["acme/slow1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "interrupted")
    assert not upgraded(slow)
    mend = "check() { unknown audit; }\napply() { dpkg --configure -a && changed configured; }"
    made = plan(bundle(step(0, mend), step(1, UPGRADE, verify=True), at=host))
    again = [event for batch in execution(made, ssh).batches() for event in batch]
    assert endings(again)["acme/slow1"].outcome is Outcome.CHANGED
    assert upgraded(slow)


@pytest.mark.parametrize("lines", [1, 30, 59])
def test_a_dead_controller_is_resumed_from_the_record(
    slow: LabHost, lab_host: LabHosts, tmp_path: Path, lines: int
) -> None:
    host = site_host(slow)
    ssh = transport(lab_host.lab, tmp_path, (host, slow))
    made = plan(bundle(step(0, UPGRADE, verify=True), step(1, OK), at=host))
    run = pending(made)
    fold, seen = Fold(run), b""
    for event in chain.from_iterable(execution(made, ssh, run).batches()):
        fold.apply([event])
        seen += event.chunk if isinstance(event, StepOutput) else b""
        if f"lab-slow: line {lines} ".encode() in seen:
            break  # what came with it in one batch is not recorded any more
    found: list[Event] = []
    for batch in execution(made, ssh, fold.run).batches():
        fold.apply(batch)
        found += batch
    ended = fold.run.hosts[0]
    assert (ended.outcome, ended.attempt) == (Outcome.CHANGED, 2)
    assert [row.status for row in ended.steps] == ["changed", "ok"]
    assert ended.steps[0].output.text.count("lab-slow: line") == SECONDS * 10
    assert upgraded(slow)


def test_a_reboot_is_a_barrier(lab_host: LabHosts, tmp_path: Path) -> None:
    real = lab_host(HostSpec("boot1", reboot_delay=1.0))
    host = site_host(real)
    ssh = transport(lab_host.lab, tmp_path, (host, real))
    before = real.boot_id
    reboot = "check() { needed reboot; }\napply() { changed reboot; }"
    boot = 'check() { read -r id </proc/sys/kernel/random/boot_id; fact boot "$id"; ok; }'
    made = plan(bundle(step(0, boot), step(1, reboot, reboots=True), step(2, boot), at=host))
    found = [event for batch in execution(made, ssh).batches() for event in batch]
    assert endings(found)["acme/boot1"].outcome is Outcome.CHANGED
    assert any(isinstance(event, Rebooting) for event in found)
    assert [event.first_step for event in found if isinstance(event, BundleStarted)] == [0, 2]
    assert real.boot_id != before
    assert [ended.index for ended in step_endings(found)] == [0, 1, 2]


def test_a_host_that_stays_down_is_an_alarm(lab_host: LabHosts, tmp_path: Path) -> None:

    real = lab_host(HostSpec("gone1", reboot_delay=60.0))
    host = site_host(real, deadlines=replace(PATIENT, reboot=8))
    ssh = transport(lab_host.lab, tmp_path, (host, real))
    reboot = "check() { needed reboot; }\napply() { changed reboot; }"
    made = plan(bundle(step(0, reboot, reboots=True), step(1, OK), at=host))
    found = [event for batch in execution(made, ssh).batches() for event in batch]
    ending = endings(found)["acme/gone1"]
    assert (ending.outcome, ending.reason) == (Outcome.LOST, "not-back")


def test_two_runs_never_change_a_host_at_once(slow: LabHost, lab_host: LabHosts, tmp_path: Path) -> None:
    host = site_host(slow)
    ssh = transport(lab_host.lab, tmp_path, (host, slow))
    second: list[Event] = []

    def another() -> None:
        made = plan(bundle(step(0, UPGRADE), at=host))
        for batch in execution(made, ssh).batches():
            second.extend(batch)

    found = run_with(host, ssh, lambda seen: b"lab-slow: line 1 " in seen, another)
    assert endings(found)["acme/slow1"].outcome is Outcome.CHANGED
    ending = endings(second)["acme/slow1"]
    assert (ending.outcome, ending.reason) == (Outcome.SKIPPED, "locked")
    assert "a test" in ending.detail
