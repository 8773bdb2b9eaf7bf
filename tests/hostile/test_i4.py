"""I4: duplicate host / client / key: refused, naming both lines."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import (
    ONE_HOST,
    check_refuses,
    refused,
    refused_inventory,
    text_of,
    write_inventory,
)


@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        ("client: acme\nname: a\nclient: acme\n", "client", (1, 3)),
        (ONE_HOST + "      web1: {address: 10.0.0.2}\n", "web1", (5, 6)),
        ('client: acme\nvars: {a: 1, b: 2,\n  "a": 3}\n', "a", (2, 3)),
        (ONE_HOST + "  hq:\n    hosts: {}\n", "hq", (3, 6)),
    ],
)
def test_a_key_twice_names_both_lines(tmp_path: Path, text: str, key: str, lines: tuple[int, int]) -> None:
    problem, *_ = refused(tmp_path, text)
    assert f"the key `{key}` is there twice: in line {lines[0]} and in line {lines[1]}" in problem.problem
    assert problem.place is not None
    assert problem.place.line == lines[1]


def test_what_else_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    text = ONE_HOST + "      web1: {adress: 10.0.0.2}\nvars: {db_password: hunter-2}\n"
    said = [(each.place.line if each.place else 0, each.problem) for each in refused(tmp_path, text)]
    assert [line for line, _ in said] == [6, 6, 7]
    assert "the key `web1` is there twice" in said[0][1]
    assert "`adress` is not known" in said[1][1]
    assert "a secret is never written here" in said[2][1]


def test_a_host_in_two_sites_names_both_places(tmp_path: Path) -> None:
    text = ONE_HOST + "  branch:\n    hosts:\n      web1: {address: 10.0.0.2}\n"
    (problem,) = refused(tmp_path, text)
    assert "acme.yml:5:7" in problem.problem
    assert "acme.yml:8:7" in problem.problem
    assert problem.path == "sites.branch.hosts.web1"


def test_two_files_of_one_client(tmp_path: Path) -> None:
    inventory = write_inventory(tmp_path, {"acme": ONE_HOST, "other": ONE_HOST})
    problems = refused_inventory(inventory)
    assert "the client is called `acme`, but the file `other.yml`" in text_of(problems)


def test_the_command_says_so(tmp_path: Path) -> None:
    refused(tmp_path, "client: acme\nclient: acme\n")
    check_refuses(tmp_path, "the key `client` is there twice: in line 1 and in line 2")
