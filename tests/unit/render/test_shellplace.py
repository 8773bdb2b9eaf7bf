import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.model.playbook import Module
from mspctl.render.jinja import JinjaRenderer
from tests.unit.render.shells import SHELLS, output


def render(script: str, value: object = "a b") -> str:
    module = Module("m", "M", (), posix=script, place=Place("mods/m/module.yml"))
    return JinjaRenderer().module(module, {"x": value})  # type: ignore[dict-item] # hostile values too


@pytest.mark.parametrize(
    ("script", "where"),
    [
        ('echo "{{ x }}"', "inside double quotes"),
        ("echo '{{ x }}'", "inside single quotes"),
        ("echo `ls {{ x }}`", "inside backquotes"),
        ("echo ${y:-{{ x }}}", "inside ${…}"),
        ('echo "${y:-{{ x }}}"', "inside ${…}"),
        ("true # {{ x }}", "inside a comment"),
        ("# it's {{ x }}", "inside a comment"),
        ("cat <<END\n{{ x }}\nEND\n", "inside a here-document"),
        ("cat <<-'END'\n\t{{ x }}\n\tEND\n", "inside a here-document"),
        ("cat <<A <<B\nA\n{{ x }}\nB\n", "inside a here-document"),
        ("echo \\{{ x }}", "after a backslash"),
        ("echo ${{ x }}", "after a $"),
        ('echo "$(echo "{{ x }}")"', "inside double quotes"),
        ('echo "it\'s {{ x }}"', "inside double quotes"),
        ("echo \"${y#'}'}\" {{ x }}", "after a single quote"),
        ('echo "a\\"{{ x }}"', "inside double quotes"),
        ("echo 'a\\'; echo '{{ x }}'", "inside single quotes"),
        ("echo \"$(case $y in a) echo 'b' ;; esac) {{ x }}\"", "inside double quotes"),
    ],
)
def test_a_value_is_refused_where_its_quotes_do_not_hold(script: str, where: str) -> None:
    with pytest.raises(ConfigurationError, match="a value cannot stand") as caught:
        render(f"true\n{script}")
    assert where in str(caught.value)
    line = 2 + script[: script.index("{{")].count("\n")
    assert f"mods/m/posix.sh.j2:{line}:" in str(caught.value)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "script",
    [
        "echo {{ x }}",
        'y={{ x }}; echo "$y"',
        'echo "$(echo {{ x }})"',
        "(echo {{ x }})",
        "y='it'; z=\"#\"; echo {{ x }} # it's",
        "case a in a) echo {{ x }} ;; esac",
        "case {{ x }} in 'a b') echo {{ x }} ;; esac",
        'echo "$(case a in a) echo {{ x }} ;; esac)"',
        "cat <<END >/dev/null\nit's\nEND\necho {{ x }}",
        "y=abc; [ ${#y} = 3 ] && echo {{ x }}",
        'y="${z:-it}"; echo {{ x }}',
        "y=${z:-'}'}; echo {{ x }}",
        'echo "\\"" >/dev/null; echo {{ x }}',
        "echo {{ x }}\\\n\n",
        "f() { echo {{ x }}; }; f",
        "[ $((1 + 2)) = 3 ] && echo {{ x }}",
        "if ! false; then echo {{ x }}; fi",
    ],
)
def test_a_value_is_one_word_where_words_stand(script: str, shell: str) -> None:
    assert output(shell, render(script)) == b"a b\n"


@pytest.mark.parametrize("script", ['echo "a{{ x | raw }}"', "# {{ x | raw }}", "y=${{ '{' }}"])
def test_raw_values_stand_anywhere(script: str) -> None:
    if "raw" in script:
        assert "ab-1" in render(script, "ab-1")
        with pytest.raises(ConfigurationError, match="raw takes only"):
            render(script, "a b")
    else:
        with pytest.raises(ConfigurationError, match=r"after a \$"):
            render(script)


@pytest.mark.parametrize(
    "script", ["y={{ x }}", "echo a{{ x }}", "echo {{ x }}b", "echo {{ x }}{{ x }}", "--name={{ x }}"]
)
def test_a_list_is_never_a_part_of_a_word(script: str) -> None:
    with pytest.raises(ConfigurationError, match="a list cannot be a part of a word"):
        render(script, ("a", "b"))
    assert render(script, "a")


@pytest.mark.parametrize(
    "script", ["set -- {{ x }}", "for y in {{ x }}; do", "f {{ x }} | cat", "$(f {{ x }})"]
)
def test_a_list_stands_where_words_stand(script: str) -> None:
    assert "'a' 'b'" in render(script, ("a", "b"))


def test_a_joined_list_is_one_word() -> None:
    assert render("y={{ x | join(',') }}", ("a", "b")) == "y='a,b'"
