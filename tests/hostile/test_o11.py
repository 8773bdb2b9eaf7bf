"""O11: banner, motd and issue noise never gets into a result."""

from pathlib import Path

from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from tests.hostile.ssh_rows import BEGIN, beginning, client_host, linked


def test_banner_and_motd_stay_out(tmp_path: Path, lab_hosts: LabHosts) -> None:
    noise = "NOISE " * 2000 + "\n"
    lab_host = lab_hosts(HostSpec("o11", files={"/etc/motd": noise, "/etc/issue.net": noise}))
    with lab_host.faults.sshd_options("Banner /etc/issue.net", "PrintMotd yes", "PrintLastLog yes"):
        link = linked(tmp_path, lab_host, client_host(lab_host))
        out = beginning(link)
        assert isinstance(out, bytes), out
        assert out.split()[0] == BEGIN
        assert b"NOISE" not in out
        link.close()
