from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mspctl.model.playbook import Module, Parameter, ParameterType
from mspctl.model.secret import Secret, SecretRef
from mspctl.render.jinja import JinjaRenderer
from mspctl.render.quoting import Bare, UnfitValueError, plain, quoted, raw, secret, word
from tests.unit.render.shells import SHELLS, output

# Every text that has bytes and that a command can take.
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
NASTY = st.text(st.sampled_from("'\"\\$`;&|<>(){}[]*?!#~=%\n\r\t ax-é{%")).map(lambda text: f"{text}'")

PRINT = Module(
    "print",
    "Print",
    (Parameter("text", ParameterType.TEXT), Parameter("words", ParameterType.LIST)),
    posix="x={{ text }}\nprintf '%s\\0' \"$x\" {{ text }} {{ words }} {{ text }}\n",
)


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=60)
@given(text=TEXT | NASTY, words=st.lists(TEXT | NASTY, max_size=3))
def test_any_text_reaches_the_shell_as_it_is(shell: str, text: str, words: list[str]) -> None:
    script = JinjaRenderer().module(PRINT, {"text": text, "words": tuple(words)})
    expected = "".join(f"{each}\0" for each in (text, text, *words, text))
    assert output(shell, script) == expected.encode()


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=30)
@given(text=TEXT | NASTY)
def test_any_text_in_a_command_line_is_one_word(shell: str, text: str) -> None:
    line = JinjaRenderer().shell_text("printf '%s\\0' {{ vars.x }} b", {"vars": {"x": text}}, place=None)
    # Twice quoted, as a module hands a command line to another shell.
    assert output(shell, f"sh -c {quoted(line)}") == f"{text}\0b\0".encode()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "1"),
        (False, "''"),
        (None, "''"),
        (0, "0"),
        (-5, "-5"),
        (90.0, "90"),
        (1.5, "1.5"),
        ((), ""),
        (("a", 2, True), "'a' 2 1"),
        ("it's", "'it'\\''s'"),
    ],
)
def test_values_have_one_spelling_as_words(value: object, words: str) -> None:
    assert word(value) == words


@pytest.mark.parametrize(
    "value",
    [{"a": 1}, float("nan"), float("inf"), "a\0b", "\ud800", Secret("x"), SecretRef("env", "X"), object()],
)
def test_what_has_no_words_is_refused(value: object) -> None:
    with pytest.raises(UnfitValueError):
        word(value)


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (False, "false"), (None, ""), (3, "3"), (2.0, "2"), ("it's", "it's")]
)
def test_values_have_one_spelling_as_text(value: object, text: str) -> None:
    assert plain(value) == text


@pytest.mark.parametrize("value", [("a",), {"a": 1}, SecretRef("env", "X"), Secret("x"), "env:PASSWORD"])
def test_what_is_no_text_is_refused(value: object) -> None:
    with pytest.raises(UnfitValueError):
        plain(value)


@given(st.text())
def test_raw_lets_nothing_through_that_a_shell_reads(text: str) -> None:
    try:
        found = raw(text)
    except UnfitValueError:
        return
    assert not set(found) & set("'\"\\$`;&|<>(){}[]*?!#~ \t\r\n\0")


def test_raw_takes_numbers() -> None:
    assert raw(12) == "12"


@pytest.mark.parametrize("value", ["secret_0", None, SecretRef("env", "X")])
def test_only_slots_are_secrets(value: object) -> None:
    with pytest.raises(UnfitValueError):
        secret(value)


@pytest.mark.parametrize("function", [word, plain])
def test_text_stays_what_it_is(function: Callable[[object], str]) -> None:
    assert isinstance(function("a"), str)
    assert word(Bare("$x")) == "$x"
