"""I11: Latin-1, UTF-16, NUL, C1, bidi, zero-width, homoglyph names: refused; a BOM is accepted."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, accepted, check_refuses, refused


@pytest.mark.parametrize(
    ("content", "said", "where"),
    [
        (ONE_HOST.encode() + "# Müller".encode("latin-1"), "not UTF-8", (6, 4)),
        (ONE_HOST.encode("utf-16"), "UTF-16", (0, 0)),
        (ONE_HOST.encode("utf-16-be"), "U+0000", (1, 1)),
        (ONE_HOST.encode() + b"# \0", "U+0000", (6, 3)),
        (ONE_HOST.encode() + b"# \x1b[31m", "U+001B", (6, 3)),
        (ONE_HOST.encode() + "# \x9b31m".encode(), "U+009B", (6, 3)),
        (ONE_HOST.encode() + "# \u202egnp".encode(), "U+202E", (6, 3)),
        (ONE_HOST.encode() + "# a\u200bb".encode(), "U+200B", (6, 4)),
        (ONE_HOST.encode() + "# a\u2028b".encode(), "U+2028", (6, 4)),
        (ONE_HOST.encode() + b"# a\rsites: {}", "U+000D", (6, 4)),
        (ONE_HOST.encode() + b"\xed\xa0\x80", "not UTF-8", (6, 1)),
    ],
)
def test_text_that_deceives_is_refused(
    tmp_path: Path, content: bytes, said: str, where: tuple[int, int]
) -> None:
    problem = refused(tmp_path, content)[0]
    assert said in problem.problem
    assert problem.place is not None
    assert (problem.place.line, problem.place.column) == where


@pytest.mark.parametrize("escape", ["\\0", "\\e[31m", "\\u202e", "\\x9b", "\\u200b", "\\uFEFF"])
def test_escapes_do_not_bring_them_back(tmp_path: Path, escape: str) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace("sites:", f'name: "a{escape}b"\nsites:'))
    assert "an escape stands for a character that cannot be seen" in problem.problem


@pytest.mark.parametrize(
    "name",
    ["w\u0435b1", "web1\u00ad", "WEB1", "web 1", "web1é", "\uff11", "web_1\u0301", ".web", "-web", "x" * 64],
)
def test_names_are_plain_ascii(tmp_path: Path, name: str) -> None:
    problems = refused(tmp_path, ONE_HOST.replace("web1:", f'"{name}":'))
    assert "is no name" in problems[0].problem
    assert problems[0].place is not None
    assert (problems[0].place.line, problems[0].place.column) == (5, 7)


def test_a_bom_is_accepted(tmp_path: Path) -> None:
    assert accepted(tmp_path, b"\xef\xbb\xbf" + ONE_HOST.encode()).hosts[0].name == "web1"


def test_honest_letters_are_accepted(tmp_path: Path) -> None:
    inventory = accepted(tmp_path, ONE_HOST.replace("sites:", "name: Zahnärzte Łódź 歯科 🦷\nsites:"))
    assert inventory.clients[0].name == "Zahnärzte Łódź 歯科 🦷"


def test_the_command_says_so(tmp_path: Path) -> None:
    refused(tmp_path, ONE_HOST.encode() + "# \u202egnp".encode())
    check_refuses(tmp_path, "inventory/clients/acme.yml:6:3: the character U+202E is not allowed")
