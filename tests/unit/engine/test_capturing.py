"""What was captured, read back and told in the words of an example."""

import base64
import json
from datetime import UTC, datetime

from mspctl.engine.capturing import captured
from mspctl.engine.exampleform import example_of
from mspctl.model.event import Event, HostEnded, Report, ReportKind, StepEnded, StepOutput, StepReported
from mspctl.model.outcome import Forecast, Outcome, StepStatus
from mspctl.parse.exampletext import example_text

NAME = "acme/dc1"
DISKS = {"line": "Get-CimInstance -ClassName Win32_LogicalDisk", "objects": [{"DeviceID": "C:", "Size": 5}]}


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode() if text else "-"


def events(told: str) -> tuple[Event, ...]:
    finding = Report(ReportKind.FINDING, "disk:C:", "", (("reason", "full"),))
    return (
        StepOutput(NAME, 0, b"what the step prints"),
        StepReported(NAME, 0, finding),
        StepEnded(NAME, 0, StepStatus.OK, "acme is fine", forecast=Forecast.NO_CHANGE),
        StepReported(NAME, 1, Report(ReportKind.FACT, "os_id", "debian")),
        StepOutput(NAME, 1, told[:30].encode()),
        StepOutput(NAME, 1, told[30:].encode()),
        StepEnded(NAME, 1, StepStatus.OK),
        HostEnded(NAME, datetime(2026, 11, 29, tzinfo=UTC), Outcome.OK),
    )


def example(told: str, *, windows: bool = False) -> dict[str, object]:
    found = captured(events(told))
    return dict(
        example_of(
            "As recorded on debian 12",
            {"names": ("a", "b")},
            found,
            ("env:X",),
            lambda text: text.replace("acme", "client1"),
            windows=windows,
        )
    )


def test_calls_of_posix() -> None:
    lines = [
        ("0", "df -P", "a\nb\n", ""),
        ("1", "df -i", "", "no"),
        ("0", "df -P", "c\n", ""),
        ("0", "sync", "", ""),
    ]
    told = "".join(
        f"call {status} {coded(line)} {coded(out)} {coded(err)}\n" for status, line, out, err in lines
    )
    assert example(told) == {
        "title": "As recorded on debian 12",
        "recorded": "on debian 12",
        "check_mode": True,
        "params": {"names": ["a", "b"]},
        "facts": {"os_id": "debian"},
        "secrets": {"env:X": "s3cret"},
        "commands": {
            "df -P": ["a\nb\n", "c\n"],
            "df -i": {"stderr": "no", "status": 1},
            "sync": {"status": 0},
        },
        "expect": {
            "status": "ok",
            "forecast": "no-change",
            "reason": "client1 is fine",
            "findings": [{"name": "disk:C:", "reason": "full"}],
        },
    }


def test_calls_of_windows() -> None:
    made = example(f"json {coded(json.dumps(DISKS))}\nnoise\n", windows=True)
    assert made["commands"] == {
        "Get-CimInstance -ClassName Win32_LogicalDisk": {"objects": [{"DeviceID": "C:", "Size": 5}]}
    }
    assert "facts" not in made


def test_text_of_several_lines_stands_as_a_block() -> None:
    assert (
        example_text({"title": "x", "commands": {"df": "a\nb\n"}})
        == "title: x\ncommands:\n  df: |\n    a\n    b\n"
    )
