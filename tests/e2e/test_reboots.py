"""kill -9 of mspctl in each state of a reboot: `runs resume` comes to the end that an undisturbed run has."""

import signal
from pathlib import Path

import pytest

from mspctl.testing.lab import HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli, ended

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]
STATES = ("rebooting", "reboot-down", "reboot-up", "host-ended")
SLOW_APT = "/usr/local/sbin/apt-get"
SLOWLY = '#!/bin/sh\nsleep 1\nexec /usr/bin/apt-get "$@"\n'
SHORT = "  timeouts: {connect: 2, banner: 3, auth: 5, reboot: 30, lock_wait: 3, keepalive: 2}\n"


def test_a_reboot_survives_a_kill_in_each_of_its_states(lab_hosts: LabHosts, tmp_path: Path) -> None:
    host = lab_hosts(HostSpec("boot1", ("kernel",), reboot_delay=90, files={SLOW_APT: SLOWLY}))
    host.run_inside(["chmod", "755", SLOW_APT])
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host)])
    file = project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text().replace("sites:\n", f"{SHORT}sites:\n", 1))
    cli, before = Cli(project, tmp_path / "state"), host.boot_id
    process = cli.start("patch", "--client", "acme", "-e", "reboot=if-needed")
    for state in STATES[:-1]:
        cli.await_event(state)
        process.send_signal(signal.SIGKILL)
        ended(process)
        assert cli.last()["hosts"][0]["outcome"] is None
        process = cli.start("runs", "resume", "last")
        if state == "reboot-down":
            host.power_cycle()  # it stays away until it was seen to be, however slow this machine is now
    assert ended(process) == (0, "", "")
    run = cli.last()
    (row,) = run["hosts"]
    assert (row["outcome"], row["attempt"]) == ("changed", len(STATES))
    steps = {step["name"]: step for step in row["steps"]}
    assert {step["status"] for step in row["steps"]} == {"ok", "changed", "skipped"}
    assert steps["Reboot"]["status"] == "changed"
    assert steps["Look again"]["metrics"]["reboot.required"] == "0"
    boots = [line for line in cli.journal() if '"bundle-started"' in line]
    assert {'"first_step":0' in line.replace(" ", "") for line in boots} == {True, False}
    assert host.boot_id != before
    assert host.read_file("/var/log/dpkg.log").count("upgrade lab-kernel:") == 1
    assert cli("runs", "verify").returncode == 0
