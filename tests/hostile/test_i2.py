"""I2: cycle `&x [*x]`: refused, no RecursionError."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import check_refuses, refused, text_of


@pytest.mark.parametrize("text", ["&x [*x]\n", "a: &x {b: *x}\n", "&x {*x : 1}\n", "&x\n- *x\n"])
def test_cycles_are_refused(tmp_path: Path, text: str) -> None:
    problems = refused(tmp_path, text)
    assert "aliases (`*x`) are not supported" in text_of(problems)
    assert problems[0].place is not None
    assert problems[0].place.line == 1


def test_the_command_says_so(tmp_path: Path) -> None:
    refused(tmp_path, "&x [*x]\n")
    check_refuses(tmp_path, "inventory/clients/acme.yml:1:5: aliases (`*x`) are not supported")
