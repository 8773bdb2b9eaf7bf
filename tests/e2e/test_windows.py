"""A mixed client: a real Linux host and emulated Windows hosts in one call.

The emulated host answers in Python's words, not PowerShell's: this shows the way of a run, no script at work.
"""

import signal
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
from mspctl.testing.winrm.windows import Done, Module, WindowsHost
from tests.e2e.cli import Cli, ended, stop

PATCH = ("probes", "packages", "hook", "reboot", "updates")
KB, NEXT_KB = "KB5031364", "KB5031990"


class Patched:
    """Windows Update: each update is offered once the one before is in and the host has rebooted."""

    def __init__(self, *updates: str) -> None:
        self.waiting = list(updates)
        self.due = False

    def packages(self, step: AskedStep, _host: WindowsHost, check: bool) -> Done:  # noqa: FBT001 - a Module's shape
        if step.params.get("action") != "upgrade" or not self.waiting:
            return Done("ok", "nothing is pending")
        if check and step.params.get("again") == "true":
            return Done("skipped", "what comes after a reboot is known after the reboot", forecast="unknown")
        name = self.waiting[0]
        if step.params.get("last") == "true":
            return Done("failed", f"Windows Update still offers {name}: run again", forecast="unknown")
        reports = (("change", name, "old=", "new=1", "security=yes", f"title=Cumulative Update ({name})"),)
        if check:
            return Done("changed", name, reports, forecast="change")
        self.waiting, self.due = self.waiting[1:], True
        return Done("changed", name, reports)

    def reboot(self, _step: AskedStep, _host: WindowsHost, check: bool) -> Done:  # noqa: FBT001 - as above
        if not self.due:
            return Done("ok", "no reboot is due")
        self.due = check
        return Done("changed", "a reboot is due", forecast="change" if check else "")

    def updates(self, _step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - as above
        pending = tuple(
            ("finding", f"pending:{name}", "old=", "new=1", "security=yes") for name in self.waiting
        )
        return Done("ok", "", (*pending, ("metric", "packages.pending", str(len(pending)))))


def well(_step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - as above
    return Done("ok")


def emulated(*updates: str) -> WindowsHost:
    update = Patched(*updates)
    names = ("facts", "disk", "uptime", *PATCH)
    own: dict[str, Module] = {"packages": update.packages, "reboot": update.reboot, "updates": update.updates}
    return WindowsHost({**dict.fromkeys(names, well), **own})


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
    with WinrmEndpoint(emulated(KB), kinds=("Negotiate",)) as served:
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


@pytest.mark.timeout(360)
def test_windows_is_patched_rebooted_and_looked_at_again(cli: Cli) -> None:
    windows = emulated(KB, NEXT_KB)
    policy = 'reboot: if-needed, hooks: {before: "Suspend-Backup"}, probes: [{service: W3SVC}]'
    with WinrmEndpoint(windows, kinds=("Negotiate",)) as served:
        add_windows(cli, "dc1", served.port, f", patching: {{{policy}}}")
        asked = ("patch", "--client", "acme", "--limit", "dc1")
        boot = windows.boot
        assert cli(*asked, "--check").returncode == 0
        assert (changes(cli), windows.boot) == ([KB], boot)
        assert cli(*asked).returncode == 0
        (row,) = cli.last()["hosts"]
        assert (row["outcome"], windows.boot != boot, changes(cli)) == ("changed", True, [KB, NEXT_KB])
        steps = {step["name"]: step["status"] for step in row["steps"]}
        assert set(steps.values()) <= {"ok", "changed", "skipped"}
        assert steps["Hook before"] == steps["Probes after"] == "ok"
        assert steps["Reboot"] == steps["Reboot, second round"] == "changed"
        assert steps["Upgrade packages, third round"] == "ok"
        assert cli(*asked).returncode == 0
        assert cli.last()["counts"] == {"ok": 1}
    month = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m}"
    told = cli.json("report", "--client", "acme", "--month", month)
    (host,) = [each for each in told["hosts"] if each["host"] == "dc1"]
    assert {each["package"] for each in host["changes"]} == {KB, NEXT_KB}
    assert cli("runs", "verify").returncode == 0


@pytest.mark.timeout(360)
def test_what_is_left_after_three_rounds_fails_the_host(cli: Cli) -> None:
    names = [f"KB503100{number}" for number in range(4)]
    with WinrmEndpoint(emulated(*names), kinds=("Negotiate",)) as served:
        add_windows(cli, "dc1", served.port, ", patching: {reboot: if-needed}")
        assert cli("patch", "--client", "acme", "--limit", "dc1").returncode == 1
        (row,) = cli.last()["hosts"]
        assert (row["outcome"], row["reason"], changes(cli)) == ("failed", "step-failed", names[:3])
        assert f"Windows Update still offers {names[3]}: run again" in row["detail"]
        assert cli("runs", "resume", "last", "--failed").returncode == 0
        assert changes(cli) == names[3:]


@pytest.mark.timeout(360)
def test_after_a_reboot_that_nobody_ordered_another_run_finishes(cli: Cli) -> None:
    update = Patched(KB, NEXT_KB)
    falls = [True]

    def packages(step: AskedStep, host: WindowsHost, check: bool) -> Done:  # noqa: FBT001 - a Module's shape
        done = update.packages(step, host, check)
        if done.status == "changed" and falls:
            falls.clear()
            update.due = False
            host.power_cut()
        return done

    names = ("facts", "disk", "uptime", *PATCH)
    own: dict[str, Module] = {"packages": packages, "reboot": update.reboot, "updates": update.updates}
    windows = WindowsHost({**dict.fromkeys(names, well), **own})
    with WinrmEndpoint(windows, kinds=("Negotiate",)) as served:
        windows.on_reboot = served.shells.kill
        add_windows(cli, "dc1", served.port, ", patching: {reboot: if-needed}")
        assert cli("patch", "--client", "acme", "--limit", "dc1").returncode == 1
        (row,) = cli.last()["hosts"]
        assert (row["outcome"], row["reason"]) == ("failed", "interrupted")
        assert "went down and came up again" in row["detail"]
        assert "what that step did is not known" in row["detail"]
        assert "each step looks before it changes anything" in row["remedy"]
        again = cli("runs", "resume", "last", "--failed")
        assert again.returncode == 0, again.stderr
        (row,) = cli.last()["hosts"]
        assert (row["outcome"], changes(cli)) == ("changed", [NEXT_KB])
        assert (windows.spools, served.shells.open) == (0, 0)
    assert cli("runs", "verify").returncode == 0


def test_the_second_signal_leaves_no_shell_on_a_host_that_goes_on(cli: Cli) -> None:
    windows = WindowsHost(dict.fromkeys(("facts", "disk", "uptime"), well), pause=1800)
    with WinrmEndpoint(windows, kinds=("Negotiate",)) as served:
        add_windows(cli, "dc1", served.port)
        process = cli.start("health", "--client", "acme", "--limit", "dc1")
        cli.await_event("step-started")
        # Two of a kind might be one to Python; any other means the same.
        stop(process, signal.SIGINT)
        stop(process, signal.SIGTERM)
        code, _, said = ended(process)
        assert code == 5, said
        assert (served.shells.open, windows.at_work) == (0, 1)
    (row,) = cli.last()["hosts"]
    assert (row["outcome"], "it may go on with its steps" in row["detail"]) == ("cancelled", True), row


def changes(cli: Cli) -> list[str]:
    """What the last run changed, or would change, on its one host."""
    (row,) = cli.last()["hosts"]
    return [change["name"] for step in row["steps"] for change in step["changes"]]


@pytest.mark.lab
@pytest.mark.timeout(360)
def test_a_mixed_client_is_patched_checked_and_reported_in_one_command(
    lab_hosts: LabHosts, tmp_path: Path
) -> None:
    real = lab_hosts.make(HostSpec("web1", packages=("web", "ssl")), HostSpec("db1", packages=("broken",)))
    project = write_project(lab_hosts.lab, tmp_path / "project", [entry(host) for host in real])
    cli = Cli(project, tmp_path / "state")
    dc1, files = emulated(KB), emulated(KB)
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
        assert cli("patch", "--client", "acme", "--report", str(tmp_path / "told")).returncode == 1
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
    page = (tmp_path / "told" / f"acme-{month}.html").read_text(encoding="utf-8")
    assert {name for name in (*truth, "lab-ssl", KB) if name not in page} == set()
    told = cli.json("report", "--client", "acme", "--month", month)
    changed = {host["host"]: {each["package"] for each in host["changes"]} for host in told["hosts"]}
    assert (changed["web1"], changed["dc1"], changed["files1"]) == ({"lab-web", "lab-ssl"}, {KB}, {KB})
    assert cli("runs", "verify").returncode == 0


def outcomes(cli: Cli) -> dict[str, str]:
    return {row["host"]: row["outcome"] for row in cli.last()["hosts"]}
