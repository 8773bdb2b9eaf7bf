"""Adapters for backups that others make: those shipped are whole, and a project adds its own."""

import re
from pathlib import Path

import pytest

from mspctl.library.folders import FolderLibrary
from mspctl.library.places import places_of
from mspctl.model.backup import FILES, ON_THE_SAME_DISK
from mspctl.model.event import ReportKind
from mspctl.model.outcome import StepStatus
from mspctl.shipped import shipped_folder
from tests.unit.modules.example import Example
from tests.unit.modules.runner import Result, run_example

FOLDER = shipped_folder("templates") / "foreign"
EXAMPLES = shipped_folder("templates") / "modules" / "backup-state" / "examples"
SHIPPED = sorted(path for path in FOLDER.iterdir() if path.suffix in {".sh", ".ps1"})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_each_adapter_has_its_function_and_an_example(path: Path) -> None:
    text = path.read_text()
    wanted = f"function Read-{path.stem} {{" if path.suffix == ".ps1" else f"foreign_{path.stem}() {{"
    assert (wanted if path.suffix == ".ps1" else wanted.replace("-", "_")) in text
    assert text.startswith("# ")
    windows = path.suffix == ".ps1"
    named = [
        each.name
        for each in EXAMPLES.iterdir()
        if each.name.startswith("windows-") is windows
        and (path.stem == FILES or re.search(rf"kinds: \[{path.stem}\]", each.read_text()))
    ]
    assert named
    assert {each.stem for each in SHIPPED} >= ON_THE_SAME_DISK


def own(tmp_path: Path, text: str) -> Result:
    folder = tmp_path / "project" / "templates" / "foreign"
    folder.mkdir(parents=True)
    (folder / "my-nas.sh").write_text(text)
    project = tmp_path / "project"
    library = FolderLibrary(places_of(project, shipped_folder("templates"), shipped_folder("playbooks")))
    params = {"foreign": ("nas|93600|10|my-nas:share A",), "kinds": ("my-nas",)}
    example = Example("backup-state", "own", params, False, {}, {}, {}, {}, {})  # noqa: FBT003
    (tmp_path / "run").mkdir()
    return run_example(example, "dash", tmp_path / "run", library)


def test_a_project_adds_an_adapter_by_a_file(tmp_path: Path) -> None:
    found = own(tmp_path, 'foreign_my_nas() { echo noise; saw good "$(date +%s)" 12 "$1"; }\n')
    facts = {report.name: report.value for report in found.of(ReportKind.FACT)}
    assert (found.ended.status, facts["foreign.verdict:nas"]) == (StepStatus.OK, "ok")


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (":", "unknown"),
        ("exit 0", "unknown"),
        ("return 1", "unknown"),
        ("saw splendid $(date +%s) 12 words", "unknown"),
        ("saw good yesterday 12 words", "unknown"),
        ("saw good $(date +%s) many words", "unknown"),
        ("saw good $(($(date +%s) + 9000)) 12 words", "failed"),
        ("saw good 1 12 words", "too old"),
        ("answered=good now=0; saw bad '' '' words", "failed"),
    ],
)
def test_what_an_adapter_does_not_say_is_not_good(tmp_path: Path, body: str, verdict: str) -> None:
    found = own(tmp_path, f"foreign_my_nas() {{ {body}; }}\n")
    facts = {report.name: report.value for report in found.of(ReportKind.FACT)}
    assert (found.ended.status, facts.get("foreign.verdict:nas")) == (StepStatus.FAILED, verdict)
