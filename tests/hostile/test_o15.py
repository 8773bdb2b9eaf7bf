"""O15: a forced command answers instead of ours: `failed:forced-command`; exit status 0 does not count."""

from pathlib import Path

from mspctl.model.outcome import Outcome
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from tests.hostile.ssh_rows import beginning, client_host, linked, refusal


def test_force_command_with_status_zero(tmp_path: Path, lab_hosts: LabHosts) -> None:
    lab_host = lab_hosts(HostSpec("o15"))
    with lab_host.faults.sshd_options("ForceCommand echo everything is fine"):
        link = linked(tmp_path, lab_host, client_host(lab_host))
        failure = refusal(beginning(link))
        assert (failure.outcome, failure.reason) == (Outcome.FAILED, "forced-command")
        assert "everything is fine" in failure.detail
        link.close()


def test_force_command_that_swallows_the_program(tmp_path: Path, lab_hosts: LabHosts) -> None:
    lab_host = lab_hosts(HostSpec("o15b"))
    with lab_host.faults.sshd_options("ForceCommand internal-sftp"):
        link = linked(tmp_path, lab_host, client_host(lab_host))
        failure = refusal(beginning(link, seconds=3))
        assert not failure.outcome.good
        link.close()
