"""I9: `!!python/object`, any custom tag: refused; nothing is imported or run."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, check_refuses, refused, text_of

TAGGED = [
    "!!python/object/apply:os.system ['touch {witness}']",
    "!!python/object/new:subprocess.Popen [['touch', '{witness}']]",
    "!!python/name:os.system ''",
    "!!python/module:this ''",
    "!vault x",
    "!custom {{a: 1}}",
    "!!str 1",
    "!!binary aGk=",
    "! x",
]


@pytest.mark.parametrize("tagged", TAGGED)
def test_tags_are_refused(tmp_path: Path, tagged: str) -> None:
    witness = tmp_path / "witness"
    text = ONE_HOST.replace("{address: 10.0.0.1}", f"{{vars: {{v: {tagged.format(witness=witness)}}}}}")
    problems = refused(tmp_path, text)
    assert "tags (`" in text_of(problems)
    assert problems[0].place is not None
    assert problems[0].place.line == 5
    assert not witness.exists()


def test_tag_directives_are_refused(tmp_path: Path) -> None:
    problems = refused(tmp_path, "%TAG !e! tag:example.com,2026:\n---\nclient: !e!x acme\n")
    assert "YAML directives are not supported" in text_of(problems)


def test_the_command_says_so(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    refused(tmp_path, f"client: !!python/object/apply:os.system ['touch {witness}']\n")
    check_refuses(tmp_path, "tags (`tag:yaml.org,2002:python/object/apply:os.system`) are not supported")
    assert not witness.exists()
