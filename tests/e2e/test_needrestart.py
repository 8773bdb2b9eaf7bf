"""Debian's real needrestart, which asks by default: no night hangs on it, and what it finds is told."""

from pathlib import Path
from typing import Any

import pytest

from mspctl.testing.lab import Host, HostSpec
from mspctl.testing.lab.packages import Deb
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli

UNIT = "lab-daemon.service"
SERVICE = "[Service]\nExecStart=/usr/sbin/lab-daemon infinity\n[Install]\nWantedBy=multi-user.target\n"
REPLACE = """\
#!/bin/sh
[ "$1" = configure ] || exit 0
cp /bin/sleep /usr/sbin/lab-daemon.new && mv /usr/sbin/lab-daemon.new /usr/sbin/lab-daemon
"""


def daemon(version: str) -> Deb:
    files = {f"etc/systemd/system/{UNIT}": SERVICE}
    return Deb("lab-daemon", version, scripts={"postinst": REPLACE}, files=files)


@pytest.mark.lab
@pytest.mark.lab_systemd
@pytest.mark.timeout(360)
def test_needrestart_asks_nobody_and_what_it_finds_is_told(lab_hosts: LabHosts, tmp_path: Path) -> None:
    lab = lab_hosts.lab
    host = lab_hosts(HostSpec("nr1", init="systemd"))
    lab.install_debian(host, "needrestart")
    lab.publish([daemon("1.0"), daemon("1.1")])
    install = "apt-get -qq update && NEEDRESTART_SUSPEND=1 apt-get -qq -y install lab-daemon=1.0 >/dev/null"
    host.run_inside(["sh", "-c", f"{install} && systemctl daemon-reload && systemctl start {UNIT}"])
    settings = host.read_file("/etc/needrestart/needrestart.conf")
    assert "#$nrconf{restart} = 'i';" in settings, "as Debian ships it: interactive"
    cli = Cli(write_project(lab, tmp_path / "project", [entry(host)]), tmp_path / "state")

    first = main_pid(host)
    assert cli("patch", "--client", "acme").returncode == 0
    upgrade = step(cli.last(), "Upgrade packages")
    assert [change["name"] for change in upgrade["changes"]] == ["lab-daemon"]
    assert f"systemctl restart {UNIT}" in upgrade["output"], "needrestart was there, and only listed"
    assert restarts(upgrade) == restarts(step(cli.last(), "Look again")) == [f"restart:{UNIT}"]
    assert main_pid(host) == first

    lab.publish([daemon("1.2")])
    assert cli("patch", "--client", "acme", "-e", "restart_services=true").returncode == 0
    upgrade = step(cli.last(), "Upgrade packages")
    assert [change["name"] for change in upgrade["changes"]] == ["lab-daemon"]
    assert restarts(upgrade) == []
    assert main_pid(host) not in {first, "0"}


def main_pid(host: Host) -> str:
    return host.run_inside(["systemctl", "show", "-P", "MainPID", UNIT]).stdout.strip()


def step(run: Any, name: str) -> Any:  # noqa: ANN401 - JSON documents
    (host,) = run["hosts"]
    return next(step for step in host["steps"] if step["name"] == name)


def restarts(step: Any) -> list[str]:  # noqa: ANN401 - as above
    return [finding["name"] for finding in step["findings"] if finding["name"].startswith("restart:")]
