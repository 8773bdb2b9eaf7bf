"""The checks of Windows modules: each one is shown bad by some example and good by another."""

import pytest

from mspctl.library.folders import FolderLibrary, open_library
from mspctl.model.event import ReportKind
from tests.unit.modules.example import examples, read_example
from tests.unit.modules.test_examples import MODULES
from tests.unit.powershell.examples import run_windows
from tests.unit.powershell.programs import rendered_modules


@pytest.fixture(scope="module")
def library() -> FolderLibrary:
    return open_library(None)


def judging(library: FolderLibrary) -> tuple[str, ...]:
    """The modules with a half for Windows that declare checks."""
    return tuple(name for name in rendered_modules() if library.module(name).checks)


def test_each_check_is_shown_in_both_directions(library: FolderLibrary) -> None:
    names = judging(library)
    wanted = {
        (check.name, state)
        for name in names
        for check in library.module(name).checks
        for state in ("good", "bad")
    }
    shown = {
        (fact.name.removeprefix("check."), fact.value)
        for path in examples(MODULES, windows=True)
        if path.parent.parent.name in names
        for fact in run_windows(read_example(path), library)[0].of(ReportKind.FACT)
    }
    assert len(wanted) > 80
    assert wanted - shown == set()
