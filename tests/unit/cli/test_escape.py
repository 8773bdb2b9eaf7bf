"""Text from hosts cannot steer a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.cli.escape import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x1b]52;c;ZXZpbA==\x07", "\\x1b]52;c;ZXZpbA==\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("nul\0", "nul\\x00"),
        ("over\rwritten", "over\\x0dwritten"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("Grüße ✓ 日本", "Grüße ✓ 日本"),
    ],
)
def test_what_steers_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_are_kept_where_lines_are_wanted() -> None:
    assert visible("a\n\tb\x1b", lines=True) == "a\n\tb\\x1b"
    assert visible("a\n\tb") == "a\\x0a\\x09b"


@given(st.text())
def test_nothing_that_steers_is_left(text: str) -> None:
    assert all(unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in visible(text))
