"""Each example of each shipped module, under each shell that a host may have."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.library.folders import FolderLibrary, open_library
from mspctl.model.event import Report, ReportKind
from mspctl.model.value import Value
from mspctl.shipped import shipped_folder
from tests.unit.modules.example import Example, examples, read_example
from tests.unit.modules.runner import SHELLS, Result, inserted, run_example

MODULES = shipped_folder("templates") / "modules"
LISTS = {
    "changes": ReportKind.CHANGE,
    "findings": ReportKind.FINDING,
    "held": ReportKind.HELD,
    "notes": ReportKind.NOTE,
}
MAPS = {"facts": ReportKind.FACT, "metrics": ReportKind.METRIC}


@pytest.fixture(scope="module")
def library() -> FolderLibrary:
    return open_library(None)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("path", examples(MODULES), ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_the_module_does_what_its_example_says(
    path: Path, shell: str, library: FolderLibrary, tmp_path: Path
) -> None:
    example = read_example(path)
    error = example.expect.get("error")
    if error is not None:
        with pytest.raises(ConfigurationError, match=str(error)):
            run_example(example, shell, tmp_path, library)
        return
    compare(example, run_example(example, shell, tmp_path, library), tmp_path / "root")


def compare(example: Example, result: Result, root: Path) -> None:
    """What the example expects; the rest is free, but for calls without a recording."""
    expect = {name: inserted(value, root) for name, value in example.expect.items()}
    shown = f"{result.ended}\n{result.reports}\ncalls: {result.calls}\n{result.output}"
    assert not result.surprises, shown
    if "status" in expect:
        assert result.ended.status == expect["status"], shown
    if "forecast" in expect:
        assert str(result.ended.forecast) == expect["forecast"], shown
    if "reason" in expect:
        assert str(expect["reason"]) in result.ended.reason, shown
    if "output" in expect:
        assert str(expect["output"]) in result.output, shown
    for name, kind in LISTS.items():
        if name in expect:
            compare_list(expect[name], result.of(kind), shown)
    for name, kind in MAPS.items():
        if name in expect:
            found = {report.name: report.value for report in result.of(kind)}
            assert {key: found.get(key) for key in pairs(expect[name])} == pairs(expect[name]), shown
    compare_traces(expect, result, root)


def compare_list(expected: Value, found: tuple[Report, ...], shown: str) -> None:
    assert isinstance(expected, tuple), "expected reports are a list"
    assert len(found) == len(expected), shown
    for want, report in zip(expected, found, strict=True):
        have = {**dict(report.fields), "name": report.name, "value": report.value}
        wanted = pairs(want) if isinstance(want, Mapping) else {"name": str(want)}
        assert {key: have.get(key) for key in wanted} == wanted, shown


def compare_traces(expect: Mapping[str, Value], result: Result, root: Path) -> None:
    for name, content in pairs(expect.get("files")).items():
        file = root / name.removeprefix("/")
        assert (file.read_text() if file.exists() else "") == content
    wanted = expect.get("calls")
    if isinstance(wanted, tuple):
        rest = iter(result.calls)
        assert all(str(line) in rest for line in wanted), f"{wanted} not in this order in {result.calls}"


def pairs(value: Value) -> dict[str, str]:
    """A map with its values as text: all that a host can say."""
    assert value is None or isinstance(value, Mapping), "expected a map"
    return {key: "" if item is None else str(item) for key, item in (value or {}).items()}
