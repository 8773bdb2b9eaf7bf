"""What `mspctl dev capture` makes of a Windows host is an example that holds, whatever the module asks.

The recorder's own text runs in the interpreter on an example's host; what it tells becomes another example,
on which the module must say the same.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.engine.exampleform import example_of
from mspctl.library.folders import FolderLibrary, open_library
from mspctl.parse.exampletext import example_text
from tests.unit.modules.example import examples, read_example
from tests.unit.modules.test_examples import MODULES, compare
from tests.unit.powershell.examples import run_recorded, run_windows
from tests.unit.powershell.programs import rendered_modules


@pytest.fixture(scope="module")
def library() -> FolderLibrary:
    return open_library(None)


UNTOLD = "windows-marked"
"""Not to be recorded: what goes to a program's stdin may be a password, so nothing of that is noted."""


def chosen() -> Iterator[Path]:
    """Of each module one example for each set of sources that it asks."""
    seen: set[tuple[str, ...]] = set()
    for path in examples(MODULES, windows=True):
        example = read_example(path)
        asked = sorted(name for name, value in {**example.windows, "files": example.files}.items() if value)
        if path.stem == UNTOLD or "error" in example.expect:
            continue
        if (example.module, *asked) not in seen:
            seen.add((example.module, *asked))
            yield path


@pytest.mark.parametrize("path", tuple(chosen()), ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_captured_example_holds(path: Path, library: FolderLibrary, tmp_path: Path) -> None:
    example = replace(read_example(path), check_mode=True)
    found = run_recorded(example, library)
    assert found.ended is not None
    for secret in (word for word in map(str, example.secrets.values()) if word != "word"):
        assert secret not in f"{found.sources}{found.calls}"
        assert b64encode(secret.encode()).decode()[:6] not in f"{found.sources}"
    made = example_of("As recorded", example.params, found, tuple(example.secrets), str, windows=True)
    file = tmp_path / example.module / "examples" / "windows-made.yml"
    file.parent.mkdir(parents=True)
    file.write_text(example_text(made))
    again = read_example(file)
    again = replace(again, windows={**again.windows, "kept": example.windows.get("kept")})
    result, host = run_windows(again, library)
    compare(again, result, tmp_path)
    # Nothing of the recorder's own is in it, and nothing that nobody asks.
    assert {call.line for call in found.calls} <= set(host.calls)


def test_each_module_is_among_them() -> None:
    assert {path.parent.parent.name for path in chosen()} == set(rendered_modules())


def test_answers_are_told_with_what_the_module_asks_for(library: FolderLibrary) -> None:
    (call,) = run_recorded(read_example(MODULES / "disk/examples/windows-warning.yml"), library).calls
    assert call.answer["objects"] == [{"deviceid": "C:", "size": 1000, "freespace": 100}]
    path = MODULES / "event-log/examples/windows-no-such-log.yml"
    (call,) = run_recorded(read_example(path), library).calls
    assert str(call.answer["error"]).startswith("There is not an event")
    assert str(call.answer["id"]).startswith("NoMatchingLogsFound")
