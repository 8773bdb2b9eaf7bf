"""T4: a value `x; reboot`, newline, NUL: quoted by default (`|raw` only for literals); NUL is refused."""

from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.value import Value
from tests.unit.compiling import Project
from tests.unit.render.shells import SHELLS, output

ATTACKS = (
    "x; echo OWNED",
    "x\necho OWNED",
    "$(echo OWNED)",
    "`echo OWNED`",
    "'; echo OWNED; '",
    "\\'; echo OWNED #",
    '"; echo OWNED; "',
    "x && echo OWNED",
    "x | echo OWNED",
    "-n",
    "*",
    "~root",
    "${HOME}",
    "\r\n\x1b]52;c;\x07\x1e\x1f",
)
REST = "needed() { :; }\n"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_a_value_is_one_word_in_scripts_and_command_lines(tmp_path: Path, shell: str, attack: str) -> None:
    project = Project(tmp_path)
    project.step(
        'text: "{{ vars.x }}"\nwords: ["{{ vars.x }}", b]\n'
        "run: \"printf '[%s]' {{ vars.x }}; printf '<%s>' {{ vars.list }}\""
    )
    body = project.body({"x": attack, "list": (attack, attack)})
    printed = output(shell, f"{REST}{body}\ncheck")
    assert printed == f"{attack}\n{attack}\nb\n[{attack}]<{attack}><{attack}>".encode()


@pytest.mark.parametrize("value", ["a\0b", ("a", "b\0"), "\ud800"])
def test_what_no_command_can_take_is_refused(tmp_path: Path, value: Value) -> None:
    project = Project(tmp_path)
    project.step('text: a\nwords: "{{ vars.x }}"')
    with pytest.raises(ConfigurationError, match=r"NUL|surrogate"):
        project.body({"x": value})
    project.step('text: a\nrun: "echo {{ vars.x }}"')
    with pytest.raises(ConfigurationError, match=r"NUL|surrogate"):
        project.body({"x": value})


@pytest.mark.parametrize("attack", ATTACKS)
def test_raw_is_for_harmless_words_only(tmp_path: Path, attack: str) -> None:
    if attack == "-n":
        return
    project = Project(tmp_path)
    project.step('text: a\nrun: "echo {{ vars.x | raw }}"')
    with pytest.raises(ConfigurationError, match="raw takes only"):
        project.body({"x": attack})


@pytest.mark.parametrize("place", ["echo '{{ vars.x }}'", 'echo \\"{{ vars.x }}\\"', "echo `{{ vars.x }}`"])
def test_quotes_around_a_value_are_refused(tmp_path: Path, place: str) -> None:
    project = Project(tmp_path)
    project.step(f'text: a\nrun: "{place}"')
    with pytest.raises(ConfigurationError, match="a value cannot stand inside") as caught:
        project.body({"x": "a"})
    assert "try.yml:7:12" in str(caught.value)
