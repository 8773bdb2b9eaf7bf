"""`--json` in front of the command and behind it."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mspctl.cli.console import Console
from mspctl.cli.main import mspctl
from mspctl.cli.session import Session
from mspctl.cli.verbs import VERBS
from mspctl.wiring.environment import Environment
from mspctl.wiring.options import Options
from tests.e2e.cli import Cli


def commands(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    for name, child in command.commands.items() if isinstance(command, click.Group) else ():
        yield from commands(child, *path, name)


def verb(name: str) -> click.Command:
    found = mspctl.get_command(click.Context(mspctl), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", VERBS)
def test_every_command_takes_it(name: str) -> None:
    for path, command in commands(verb(name), name):
        taken = [option for option in command.params if "--json" in option.opts]
        assert len(taken) == 1, path


def test_it_says_the_same_in_both_places(tmp_path: Path) -> None:
    cli = Cli(tmp_path, tmp_path / "state")
    behind = cli("completion", "bash", "--json")
    assert behind.returncode == 0
    assert json.loads(behind.stdout) == cli.json("completion", "bash")


@pytest.mark.parametrize(
    "line",
    [
        "--json pacth",
        "pacth --json",
        "--json",
        "--json runs",
        "runs --json",
        "--json --nope runs list",
        "runs list --json --nope",
        "runs list --nope --json",
        "--json runs show nosuch",
        "patch --client acme --project /nowhere --json",
    ],
)
def test_what_is_refused_is_one_document_too(tmp_path: Path, line: str) -> None:
    told = Cli(tmp_path, tmp_path / "state")(*line.split())
    error = json.loads(told.stdout)["error"]
    assert error["exit"] == told.returncode == 2
    assert error["problems"][0]["problem"]
    assert told.stderr


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    told = Cli(tmp_path, tmp_path / "state")("--json", "runs", "show", "a\udcff")
    assert json.loads(told.stdout)["error"]["problems"][0]["problem"] == "argument 6 is not UTF-8"
    assert told.returncode == 2


def test_the_hosts_own_json_flag_asks_for_no_document(tmp_path: Path) -> None:
    told = Cli(tmp_path, tmp_path / "state")("exec", "--nope", "--", "lsblk", "--json")
    assert (told.returncode, told.stdout) == (2, "")


def test_what_stands_after_the_dashes_is_the_hosts(tmp_path: Path) -> None:
    console = Console(io.StringIO(), io.StringIO())
    session = Session(Options(), Environment({}, tmp_path, tmp_path, "jo"), console)
    context = verb("exec").make_context("exec", ["--client", "acme", "--", "lsblk", "--json"], obj=session)
    assert context.params["line"] == ("lsblk", "--json")
    assert not console.wants_json


def test_a_mistyped_command_is_guessed(tmp_path: Path) -> None:
    told = Cli(tmp_path, tmp_path / "state")("pacth")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "mspctl: there is no command `pacth`\n  → did you mean patch?\n"
