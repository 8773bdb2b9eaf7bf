"""O4: 1 GB on stdout and stderr: head and tail kept, stopped at 64 MiB, memory bounded, others unaffected."""

from pathlib import Path

import pytest

from mspctl.engine.fold import Fold
from mspctl.model.event import Connected, Event
from mspctl.model.outcome import Outcome
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from mspctl.testing.sshd import Sshd
from tests.integration.engine.real_hosts import execution, site_host, transport
from tests.unit.engine.bundles import bundle, endings, pending, plan, spool_of, step

MIB = 1024 * 1024
FLOOD = "check() { { head -c 500M /dev/zero; head -c 500M /dev/zero >&2; } ; ok; }"


@pytest.mark.timeout(240)
def test_o4(lab_host: LabHosts, tmp_path: Path) -> None:
    loud, calm = lab_host.make(HostSpec("loud1", disk_mb=2048), HostSpec("calm1"))
    hosts = [site_host(loud), site_host(calm)]
    ssh = transport(lab_host.lab, tmp_path, (hosts[0], loud), (hosts[1], calm))
    quiet = "check() { echo fine; ok; }"
    made = plan(bundle(step(0, FLOOD), at=hosts[0]), bundle(step(0, quiet), at=hosts[1]))
    fold = Fold(pending(made))
    _forget_peak()
    before = _peak()
    for batch in execution(made, ssh).batches():
        fold.apply(batch)
    grown = _peak() - before
    ended = {row.host: row for row in fold.run.hosts}
    assert (ended["acme/loud1"].outcome, ended["acme/loud1"].reason) == (Outcome.FAILED, "max-output")
    assert ended["acme/calm1"].outcome is Outcome.OK
    kept = ended["acme/loud1"].steps[0].output
    assert len(kept.head) <= 64 * 1024
    assert len(kept.tail) <= 64 * 1024
    assert kept.dropped > 30 * MIB
    assert len(kept.head) + kept.dropped + len(kept.tail) <= 64 * MIB
    assert grown < 20 * MIB


NOISY = """\
(sleep 0.2; head -c 33M /dev/zero >&2; kill -9 $PPID) &
exec /bin/sh -s
"""
"""A host that obeys, but sends 33 MiB of noise on each link and then cuts it."""


def test_o4_noise_on_stderr_is_counted_over_all_links(tmp_path: Path) -> None:
    (tmp_path / "noisy").write_text(NOISY)
    with Sshd(tmp_path / "sshd", [f"ForceCommand exec /bin/sh {tmp_path}/noisy"]) as sshd:
        host = sshd.host()
        made = plan(bundle(step(0, "check() { sleep 4; ok; }"), at=host))
        found: list[Event] = []
        with spool_of(found):
            for batch in execution(made, sshd.transport(hosts=[host])).batches():
                found += batch
    ending = endings(found)[host.key]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "max-output"), ending
    assert sum(isinstance(event, Connected) for event in found) == 2


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise AssertionError
