"""Properties of the strict YAML reader, over everything that Hypothesis can write."""

import json

import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from mspctl.errors import ConfigurationError, Problem
from mspctl.parse.node import List, Map, Scalar, dotted, node_at, place_of, shown
from mspctl.parse.scalars import to_value
from mspctl.parse.source import DECEIVING
from mspctl.parse.yaml import parse_yaml_text, read_yaml

WORDS = """: | - |{|}|[|]|,|'|"|>|&a|*a|!x|!!str |#|%|---|...|?|<<|a|b|1|~|\\|\\u202e|\\0|é|@|`"""
PIECES = st.sampled_from([*WORDS.split("|"), "|", " ", "  ", "\n", "\t", "\r\n", "\ufeff", "\x85"])
LETTERS = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not DECEIVING.search(text))
LEAVES = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | LETTERS
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LETTERS, inner, max_size=4),
    max_leaves=20,
)


def never_fails_otherwise(content: bytes | str) -> None:
    root, problems = read(content)
    assert (root is None) == bool(problems)
    assert all(problem.place is not None and problem.place.file == "f.yml" for problem in problems)
    assert all(str(problem).isprintable() for problem in problems)
    to_value(root)


def read(content: bytes | str) -> tuple[Map | None, tuple[Problem, ...]]:
    try:
        return parse_yaml_text(content, "f.yml"), ()
    except ConfigurationError as error:
        return None, error.problems


@given(st.lists(PIECES, max_size=40))
def test_pieces_of_yaml_are_read_or_refused(pieces: list[str]) -> None:
    never_fails_otherwise("".join(pieces))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    never_fails_otherwise(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    never_fails_otherwise(content)


@given(st.dictionaries(LETTERS, LETTERS, min_size=1, max_size=5))
def test_quoted_text_comes_back_as_it_was(texts: dict[str, str]) -> None:
    written = json.dumps(texts, ensure_ascii=False).replace("\x7f", "\\u007f")
    assert to_value(parse_yaml_text(written, "f.yml")) == texts


@given(st.dictionaries(LETTERS, TREES, min_size=1, max_size=5))
def test_what_pyyaml_writes_comes_back(tree: dict[str, object]) -> None:
    class Dumper(pyyaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            del data
            return True

    def plain(value: object) -> object:
        if isinstance(value, tuple):
            return [plain(item) for item in value]
        return {key: plain(item) for key, item in value.items()} if hasattr(value, "items") else value

    written = pyyaml.dump(tree, Dumper=Dumper, allow_unicode=True)
    assert plain(to_value(parse_yaml_text(written, "f.yml"))) == tree


@given(st.integers(0, 300))
def test_places_count_characters_not_bytes(width: int) -> None:
    root = parse_yaml_text(f'{{"{"é" * width}": 1, b: 2}}', "f.yml")
    assert place_of(root, ("b",), "f.yml").column == width + 12


def test_nodes_know_where_they_stand() -> None:
    root = parse_yaml_text("a:\n  - x\n  - {b: 'q'}\nc:\n", "f.yml")
    item = node_at(root, ("a", 1, "b"))
    assert isinstance(item, Scalar)
    assert (item, item.line, item.column, item.plain) == ("q", 3, 9, False)
    assert isinstance(node_at(root, ("a",)), List)
    assert node_at(root, ("a", 9)) is None
    assert str(place_of(root, ("c",), "f.yml")) == "f.yml:4:1"
    assert str(place_of(root, ("a", 1, "zz"), "f.yml")) == "f.yml:3:5"
    assert str(place_of(root, ("a", 1, "b"), "f.yml", key=True)) == "f.yml:3:6"
    assert dotted(("a", 1, "b")) == "a[1].b"


def test_messages_hold_no_steering_characters() -> None:
    assert shown("a\x1b[31m\u202e") == "a\\x1b[31m\\u202e"
    assert len(shown("x" * 1000)) == 60


@pytest.mark.parametrize(
    "text",
    ["", "a:\n  b: 1\n c: 2\n", "a: {b: 1\n", "a: 'b\n", "a\nb: 1\n", "{{{", "a: {{ b }}\n", "[a]: 1\n"],
)
def test_what_is_no_yaml_says_where_to_look(text: str) -> None:
    _, problems = read(text)
    assert all(problem.hint for problem in problems), problems


def test_problems_are_bounded() -> None:
    text = "".join("a: &x 1\n" for _ in range(1000))
    with pytest.raises(ConfigurationError) as caught:
        parse_yaml_text(text, "f.yml")
    assert len(caught.value.problems) == 50


def test_size_is_bounded(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("big") / "big.yml"
    with path.open("wb") as file:
        file.truncate(16 * 2**20 + 1)
    with pytest.raises(ConfigurationError, match="larger than 16384 KiB"):
        read_yaml(path)
