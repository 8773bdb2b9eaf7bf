"""The command line without the process around it, which takes most of its time."""

from io import StringIO
from pathlib import Path

from mspctl.cli.console import Console
from mspctl.cli.main import _run, _Streams
from mspctl.wiring.environment import Environment
from tests.e2e.cli import Cli


class Streams(_Streams):
    """What a process would give to the command line."""

    def __init__(self, environment: Environment, console: Console) -> None:
        self.environment = environment
        self.console = console


def environment_of(cli: Cli) -> Environment:
    """What the processes of `cli` find around them."""
    return Environment(cli.environment, Path("/"), Path(cli.environment["HOME"]), "ops")


def call(cli: Cli, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a call on the project of `cli`."""
    out, err = StringIO(), StringIO()
    streams = Streams(environment_of(cli), Console(out, err))
    code = _run(["--project", str(cli.project), *words], streams)
    return code, out.getvalue(), err.getvalue()
