"""The recorder of `mspctl dev capture`, run by our interpreter: it tells what commands answered."""

from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.library.folders import FolderLibrary, open_library
from tests.unit.modules.example import examples, read_example
from tests.unit.modules.test_examples import MODULES
from tests.unit.powershell.examples import run_recorded, run_windows


@pytest.fixture(scope="module")
def library() -> FolderLibrary:
    return open_library(None)


REGISTRY = ("Test-Path ", "Get-ItemProperty ", "Get-Item ")
"""Examples have these by key; the interpreter takes them as calls, too."""
ASKING = [path for path in examples(MODULES, windows=True) if read_example(path).windows["commands"]]
"""Those whose modules call commands of PowerShell."""


@pytest.mark.parametrize("path", ASKING, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_calls_are_told_by_the_lines_that_examples_go_by(path: Path, library: FolderLibrary) -> None:
    example = replace(read_example(path), check_mode=True)
    told = [call["line"] for call in run_recorded(example, library)]
    _, host = run_windows(example, library)
    asked = [line for line in host.calls if line.startswith(("Get-", "Test-"))]
    told, asked = ([each for each in lines if not each.startswith(REGISTRY)] for lines in (told, asked))
    assert told == asked


def test_answers_are_told_with_what_the_module_asks_for(library: FolderLibrary) -> None:
    (call,) = run_recorded(read_example(MODULES / "disk/examples/windows-warning.yml"), library)
    assert call["objects"] == [{"deviceid": "C:", "size": 1000, "freespace": 100}]
    (call,) = run_recorded(read_example(MODULES / "event-log/examples/windows-no-such-log.yml"), library)
    assert (call["error"][:19], call["id"][:19]) == ("There is not an eve", "NoMatchingLogsFound")
