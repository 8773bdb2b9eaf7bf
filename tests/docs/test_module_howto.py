"""The module of the how-to works: its files are taken from the page, and its example is run."""

import re
from pathlib import Path

import pytest

from mspctl.library.folders import open_library
from tests.architecture.source import ROOT
from tests.docs.blocks import blocks_of
from tests.unit.modules.example import examples, read_example
from tests.unit.modules.runner import SHELLS, run_example
from tests.unit.modules.test_examples import compare

PAGE = ROOT / "docs" / "howto" / "write-a-module.md"
# The first line of a block that is a file says which one, as a comment of its language.
NAMED = re.compile(r"^(?:#|\{##) (?P<path>(?:templates|playbooks)/\S+)")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for block in blocks_of(PAGE):
        named = NAMED.match(block.text)
        if named:
            path = folder / named["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("shell", SHELLS)
def test_its_example_holds(shell: str, project: Path, tmp_path: Path) -> None:
    found = examples(project / "templates" / "modules")
    assert len(found) == 1
    example = read_example(found[0])
    folder = tmp_path / "run"
    folder.mkdir()
    compare(example, run_example(example, shell, folder, open_library(project)), folder / "root")


def test_its_playbook_is_found(project: Path) -> None:
    assert open_library(project).playbook("office").steps[0].module == "timezone"
