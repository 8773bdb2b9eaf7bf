"""`mspctl dev`: what helps those who write modules."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mspctl.cli.exits import Exit
from mspctl.cli.results import one_line
from mspctl.cli.runoptions import MODULE_PARAMETERS
from mspctl.cli.session import Session, pass_session
from mspctl.errors import StorageError
from mspctl.model.place import Place
from mspctl.model.value import Value

if TYPE_CHECKING:
    from mspctl.engine.capturing import Captured


@click.group("dev")
def command() -> None:
    """Help for those who write modules."""


@command.command("capture")
@click.argument("host", metavar="CLIENT/HOST")
@click.argument("module", metavar="MODULE")
@MODULE_PARAMETERS
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the example there.")
@pass_session
def record(session: Session, host: str, module: str, params: Mapping[str, Value], output: Path | None) -> int:
    """Run a module on a host and record what its commands answer, as an example of it.

    It is a dry run: the host is not changed, and the run log does not know of it. Names, addresses, numbers
    of hardware and the secrets of this call are taken out; read the example before you give it away.
    """
    from mspctl.parse.exampletext import example_text  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.capturing import Capture, capture  # noqa: PLC0415 - as above

    found, example = capture(session.app, Capture(host, module, params))
    text = example_text(example)
    if session.console.wants_json:
        session.console.json({"host": host, "module": module, "example": text})
    elif output is None:
        session.console.out(text.rstrip("\n"))
    if output is not None:
        _write(session, output, text)
    if found.trouble:
        session.console.error(one_line(f"{host}: not all was recorded: {found.trouble}"))
        return Exit.BAD_HOSTS
    if found.ended is None:
        session.console.error(_why(host, found))
        return Exit.BAD_HOSTS
    return Exit.GOOD


def _write(session: Session, output: Path, text: str) -> None:
    file = session.environment.cwd / output
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot be written: {error.strerror}", place=Place(str(file))) from error


def _why(host: str, found: "Captured") -> str:
    return one_line(f"{host}: {found.host.outcome}: {found.host.reason} {found.host.detail}")
