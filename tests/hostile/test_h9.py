"""H9: noexec /tmp, read-only root, full disk, inode-full, quota: scripts on stdin (no file).

Clear reason; partial files removed.
"""

from collections.abc import Callable

import pytest

from mspctl.model.outcome import Outcome, StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.integration.modules.runner import run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

_BIG = "x" * 99 + "\n"
_FILE = Use("file", {"path": "/srv/there", "content": _BIG * 1000})
_LINE = Use("line", {"path": "/srv/there", "line": "second"})
_USES = (_FILE, _LINE, Use("file", {"path": "/srv/new", "content": _BIG * 1000}))


@pytest.fixture
def host(lab_hosts: LabHosts) -> lab.Host:
    made = lab_hosts(lab.HostSpec("patient", disk_mb=32))
    made.run_inside(["sh", "-c", "echo first > /srv/there"])
    return made


def _nothing_is_left(host: lab.Host) -> None:
    assert host.run_inside(["ls", "-A", "/srv"]).stdout.split() == ["lab-repo", "there"]
    assert host.read_file("/srv/there") == "first\n"
    found = host.run_inside(["sh", "-c", "ls -A /tmp /var/tmp /run | grep mspctl- || :"])
    assert found.stdout == ""


_OVER_QUOTA = """#!/bin/sh
[ $# = 0 ] || exec /bin/cat.real "$@"
read -r first && printf '%s' "$first"
echo "cat: write error: Disk quota exceeded" >&2
exit 1
"""


def _quota(host: lab.Host) -> lab.Fault:
    """A stand-in: few kernels have quotas, and root is above them. Here cat hears of one."""
    host.run_inside(["mv", "/bin/cat", "/bin/cat.real"])
    host.run_inside(["sh", "-c", "/bin/cat.real >/bin/cat && chmod 755 /bin/cat"], stdin=_OVER_QUOTA)
    return lab.Fault(lambda: void(host.run_inside(["mv", "/bin/cat.real", "/bin/cat"])))


def void(anything: object) -> None:
    """An undo gives nothing back."""
    del anything


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (lambda host: host.faults.disk_full(), "disk full"),
        (lambda host: host.faults.inodes_full(), "disk full"),
        (lambda host: host.faults.root_read_only(), "read-only file system"),
        (_quota, "disk quota exceeded"),
    ],
    ids=["disk full", "inodes full", "read-only", "quota"],
)
def test_files_stay_whole_and_the_reason_is_clear(
    host: lab.Host, fault: Callable[[lab.Host], lab.Fault], word: str
) -> None:
    with fault(host):
        results = run(host, *_USES)
        _nothing_is_left(host)
    assert [result.status for result in results] == [StepStatus.FAILED] * 3
    assert all(word in result.reason for result in results), [result.reason for result in results]
    assert run(host, *_USES)[0].status is StepStatus.CHANGED


@pytest.mark.parametrize("fault", ["tmp_noexec", "disk_full", "root_read_only"])
def test_scripts_run_where_nothing_can_be_written_or_executed(host: lab.Host, fault: str) -> None:
    uses = (
        Use("script", {"text": "for n in 1 2; do echo $n; done"}),
        Use("command", {"command": "echo there"}),
        Use("facts"),
        Use("updates"),
    )
    with getattr(host.faults, fault)():
        results = run(host, *uses)
    assert not [result.reason for result in results if result.status is StepStatus.FAILED]
    assert results[0].output == "1\n2\n"


@pytest.mark.parametrize(("fault", "word"), [("disk_full", "disk"), ("root_read_only", "read-only")])
def test_an_upgrade_without_space_says_so(lab_hosts: LabHosts, fault: str, word: str) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl",), disk_mb=24))
    with getattr(host.faults, fault)():
        result = run_one(host, Use("packages", {"action": "upgrade"}))
    assert result.status is StepStatus.FAILED
    assert word in result.reason.lower(), result.reason


@pytest.mark.parametrize("fault", ["tmp_noexec", "disk_full", "inodes_full", "root_read_only"])
def test_over_ssh_a_host_that_takes_no_file_is_still_asked(one_host: OneHost, fault: str) -> None:
    with getattr(one_host.real.faults, fault)():
        found = one_host.run("check() { ok there; }")
        left = one_host.real.run_inside(["sh", "-c", "ls -A /tmp /var/tmp /run /dev/shm | grep mspctl- || :"])
    assert one_host.ending(found).outcome is Outcome.OK
    assert left.stdout == ""
