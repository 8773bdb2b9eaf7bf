"""I1: alias bomb (9^9): aliases are off; refused in < 1 s, < 100 MB."""

from pathlib import Path

from tests.hostile.inventory_rows import check_refuses, refused_within

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


def test_alias_bomb_is_refused_at_once(tmp_path: Path) -> None:
    problems = refused_within(tmp_path, BOMB, seconds=1.0, memory=100 * 2**20)
    assert "acme.yml:1:5: anchors (`&a0`) are not supported" in problems[0]
    assert any("acme.yml:2:10: aliases (`*a0`) are not supported" in problem for problem in problems)
    check_refuses(tmp_path, "aliases (`*a0`) are not supported")


def test_a_single_alias_is_refused_too(tmp_path: Path) -> None:
    text = "client: acme\nvars: {a: &x 1, b: *x}\nsites: {hq: {hosts: {web1: {}}}}\n"
    problems = refused_within(tmp_path, text, seconds=1.0, memory=100 * 2**20)
    assert any("acme.yml:2:20" in problem for problem in problems)
