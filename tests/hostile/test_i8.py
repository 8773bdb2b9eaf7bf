"""I8: Norway/sexagesimal/octal/float/date/1_000: text stays text; numbers read back the same."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, accepted, refused


@pytest.mark.parametrize(
    "text",
    ["NO", "no", "yes", "on", "22:22", "0644", "1.10", "1_000", "2026-11-01", "0x1F", "1e3", "true", "12"],
)
def test_text_fields_keep_what_was_written(tmp_path: Path, text: str) -> None:
    inventory = accepted(
        tmp_path, ONE_HOST.replace("address: 10.0.0.1", f"user: u{text.replace(':', '')}, os: x")
    )
    assert inventory.hosts[0].access.user == f"u{text.replace(':', '')}"
    named = accepted(tmp_path, ONE_HOST.replace("sites:", f"name: {text}\nsites:"))
    assert named.clients[0].name == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (same, same)
            for same in ("NO", "no", "yes", "off", "22:22", "0644", "1.10", "1_000", "2026-11-01", "0x1F")
        ),
        *(
            (same, same)
            for same in ("1e3", "0o14", "+1", ".5", "5.", ".inf", ".nan", "1.50", "-0", "=", "9" * 30)
        ),
        *((f'"{same}"', same) for same in ("1", "true", "null", "1.5")),
        ("1", 1),
        ("-7", -7),
        ("0", 0),
        ("1.5", 1.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
    ],
)
def test_variables_are_numbers_only_if_they_read_back_the_same(
    tmp_path: Path, text: str, value: object
) -> None:
    inventory = accepted(tmp_path, ONE_HOST.replace("address: 10.0.0.1", f"vars: {{v: {text}}}"))
    found = inventory.hosts[0].variables["v"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["0x16", "022", "2_2", "22:22", "2.2e1", "+22", "22.0", "٢٢"])
def test_whole_numbers_are_plain_decimals(tmp_path: Path, text: str) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace("address: 10.0.0.1", f"port: {text}"))
    assert "expected a whole number" in problem.problem


@pytest.mark.parametrize("text", ["yes", "on", "1", "y", "'true'"])
def test_only_true_and_false_are_booleans(tmp_path: Path, text: str) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace("address: 10.0.0.1", f"agent: {text}"))
    assert "expected true or false" in problem.problem


@pytest.mark.parametrize("text", ["null", "~", ""])
def test_a_name_that_means_nothing_is_refused(tmp_path: Path, text: str) -> None:
    problems = refused(tmp_path, ONE_HOST.replace("client: acme", f"client: {text}"))
    assert problems[0].problem == "expected text, found nothing"
    assert problems[0].hint == "quote it if it is text"
