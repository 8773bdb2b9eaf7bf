"""Each example of each module's half for Windows, run by an interpreter of what we use of PowerShell.

It shows that the text does with the recorded answers what the example says, as we read the language. It
does not show that Windows answers so.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.library.folders import FolderLibrary, open_library
from mspctl.model.outcome import StepStatus
from tests.unit.modules.example import examples, read_example
from tests.unit.modules.test_examples import MODULES, compare, pairs
from tests.unit.powershell.examples import content_of, run_windows
from tests.unit.powershell.programs import rendered_modules

RECORDED = re.compile(r"not recorded on Windows|on windows(-server)? \d+")
"""What no Windows has said yet, or as `mspctl dev capture` writes it."""


@pytest.fixture(scope="module")
def library() -> FolderLibrary:
    return open_library(None)


@pytest.mark.parametrize(
    "path", examples(MODULES, windows=True), ids=lambda path: f"{path.parent.parent.name}-{path.stem}"
)
def test_the_module_does_what_its_example_says(path: Path, library: FolderLibrary, tmp_path: Path) -> None:
    example = read_example(path)
    error = example.expect.get("error")
    if error is not None:
        with pytest.raises(ConfigurationError, match=str(error)):
            run_windows(example, library)
        return
    result, host = run_windows(example, library)
    # Windows may be told to log what commands are given.
    assert not [call for call in host.calls for secret in example.secrets.values() if str(secret) in call]
    files = pairs(example.expect.get("files"))
    expect = {name: value for name, value in example.expect.items() if name != "files"}
    compare(replace(example, expect=expect), result, tmp_path)
    for name, text in files.items():
        assert host.files.get(name.lower(), b"") == content_of(text), name


def test_of_very_many_old_snapshots_no_more_go_at_once_than_fit_into_a_line(library: FolderLibrary) -> None:
    example = read_example(MODULES / "backup-files" / "examples" / "windows-good.yml")
    programs = example.windows["programs"]
    assert isinstance(programs, Mapping)
    listing = next(line for line in programs if line.endswith("--json --host dc1"))
    shape = '{{"time":"2026-11-{0:02}T03:00:00Z","tags":["mspctl"],"id":"{1:064x}","short_id":"{1:08x}"}}'
    many = ",".join(shape.format(1 + number // 20, number) for number in range(600))
    given = {line: answer for line, answer in programs.items() if " forget " not in line}
    given |= {listing: {"stdout": f"[{many}]\n"}, "* forget --prune *": {"stdout": "\n"}}
    result, host = run_windows(replace(example, windows={**example.windows, "programs": given}), library)
    assert result.ended.status is StepStatus.CHANGED, result.ended.reason
    (line,) = (call for call in host.calls if " forget " in call)
    assert 400 * 65 < len(line) < 32767


def test_each_module_has_examples_that_say_where_they_come_from() -> None:
    paths = examples(MODULES, windows=True)
    without = set(rendered_modules()) - {path.parent.parent.name for path in paths}
    assert without == set()
    said = {str(path): read_example(path).recorded for path in paths}
    assert {path: word for path, word in said.items() if not RECORDED.fullmatch(word)} == {}
