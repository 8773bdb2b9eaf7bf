"""Each YAML and console block in README and docs is one that mspctl understands."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mspctl.cli.main import mspctl
from mspctl.errors import UsageError
from mspctl.model.theme import OURS
from mspctl.parse.effortfile import parse_effort
from mspctl.parse.files import ProviderFile
from mspctl.parse.inventory import load_inventory
from mspctl.parse.module import parse_module
from mspctl.parse.plans import parse_plans
from mspctl.parse.playbook import parse_playbook
from mspctl.parse.reportfiles import parse_commentary, parse_theme
from mspctl.parse.roadmapfiles import parse_wishes
from mspctl.parse.source import Source, source_of
from mspctl.parse.support import parse_support
from mspctl.parse.yaml import parse_yaml
from mspctl.report.onboarding.plan import EFFORT
from tests.docs.blocks import Block, blocks

YAML = blocks("yaml", "yml")
PROVIDER = "name: Northern Lights IT\n"
CLIENT = "client: acme\nsites: {hq: {hosts: {web1: {address: 10.0.0.11}}}}\n"
CONSOLE = blocks("console")
SHELL = blocks("sh", "bash")
TOML = blocks("toml")


def ids(examples: list[Block]) -> list[str]:
    return [example.place for example in examples]


def source(example: Block) -> Source:
    return source_of(example.text.encode(), example.place)


@pytest.mark.parametrize("example", YAML, ids=ids(YAML))
def test_yaml_is_what_the_parsers_accept(example: Block, tmp_path: Path) -> None:
    root = {str(key): str(value) for key, value in parse_yaml(source(example)).items()}
    if {"client", "sites"} <= set(root):
        load(tmp_path, PROVIDER, root["client"], example.text)
    elif "name" in root and set(root) <= set(ProviderFile.model_fields):
        load(tmp_path, example.text, "acme", CLIENT)
    elif "plans" in root:
        assert parse_plans(source(example), "Europe/Berlin").offers
    elif "releases" in root:
        assert parse_support(source(example))
    elif "steps" in root:
        parse_playbook(source(example), root["name"])
    elif "expect" in root:
        assert "params" in root, "test_module_howto runs the example"
    elif "title" in root:
        parse_module(source(example), "example", posix="check() { ok; }\n", windows=None)
    else:
        pytest.fail("neither inventory nor playbook nor module: write a block that says what it is")


@pytest.mark.parametrize("example", TOML, ids=ids(TOML))
def test_toml_is_a_file_of_the_project(example: Block) -> None:
    if "[[risk]]" in example.text:
        assert parse_wishes(source(example)).risks
    elif "verdict" in example.text:
        assert parse_commentary(source(example)).decisions
    elif "once" in example.text:
        assert parse_effort(source(example), tuple(EFFORT))
    else:
        assert not parse_theme(source(example), OURS).notes


def load(folder: Path, provider: str, client: str, text: str) -> None:
    (folder / "clients").mkdir()
    (folder / "mspctl.yml").write_text(provider, encoding="utf-8")
    (folder / "clients" / f"{client}.yml").write_text(text, encoding="utf-8")
    assert load_inventory(folder).hosts


@pytest.mark.parametrize("example", CONSOLE, ids=ids(CONSOLE))
def test_console_lines_are_commands_that_exist(example: Block) -> None:
    typed = list(command_lines(example.text))
    assert typed, "a console block shows what is typed after `$ `"
    for words in typed:
        if words[0] == "mspctl":
            parse(words[1:])


@pytest.mark.parametrize("example", SHELL, ids=ids(SHELL))
def test_shell_blocks_are_shell(example: Block) -> None:
    checked = subprocess.run(
        ["/bin/sh", "-n"], input=example.text, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def command_lines(text: str) -> Iterator[list[str]]:
    """The words of each command after `$ `, without assignments in front and pipes or redirections behind."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.startswith(("$ ", "# ")):
            words = shlex.split(line[2:], comments=True)
            while words and "=" in words[0]:
                words.pop(0)
            stop = next(
                (number for number, word in enumerate(words) if word[:1] in "|<>;&" or word == "2>&1"), None
            )
            yield words[:stop]


def parse(words: list[str]) -> None:
    """Read a command line as click would, without doing anything."""
    command: click.Command = mspctl
    parent: click.Context | None = None
    name: str | None = "mspctl"
    while isinstance(command, click.Group):
        parent = command.make_context(name, list(words), parent=parent)
        words = [*parent._protected_args, *parent.args]
        if not words and command.invoke_without_command:
            return
        name, child, words = command.resolve_command(parent, words)
        assert child is not None
        command = child
    if "--help" not in words:
        command.make_context(name, words, parent=parent)


@pytest.mark.parametrize("wrong", [["nothing"], ["runs"], ["completion", "klingon"], ["--jsonn", "doctor"]])
def test_a_wrong_command_line_is_noticed(wrong: list[str]) -> None:
    with pytest.raises((click.UsageError, UsageError)):
        parse(wrong)


def test_commands_are_found_behind_assignments_and_before_pipes() -> None:
    text = "$ MSPCTL_X=1 mspctl runs list --json | jq .\nnot this\n$ mspctl \\\n  doctor\n"
    assert list(command_lines(text)) == [["mspctl", "runs", "list", "--json"], ["mspctl", "doctor"]]
