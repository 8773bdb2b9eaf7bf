"""A mixed client: a real Linux host and emulated Windows hosts in one call.

The emulated host answers in Python's words, not PowerShell's: this shows the way of a run, no script at work.
"""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

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
    file: Path = cli.project / "inventory" / "clients" / "acme.yml"
    entry = (
        f"      {name}: {{address: 127.0.0.1, port: {port}, connection: winrm, scheme: http, auth: ntlm,"
        f" os: windows, user: {USER}, password: env:WINDOWS_WORD{more}}}\n"
    )
    file.write_text(file.read_text().rstrip("\n") + "\n" + entry)
    cli.environment["WINDOWS_WORD"] = PASSWORD


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
