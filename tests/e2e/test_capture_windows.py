"""`mspctl dev capture` on an emulated Windows host: its way there and back, and that the example holds.

What a recorder of PowerShell writes is told by Python here, as `record.ps1` should write it.
"""

import base64
import json
from pathlib import Path

import pytest

from mspctl.library.folders import open_library
from mspctl.testing.winrm.endpoint import PASSWORD, USER, WinrmEndpoint
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.windows import Done, WindowsHost
from tests.e2e.cli import Cli
from tests.unit.modules.example import read_example
from tests.unit.modules.test_examples import compare
from tests.unit.powershell.examples import run_windows

CALL = {
    "line": "Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType = 3'",
    "objects": [{"DeviceID": "C:", "Size": 1000, "FreeSpace": 900, "SystemName": "DC1.acme.example"}],
}
CLIENT = """client: acme
timezone: Europe/Berlin
sites:
  hq:
    hosts:
      dc1:
        {address: 127.0.0.1, port: %d, connection: winrm, scheme: http, auth: ntlm, os: windows,
         user: %s, password: "env:W"}
"""


def disk(step: AskedStep, _host: WindowsHost, check: bool) -> Done:  # noqa: FBT001 - a Module's shape
    assert check
    assert step.params["warning"] == "80"
    numbers = {"size": 1000, "used": 100, "free": 900, "percent": 10}
    return Done(
        "ok",
        forecast="no-change",
        output="C: belongs to nobody's example\n",
        reports=tuple(("metric", f"disk.{name}:C:", str(number)) for name, number in numbers.items()),
    )


def recorder(_step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - as above
    told = base64.b64encode(json.dumps(CALL).encode()).decode()
    facts = (("fact", "os_id", "windows-server"), ("fact", "os_version", "20348"))
    return Done("ok", reports=facts, forecast="no-change", output=f"json {told}\n")


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    made = Cli(tmp_path / "project", tmp_path / "state")
    (made.project / "inventory" / "clients").mkdir(parents=True)
    (made.project / "inventory" / "mspctl.yml").write_text("name: The Provider\n")
    made.environment["W"] = PASSWORD
    return made


def test_what_is_captured_over_winrm_holds_as_an_example(cli: Cli, tmp_path: Path) -> None:
    windows = WindowsHost({"disk": disk, "capture": recorder})
    file = tmp_path / "modules" / "disk" / "examples" / "windows-here.yml"
    file.parent.mkdir(parents=True)
    with WinrmEndpoint(windows, kinds=("Negotiate",)) as served:
        (cli.project / "inventory" / "clients" / "acme.yml").write_text(CLIENT % (served.port, USER))
        done = cli("dev", "capture", "acme/dc1", "disk", "-e", "warning=80", "--output", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert (windows.started, windows.spools) == (["disk", "capture"], 0)
    text = file.read_text()
    assert "dc1" not in text.lower()
    assert "acme" not in text
    example = read_example(file)
    assert example.recorded == "on windows-server 20348"
    result, _ = run_windows(example, open_library(None))
    compare(example, result, tmp_path)
    assert example.expect["metrics"] == {
        "disk.size:C:": "1000",
        "disk.used:C:": "100",
        "disk.free:C:": "900",
        "disk.percent:C:": "10",
    }
    assert cli.json("runs", "list")["runs"] == []
