"""I5: tab indent: refused with "tab at line:col"."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import accepted, check_refuses, refused


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("client: acme\nsites:\n\thq:\n", "3:1"),
        ("client: acme\nsites:\n  hq:\n  \thosts: {}\n", "4:3"),
        ("client: acme\n\tname: x\n", "2:1"),
        ("sites:\n  hq:\n    hosts:\n \t   a: {}\n", "4:2"),
    ],
)
def test_tabs_are_named(tmp_path: Path, text: str, where: str) -> None:
    (problem,) = refused(tmp_path, text)
    assert problem.problem == f"tab at {where}"
    assert problem.hint == "indent with spaces"


def test_tabs_inside_text_are_text(tmp_path: Path) -> None:
    text = 'client: acme\nnotes: |\n  a\n  \tb\nsites: {hq: {hosts: {web1: {notes: "a\tb"}}}}\n'
    assert accepted(tmp_path, text).hosts


def test_the_command_says_so(tmp_path: Path) -> None:
    refused(tmp_path, "sites:\n\thq: 1\n")
    check_refuses(tmp_path, "tab at 2:1")
