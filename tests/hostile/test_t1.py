"""T1: a fact `{{ cycler.__init__... }}` is literal text on the wire; never evaluated."""

from pathlib import Path

import pytest

from tests.unit.compiling import Project, host
from tests.unit.render.shells import SHELLS, output

ATTACKS = (
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ 7 * 7 }}",
    "{% for x in [1] %}{{ x }}{% endfor %}",
    "{{ vars.other }}",
    "{## gone ##}",
    "{{ file('motd') }}",
)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("text", ["{{ vars.x }}", "a {{ vars.x }} b", "{{ template('t') }}"])
def test_values_with_template_syntax_are_mere_text(
    tmp_path: Path, shell: str, attack: str, text: str
) -> None:
    project = Project(tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t").write_text("{{ vars.x }}")
    (tmp_path / "files" / "motd").write_text("read!")
    project.step(f'text: "{text}"')
    body = project.body({"x": attack, "other": "seen!"})
    printed = output(shell, f"needed() {{ :; }}\n{body}\ncheck").decode()
    assert printed == (f"a {attack} b\n" if text.startswith("a ") else f"{attack}\n")


def test_the_names_of_templates_hold_nothing_from_a_host(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "t").write_text(
        "{{ facts is defined }} {{ os_id is defined }} {{ ansible is defined }}"
    )
    project.step("text: \"{{ template('t') }}\"")
    assert "'false false false'" in project.compile(host()).bundles[0].steps[0].body
