"""L12: LANG=C, no HOME, no terminal, PATH=/bin as under cron: works identically."""

import json
from typing import Any

from mspctl.wiring.environment import Environment, read_environment, state_folder
from tests.e2e.cli import Cli
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414

UMLAUTS = "Grüße aus Köln ✓"


def outcome(cli: Cli, environment: dict[str, str]) -> Any:  # noqa: ANN401 - part of a JSON document
    """What a run says of its host, without times."""
    call = ("--json", "run", "say", "--client", "acme", "-e", f"text={UMLAUTS}")
    done = cli(*call, environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    (host,) = json.loads(done.stdout)["hosts"]
    return [host[name] for name in ("host", "outcome", "reason", "round_trips")] + [
        step["output"] for step in host["steps"]
    ]


def test_an_almost_empty_environment_gives_the_same(cli: Cli) -> None:
    needed = {name: cli.environment[name] for name in ("XDG_STATE_HOME", "PYTHONPATH")}
    usual = outcome(cli, {**cli.environment, "LANG": "C.UTF-8", "TERM": "xterm"})
    assert usual == ["local1", "ok", "", 3, f"{UMLAUTS}\n"]
    assert outcome(cli, needed) == usual
    assert outcome(cli, {**needed, "LANG": "C", "LC_ALL": "C", "PATH": "/bin"}) == usual
    assert outcome(cli, {**needed, "LC_ALL": "POSIX", "TERM": "dumb"}) == usual


def test_silence_holds_without_home_and_locale(cli: Cli) -> None:
    needed = {name: cli.environment[name] for name in ("XDG_STATE_HOME", "PYTHONPATH")}
    done = cli("run", "say", "--client", "acme", environment=needed)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_home_the_password_database_says_where(cli: Cli) -> None:
    del cli
    here = read_environment()
    nobody = Environment({}, here.cwd, here.home, here.user)
    assert state_folder(nobody) == here.home / ".local" / "state" / "mspctl"
    assert state_folder(
        Environment({"XDG_STATE_HOME": "relative"}, here.cwd, here.home, "x")
    ) == state_folder(nobody)
