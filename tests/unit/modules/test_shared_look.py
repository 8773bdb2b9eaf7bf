"""Modules that look in one shell with others: what an earlier step left behind changes no verdict."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.library.folders import open_library
from mspctl.model.event import Event
from mspctl.model.playbook import Module
from mspctl.render.jinja import JinjaRenderer
from mspctl.shipped import shipped_folder
from mspctl.testing.shell_transport import ShellTransport
from tests.unit.engine.bundles import bundle, endings, events, plan, step, step_endings

_NAME = re.compile(r"\b([a-z_][a-z0-9_]*)=")
_FRAME = frozenset(
    {"spool", "lock", "unlock", "locked", "looked", "stopped", "any_failed", "dog", "follower", "init", "pkg"}
)


def shared_modules() -> Iterator[Module]:
    library = open_library(None)
    for folder in sorted((shipped_folder("templates") / "modules").iterdir()):
        if (folder / "module.yml").is_file():
            module = library.module(folder.name)
            if module.shared_look:
                yield module


def poison() -> str:
    """Every variable that any module, library or the frame's helpers set, set to something misleading."""
    texts = [
        path.read_text() for path in shipped_folder("templates").rglob("*.sh*") if path.name != "launch.sh"
    ]
    names = sorted({name for text in texts for name in _NAME.findall(text)} - _FRAME)
    kept = [
        name
        for name in names
        if not name.startswith(("status_", "os_")) and name not in {"limit", "soft", "phase", "_i"}
    ]
    return "\n".join(f"{name}='poison /nowhere 99'" for name in kept)


SAMPLES: dict[str, dict[str, object]] = {
    "file": {"path": "{folder}/file", "content": "as it is\n", "mode": "0644"},
    "directory": {"path": "{folder}", "mode": "0755"},
    "line": {"path": "{folder}/file", "line": "as it is"},
}


def test_every_module_that_shares_a_shell_is_tried_here() -> None:
    assert {module.name for module in shared_modules()} == set(SAMPLES)


@pytest.mark.parametrize("name", sorted(SAMPLES))
@pytest.mark.parametrize("state", ["well", "not well"])
def test_what_others_left_behind_changes_no_verdict(name: str, state: str, tmp_path: Path) -> None:
    good = state == "well"
    tmp_path.chmod(0o755)
    (tmp_path / "file").write_text("as it is\n" if good else "otherwise\n")
    (tmp_path / "file").chmod(0o644)
    if not good and name == "directory":
        tmp_path.chmod(0o700)
    module = open_library(None).module(name)
    defaults = {each.name: each.default for each in module.parameters}
    given = {
        key: value.format(folder=tmp_path) if isinstance(value, str) else value
        for key, value in SAMPLES[name].items()
    }
    body = JinjaRenderer().module(module, {**defaults, **given})  # type: ignore[dict-item]
    libraries = tuple(open_library(None).shell(f"lib/{library}") for library in module.libraries)
    alone = _statuses(body, libraries, poisoned=False)
    together = _statuses(body, libraries, poisoned=True)
    assert alone == together
    assert alone[0] == ("ok" if good else "changed")


def _statuses(body: str, libraries: tuple[str, ...], *, poisoned: bool) -> list[str]:
    """The forecast of the step, alone or behind a step that poisons the shell that both look in."""
    steps = [step(0, body, changes=False)]
    if poisoned:
        spoiler = f"{poison()}\ncheck() {{ ok 'poured'; }}"
        steps = [step(0, spoiler, shared_look=True), step(1, body, shared_look=True, changes=False)]
    made = replace(bundle(*steps, check_mode=True), libraries=libraries)
    found: list[Event] = events(plan(made), ShellTransport())
    assert endings(found)
    return [str(ended.status) for ended in step_endings(found)][1 if poisoned else 0 :]
