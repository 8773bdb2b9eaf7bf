"""The checks of Windows modules: some example shows each bad, another good, and each remedy at work."""

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


def test_each_check_is_shown_in_both_directions_and_each_remedy_at_work(library: FolderLibrary) -> None:
    names = judging(library)
    wanted = {
        (check.name, state)
        for name in names
        for check in library.module(name).checks
        for state in ("good", "bad")
    }
    mended = {check.name for name in names for check in library.module(name).checks if check.mends}
    results = [
        run_windows(read_example(path), library)[0]
        for path in examples(MODULES, windows=True)
        if path.parent.parent.name in names and not read_example(path).check_mode
    ]
    facts = {
        (fact.name.removeprefix("check."), fact.value)
        for each in results
        for fact in each.of(ReportKind.FACT)
    }
    changes = {
        change.name.removeprefix("check:") for each in results for change in each.of(ReportKind.CHANGE)
    }
    assert (len(wanted), len(mended)) > (140, 25)
    assert wanted - facts == set()
    assert mended - changes == set()
