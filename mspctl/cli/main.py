"""`mspctl`: the global options, and the one place where an exception becomes an exit code."""

import gc
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from mspctl.cli.console import Console, standard_streams
from mspctl.cli.errors import report_bug, report_cancelled, report_error, report_usage
from mspctl.cli.exits import Exit
from mspctl.cli.session import Session
from mspctl.cli.verbs import Verbs
from mspctl.errors import MspctlError, UsageError
from mspctl.wiring.environment import Environment, read_environment
from mspctl.wiring.options import Options
from mspctl.wiring.version import version


class _Streams:
    """What the process was given; the session is made of it once the global options are known."""

    def __init__(self) -> None:
        self.environment: Environment = read_environment()
        self.console = Console(*standard_streams(), variables=self.environment.variables)

    def session(self, options: Options, *, wants_json: bool, verbose: bool) -> Session:
        self.console.wants_json = wants_json
        self.console.verbose = verbose
        return Session(options=options, environment=self.environment, console=self.console)


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's
    if wanted:
        ctx.ensure_object(_Streams).console.out(f"mspctl {version()}")
        ctx.exit()


@click.group(cls=Verbs, epilog="Each COMMAND has its own --help. The exit codes are in `mspctl run --help`.")
@click.option(
    "--project", type=click.Path(path_type=Path), metavar="DIR", help="The folder with inventory/ in it."
)
@click.option("--database", metavar="URL", help="The run log; a SQLite file in the state folder by default.")
@click.option(
    "--json",
    "wants_json",
    is_flag=True,
    help="Print one JSON document on stdout; it may also stand behind COMMAND.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version)
@click.pass_context
def mspctl(
    ctx: click.Context, project: Path | None, database: str | None, *, wants_json: bool, verbose: bool
) -> None:
    """Look after many clients' computers over SSH and WinRM, and never lie about it."""
    ctx.obj = ctx.ensure_object(_Streams).session(
        Options(project=project, database=database), wants_json=wants_json, verbose=verbose
    )


_GARBAGE_EVERY = 50_000
"""New objects between two collections: Python's 700 costs a tenth of the start-up."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave with its exit code."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.set_threshold(_GARBAGE_EVERY, 20, 100)
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "true"  # no package that happens to be there sees an inventory
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # until a run has its own answer: as ^C
    streams = _Streams()
    code = _run(sys.argv[1:] if arguments is None else list(arguments), streams)
    code = _with_lost_output(code, streams.console)
    if arguments is not None:
        sys.exit(code)
    # Everything is closed and flushed; to take the interpreter apart costs a tenth of a second.
    os._exit(code)


def _run(arguments: list[str], streams: _Streams) -> int:
    """A command gives its exit code (or None, for 0); everything else that can happen becomes one here."""
    console = streams.console
    try:
        _check_text(arguments)
        result = mspctl.main(arguments, prog_name="mspctl", obj=streams, standalone_mode=False)
    except click.exceptions.ClickException as error:
        console.wants_json |= _asks_for_json(arguments)
        return report_usage(error, console)
    except click.exceptions.Abort:
        return report_cancelled(console)
    except MspctlError as error:
        console.wants_json |= _asks_for_json(arguments)
        return report_error(error, console)
    except Exception as error:  # noqa: BLE001 - a bug becomes a message and an exit code, in this place only
        return report_bug(error, console, streams.environment)
    return result if isinstance(result, int) else Exit.GOOD


def _check_text(arguments: list[str]) -> None:
    """Bytes that are no UTF-8 come as lone surrogates, which no database, host or JSON document takes."""
    for number, argument in enumerate(arguments, 1):
        if any("\ud800" <= char <= "\udfff" for char in argument):
            raise UsageError(f"argument {number} is not UTF-8", hint="write it in UTF-8")


def _asks_for_json(arguments: list[str]) -> bool:
    """What is wrong may be found before the flag is read; what is behind `--` is for hosts."""
    mine = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in mine


def _with_lost_output(code: int, console: Console) -> int:
    if not console.lost:
        return code
    console.error(f"the result could not be written to stdout: {console.lost}; see `mspctl runs list`")
    return Exit.INTERNAL
