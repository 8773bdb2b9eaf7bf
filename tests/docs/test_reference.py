"""The generated pages say what the code does."""

from dataclasses import fields
from pathlib import Path

import pytest

from mspctl.cli.exits import Exit
from mspctl.docsgen.__main__ import DOCS, main
from mspctl.docsgen.page import NOTICE, Page, block, table
from mspctl.docsgen.pages import pages
from mspctl.docsgen.playbooks import CONDITIONS, NAMED, STEP_WORDS, TYPES
from mspctl.docsgen.verdicts import EXITS, FORECASTS, OUTCOMES, STATUSES
from mspctl.docsgen.write import stale, write
from mspctl.engine.compile_params import NAMES
from mspctl.errors import MspctlError
from mspctl.model.outcome import Forecast, Outcome, StepStatus
from mspctl.model.playbook import ConditionKind, ParameterType, Step


def test_the_pages_in_docs_are_up_to_date() -> None:
    assert stale(pages(DOCS), DOCS) == ()


def test_every_outcome_status_and_forecast_is_explained() -> None:
    assert set(OUTCOMES) == set(Outcome)
    assert set(STATUSES) == set(StepStatus)
    assert set(FORECASTS) == set(Forecast)


def test_every_exit_code_is_explained() -> None:
    assert set(EXITS) == set(Exit)


def test_every_name_of_templates_is_explained() -> None:
    assert set(NAMED) == set(NAMES)


def test_every_word_of_a_playbook_is_explained() -> None:
    assert set(TYPES) == set(ParameterType)
    assert set(CONDITIONS) == set(ConditionKind)
    assert {field.name for field in fields(Step)} - {"place", "places"} == set(STEP_WORDS)


def test_every_exit_code_of_an_error_is_explained() -> None:
    assert {error.exit_code for error in below(MspctlError)} <= set(EXITS)


def below(error: type[MspctlError]) -> set[type[MspctlError]]:
    return {error}.union(*(below(child) for child in error.__subclasses__()))


def test_every_page_in_the_reference_folder_is_generated() -> None:
    by_hand = [
        path.name
        for path in (DOCS / "reference").rglob("*.md")
        if not path.read_text(encoding="utf-8").startswith(NOTICE)
    ]
    assert by_hand == []


def test_writing_adds_changes_and_removes(tmp_path: Path) -> None:
    first = (Page("a.md", f"{NOTICE}\nold"), Page("sub/b.md", f"{NOTICE}\nb"))
    assert write(first, tmp_path) == ("a.md", "sub/b.md")
    (tmp_path / "hand.md").write_text("by hand", encoding="utf-8")
    assert write((Page("a.md", f"{NOTICE}\nnew"),), tmp_path) == ("a.md", "sub/b.md")
    assert (tmp_path / "a.md").read_text(encoding="utf-8").endswith("new")
    assert not (tmp_path / "sub/b.md").exists()
    assert (tmp_path / "hand.md").exists()


def test_wrong_usage_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chekc"]) == 2
    assert "usage" in capsys.readouterr().err


def test_tables_survive_any_cell() -> None:
    assert table(["a"], [["x | y\nz"]]).splitlines() == ["| a |", "| --- |", "| x \\| y z |"]


def test_blocks_survive_fences() -> None:
    assert block("sh", "```\n") == "````sh\n```\n````"
