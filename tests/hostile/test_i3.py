"""I3: nesting 5,000: refused as deeper than 32, no traceback."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import accepted, check_refuses, refused, refused_within

DEEP = {
    "lists": "a: " + "[" * 5000 + "]" * 5000,
    "open-lists": "[" * 5000,
    "maps": "{a: " * 5000,
    "dashes": "- " * 5000,
    "indents": "".join(" " * n + "a:\n" for n in range(5000)),
    "keys": "? " * 5000,
}


@pytest.mark.parametrize("shape", DEEP)
def test_nesting_is_bounded(tmp_path: Path, shape: str) -> None:
    problems = refused_within(tmp_path, DEEP[shape], seconds=1.0, memory=150 * 2**20)
    assert any("nested deeper than 32 levels" in one or "a key must be text" in one for one in problems)


def test_thirty_two_levels_are_enough_and_no_more(tmp_path: Path) -> None:
    def text(levels: int) -> str:
        lists = levels - 2  # the file's map and `vars` are two levels themselves
        nested = "[" * lists + "]" * lists
        return f"client: acme\nvars: {{a: {nested}}}\nsites: {{hq: {{hosts: {{web1: {{}}}}}}}}\n"

    assert accepted(tmp_path, text(32)).hosts[0].variables
    (problem,) = refused(tmp_path, text(33))
    assert problem.problem == "nested deeper than 32 levels"


def test_the_command_says_so(tmp_path: Path) -> None:
    refused(tmp_path, f"a: {'[' * 100}{']' * 100}")
    check_refuses(tmp_path, "inventory/clients/acme.yml:1:35: nested deeper than 32 levels")
