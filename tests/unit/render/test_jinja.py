import subprocess
import sys

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.model.playbook import Module
from mspctl.render.jinja import JinjaRenderer

PLACE = Place("playbooks/patch.yml", 7, 13)
NAMES = {
    "vars": {"managed": "yes", "names": ("a", "b"), "items": "mine", "motd": None, "on": True},
    "host": {"name": "web1"},
}


def value(source: str, files: dict[str, str] | None = None) -> object:
    return JinjaRenderer((files or {}).__getitem__).value(source, NAMES, place=PLACE)


def test_a_single_expression_keeps_its_type() -> None:
    assert value("{{ vars.names }}") == ("a", "b")
    assert value("{{- vars.on -}}") is True
    assert value("{{ vars.names | length + 1 }}") == 3


def test_other_templates_give_text() -> None:
    assert value("on {{ host.name }}: {{ vars.on }}{{ vars.motd }}") == "on web1: true"
    assert value("{% for n in vars.names %}{{ n }};{% endfor %}") == "a;b;"


def test_text_without_a_template_is_itself() -> None:
    assert value("${#x} { not } one") == "${#x} { not } one"


def test_a_variable_wins_over_a_method_of_its_map() -> None:
    assert value("{{ vars.items }}") == "mine"


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("{{ vars.manged }}", "manged is not defined", "did you mean managed?"),
        ("a {{ vars.manged }}", "manged is not defined", "did you mean managed?"),
        ("{{ hots.name }}", "hots is not defined", "did you mean host?"),
        ("{{ host.nmae }}", "nmae is not defined", "did you mean name?"),
        ("{{ vars.names }} x", "a list cannot be put into text", ""),
        ("{{ vars }} x", "cannot be put into text", ""),
        ("{{ 'a' * 1000000000 }}", "numbers only", ""),
        ("{{ 2 ** 9 }}", "is not available", ""),
        ("{{ 1 / 0 }} x", "division by zero", ""),
        ("{{ vars. }}", "not a valid template", ""),
        ("{% if %}", "not a valid template", ""),
        ("{{ vars.names.__class__ }} x", "unsafe", ""),
        ("{{ cycler }}", "cycler is not defined", ""),
        ("{% for a in range(10**9) %}{% endfor %}", "", ""),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "", ""),
    ],
)
def test_what_goes_wrong_has_the_place_of_the_playbook(source: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        value(source)
    text = str(caught.value)
    assert text.startswith("playbooks/patch.yml:7:13: ")
    assert message in text
    assert hint in text


def test_long_texts_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="longer than 1024 KiB"):
        value("{% for a in range(99999) %}aaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}")


def test_files_come_as_they_are_and_templates_rendered_once() -> None:
    files = {"motd": "{{ host.name }}\n", "motd.j2": "on {{ host.name }} {{ '{{ x }}' }}\n"}
    assert value("{{ file('motd') }}", files) == "{{ host.name }}\n"
    assert value("{{ template('motd.j2') }}", files) == "on web1 {{ x }}\n"


def test_a_run_without_a_project_has_no_files() -> None:
    with pytest.raises(ConfigurationError, match="no file motd"):
        JinjaRenderer().value("{{ file('motd') }}", NAMES, place=PLACE)


def test_an_error_in_a_module_has_the_line_of_its_template() -> None:
    module = Module(
        "m", "M", (), posix="check() {\n    echo {{ nam }}\n}\n", place=Place("mods/m/module.yml")
    )
    with pytest.raises(ConfigurationError) as caught:
        JinjaRenderer().module(module, {"name": "x"})
    assert str(caught.value) == "mods/m/posix.sh.j2:2:1: nam is not defined (did you mean name?)"


def test_shell_lengths_are_no_comments() -> None:
    module = Module("m", "M", (), posix="x=${#y}\n{## gone ##}\n  {## gone\n ##}\nz={{ name }}\n")
    assert JinjaRenderer().module(module, {"name": "x"}) == "x=${#y}\nz='x'\n"


def test_the_sandbox_is_imported_by_the_first_template_only() -> None:
    code = (
        "import sys; from mspctl.render.jinja import JinjaRenderer; r = JinjaRenderer();"
        "r.value('plain', {}, place=None); assert 'jinja2' not in sys.modules;"
        "r.value('{{ 1 }}', {}, place=None); assert 'jinja2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=100)
