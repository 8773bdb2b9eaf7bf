"""A mixed client: a real Linux host and emulated Windows hosts in one call.

The emulated host answers in Python's words, not PowerShell's: this shows the way of a run, no script at work.
"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mspctl.testing.lab import HostSpec
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.pytest_lab import LabHosts
from mspctl.testing.sshd import Sshd
from mspctl.testing.winrm.console import WindowsConsole
from mspctl.testing.winrm.endpoint import PASSWORD, USER, WinrmEndpoint
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.windows import Done, WindowsHost
from tests.e2e.cli import Cli

PATCH = ("probes", "packages", "hook", "reboot", "updates")
KB = "KB5031364"


class Patched:
    """Windows Update with one update pending, which wants a reboot."""

    def __init__(self) -> None:
        self.pending = True
        self.due = False

    def packages(self, step: AskedStep, _host: WindowsHost, check: bool) -> Done:  # noqa: FBT001 - a Module's shape
        if step.params.get("action") != "upgrade" or not self.pending:
            return Done("ok", "nothing is pending")
        reports = (("change", KB, "old=", "new=1", "security=yes"),)
        if check:
            return Done("changed", KB, reports, forecast="change")
        self.pending, self.due = False, True
        return Done("changed", KB, reports)

    def reboot(self, _step: AskedStep, _host: WindowsHost, check: bool) -> Done:  # noqa: FBT001 - as above
        if not self.due:
            return Done("ok", "no reboot is due")
        self.due = check
        return Done("changed", "a reboot is due", forecast="change" if check else "")


def well(_step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - as above
    return Done("ok")


def emulated() -> WindowsHost:
    update = Patched()
    names = ("facts", "disk", "uptime", *PATCH)
    return WindowsHost(dict.fromkeys(names, well) | {"packages": update.packages, "reboot": update.reboot})


def add_windows(cli: Cli, name: str, port: int, more: str = "") -> None:
    add(
        cli,
        f"{name}: {{address: 127.0.0.1, port: {port}, connection: winrm, scheme: http, auth: ntlm,"
        f" os: windows, user: {USER}, password: env:WINDOWS_WORD{more}}}",
    )
    cli.environment["WINDOWS_WORD"] = PASSWORD


def add(cli: Cli, line: str) -> None:
    file: Path = cli.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text().rstrip("\n") + f"\n      {line}\n")


def test_a_mixed_client_is_looked_at_in_one_call(cli: Cli) -> None:
    with WinrmEndpoint(emulated(), kinds=("Negotiate",)) as served:
        add_windows(cli, "dc1", served.port)
        add_windows(cli, "gone1", 9)
        assert cli("health", "--client", "acme").returncode == 1
    rows = {row["host"]: row for row in cli.last()["hosts"]}
    outcomes = {name: (row["outcome"], row["reason"]) for name, row in rows.items()}
    assert outcomes == {"local1": ("ok", ""), "dc1": ("ok", ""), "gone1": ("unreachable", "refused")}
    assert [step["name"] for step in rows["dc1"]["steps"]] == [
        step["name"] for step in rows["local1"]["steps"]
    ]
    assert rows["dc1"]["round_trips"] <= 8
    assert cli("runs", "verify").returncode == 0


def test_windows_is_patched_rebooted_and_looked_at_again(cli: Cli) -> None:
    windows = emulated()
    with WinrmEndpoint(windows, kinds=("Negotiate",)) as served:
        add_windows(cli, "dc1", served.port, ", patching: {reboot: if-needed}")
        asked = ("patch", "--client", "acme", "--limit", "dc1")
        boot = windows.boot
        assert cli(*asked, "--check").returncode == 0
        assert (cli.last()["counts"], windows.boot) == ({"changed": 1}, boot)
        assert cli(*asked).returncode == 0
        (row,) = cli.last()["hosts"]
        assert (row["outcome"], windows.boot != boot) == ("changed", True)
        assert [change["name"] for step in row["steps"] for change in step["changes"]] == [KB]
        assert {step["status"] for step in row["steps"]} <= {"ok", "changed", "skipped"}
        assert cli(*asked).returncode == 0
        assert cli.last()["counts"] == {"ok": 1}
    month = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m}"
    told = cli.json("report", "--client", "acme", "--month", month)
    (host,) = [each for each in told["hosts"] if each["host"] == "dc1"]
    assert {each["package"] for each in host["changes"]} == {KB}
    assert cli("runs", "verify").returncode == 0


@pytest.mark.lab
@pytest.mark.timeout(180)
def test_a_mixed_client_is_patched_checked_and_reported_in_one_command(
    lab_hosts: LabHosts, tmp_path: Path
) -> None:
    real = lab_hosts.make(HostSpec("web1", packages=("web", "ssl")), HostSpec("db1", packages=("broken",)))
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host) for host in real])
    cli = Cli(project, tmp_path / "state")
    dc1, files = emulated(), emulated()
    with (
        WinrmEndpoint(dc1, kinds=("Negotiate",)) as served,
        WindowsConsole(files, tmp_path) as console,
        Sshd(tmp_path / "sshd", (console.forced,)) as sshd,
    ):
        add_windows(cli, "dc1", served.port, ", patching: {reboot: if-needed}")
        add_windows(cli, "gone1", 9, "")
        add(
            cli,
            f"files1: {{address: 127.0.0.1, port: {sshd.port}, os: windows, user: {sshd.user},"
            f' identity: "file:{sshd.client_key}", patching: {{reboot: if-needed}}}}',
        )
        with (project / "inventory" / "known_hosts" / "acme").open("a") as pins:
            pins.write(sshd.known_hosts_line + "\n")
        checked = cli("patch", "--client", "acme", "--check")
        assert (checked.returncode, checked.stderr) == (1, "")
        assert outcomes(cli) == {
            "web1": "changed",
            "db1": "changed",
            "dc1": "changed",
            "files1": "changed",
            "gone1": "unreachable",
        }
        boots = dc1.boot, files.boot
        assert cli("patch", "--client", "acme").returncode == 1
        truth = {
            "web1": "changed",
            "db1": "failed",
            "dc1": "changed",
            "files1": "changed",
            "gone1": "unreachable",
        }
        assert outcomes(cli) == truth
        assert dc1.boot != boots[0]
        assert files.boot != boots[1]
    month = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m}"
    told = cli.json("report", "--client", "acme", "--month", month)
    changed = {host["host"]: {each["package"] for each in host["changes"]} for host in told["hosts"]}
    assert (changed["web1"], changed["dc1"], changed["files1"]) == ({"lab-web", "lab-ssl"}, {KB}, {KB})
    assert cli("runs", "verify").returncode == 0


def outcomes(cli: Cli) -> dict[str, str]:
    return {row["host"]: row["outcome"] for row in cli.last()["hosts"]}
