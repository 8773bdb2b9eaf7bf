"""A patch night on one host whose upgrade takes its time, so that something can happen in the middle."""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mspctl.testing.lab import CountingProxy, Host, HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli, ended, wait_until

SECONDS = 5
LINES = SECONDS * 10
SHORT = "  timeouts: {connect: 3, banner: 5, auth: 5, reboot: 20, lock_wait: 3, keepalive: 2}\n"


@dataclass(frozen=True, slots=True)
class SlowNight:
    """`mspctl patch --client acme` on the host slow1."""

    cli: Cli
    host: Host
    proxy: CountingProxy
    secret: str
    """The password of `admin`, who alone needs it."""

    def begin(self, line: int = 10) -> "subprocess.Popen[bytes]":
        """Start the patch run; returns when the upgrade has printed so many lines on the host."""
        process = self.cli.start("patch", "--client", "acme")
        wait_until(lambda: self.printed(line), f"line {line} of the upgrade")
        return process

    def printed(self, line: int) -> bool:
        if not self.host.is_on:
            return False
        grep = f"grep -qs 'lab-slow: line {line} ' /var/tmp/mspctl-*/out && echo yes"
        return "yes" in self.host.run_inside(["sh", "-c", grep], check=False).stdout

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        """What no program can answer."""
        process.send_signal(signal.SIGKILL)
        ended(process)

    def row(self) -> Any:  # noqa: ANN401 - a JSON document
        """The host's row of the newest run."""
        (row,) = self.cli.last()["hosts"]
        return row

    def assert_upgraded_once(self) -> None:
        """The package, the dpkg log, the spool folder and the lock of the host."""
        self.assert_package_once()
        assert self.host.run_inside(["sh", "-c", "ls /var/tmp"]).stdout == ""

    def assert_package_once(self) -> None:
        """The same but for the spool folder, which stays where nobody has collected it."""
        version = self.host.run_inside(
            ["dpkg-query", "-W", "-f", "${Version} ${db:Status-Abbrev}", "lab-slow"]
        )
        assert version.stdout.split() == ["1.1", "ii"]
        log = self.host.read_file("/var/log/dpkg.log")
        assert log.count("upgrade lab-slow:") == 1
        assert self.host.run_inside(["flock", "-n", "/run/mspctl.lock", "echo", "free"]).stdout == "free\n"

    def assert_every_line_once(self) -> None:
        """No line of the upgrade is lost or told twice."""
        said = [step["output"] for step in self.row()["steps"] if "lab-slow: line" in step["output"]]
        lines = [line for line in "".join(said).splitlines() if line.startswith("lab-slow: line")]
        assert lines == [f"lab-slow: line {number} of {LINES}" for number in range(1, LINES + 1)]

    def assert_log_is_sound(self) -> None:
        """`runs verify`: F1 to F4 and the database's own check."""
        verified = self.cli("runs", "verify")
        assert (verified.returncode, verified.stderr) == (0, "")

    def assert_no_secret(self, *said: str) -> None:
        """F12: sudo's password is in nothing that mspctl said or keeps: database, JSON lines, audit log."""
        secret = self.secret.encode()
        kept = [file for file in self.cli.state.rglob("*") if file.is_file()]
        assert kept
        assert [file.name for file in kept if secret in file.read_bytes()] == []
        assert self.secret not in "".join(said)


def slow_night(lab_hosts: LabHosts, folder: Path, *, user: str = "ops") -> SlowNight:
    """A fresh host and a project that reaches it through a proxy, as `admin` with a password for sudo."""
    host = lab_hosts(HostSpec("slow1", packages=("slow",), files={"/etc/lab-slow-seconds": f"{SECONDS}\n"}))
    proxy = lab_hosts.lab.proxy(host)
    project = write_project(lab_hosts.lab, folder / "project", [entry(host, proxy=proxy)], user=user)
    file = project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text().replace("sites:\n", f"{SHORT}sites:\n", 1))
    return SlowNight(Cli(project, folder / "state"), host, proxy, lab_hosts.lab.admin_password)
