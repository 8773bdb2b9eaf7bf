"""`mspctl dev capture` on an emulated Windows host: its way there and back, and that the example holds.

What the recorder writes is told by Python here, as `record.ps1` should write it, or by `record.ps1` itself,
which the interpreter of the tests runs on the host of an example.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.library.folders import open_library
from mspctl.testing.winrm.endpoint import PASSWORD, USER, WinrmEndpoint
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.windows import Done, WindowsHost
from tests.e2e.cli import Cli
from tests.unit.modules.example import Example, read_example
from tests.unit.modules.runner import Result, result_of
from tests.unit.modules.test_examples import MODULES, compare
from tests.unit.powershell.examples import run_windows, said_recorded

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
    told = b64encode(json.dumps(CALL).encode()).decode()
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


KNOWN, OTHER = b"mspctl-0123456789abcdef", b"mspctl-fedcba9876543210"


def played(example: Example) -> tuple[Result, str]:
    """What the module and the recorder say on the example's host; the recorder's lines by themselves."""
    said = said_recorded(example, open_library(None))
    told = [line[5:] for line in said.decode().splitlines() if line.startswith("json ")]
    # On a real host the folder of a run has a name of its own.
    lines = [f"json {b64encode(b64decode(line).replace(KNOWN, OTHER)).decode()}\n" for line in told]
    module, _, _ = said.partition(b"json ")
    return result_of(module, example, (), ()), "".join(lines)


def module_of(result: Result) -> Callable[[AskedStep, WindowsHost, bool], Done]:
    reports = tuple(
        (str(each.kind), each.name, *([each.value] if each.value else [f"{k}={v}" for k, v in each.fields]))
        for each in result.reports
        if each.name not in ("os_id", "os_version")
    )
    ended = result.ended
    done = Done(str(ended.status), ended.reason, reports, str(ended.forecast or ""))
    return lambda _step, _host, _check: done


@pytest.mark.parametrize(
    ("module", "case", "sections"),
    [
        ("packages", "windows-by-category", {"com"}),
        ("local-admins", "windows-orphan", {"adsi", "net"}),
        ("security-windows-accounts", "windows-hardened", {"programs", "files", "adsi"}),
    ],
)
def test_what_is_no_command_is_captured_too(
    cli: Cli, tmp_path: Path, module: str, case: str, sections: set[str]
) -> None:
    asked = replace(read_example(MODULES / module / "examples" / f"{case}.yml"), check_mode=True)
    result, told = played(asked)
    names = (("os_id", "windows-server"), ("os_version", "20348"), ("computer", "FILE1"), ("domain", "ACME"))
    here = (("now", "2026-11-29T09:00:00"), ("spool", OTHER.decode()))
    facts = tuple(("fact", *pair) for pair in (*names, *here))
    recorded = Done("ok", reports=facts, forecast="no-change", output=told)
    windows = WindowsHost({module: module_of(result), "capture": lambda _step, _host, _check: recorded})
    file = tmp_path / "modules" / module / "examples" / "windows-here.yml"
    file.parent.mkdir(parents=True)
    given = [
        f"{name}={','.join(map(str, v)) if isinstance(v, tuple) else v}" for name, v in asked.params.items()
    ]
    options = [word for each in given for word in ("-e", each)]
    with WinrmEndpoint(windows, kinds=("Negotiate",)) as served:
        (cli.project / "inventory" / "clients" / "acme.yml").write_text(CLIENT % (served.port, USER))
        done = cli("dev", "capture", "acme/dc1", module, *options, "--output", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    example = read_example(file)
    assert sections <= {k for k, v in {**example.windows, "files": example.files}.items() if v}
    said = file.read_text().lower()
    assert "file1" not in said
    assert "acme" not in said
    again, _ = run_windows(example, open_library(None))
    compare(example, again, tmp_path)


def test_a_recorder_that_failed_is_told(cli: Cli) -> None:
    broken = Done("failed", "the disk is full", forecast="unknown")
    windows = WindowsHost({"disk": disk, "capture": lambda _step, _host, _check: broken})
    with WinrmEndpoint(windows, kinds=("Negotiate",)) as served:
        (cli.project / "inventory" / "clients" / "acme.yml").write_text(CLIENT % (served.port, USER))
        done = cli("dev", "capture", "acme/dc1", "disk", "-e", "warning=80")
    assert done.returncode == 1
    assert "acme/dc1: not all was recorded: the disk is full" in done.stderr
