"""`--json` behind the command: people type it last, and scripts were promised `runs show RUN --json`."""

import click

from mspctl.cli.session import Session

_NAME = "wants_json"


def accept_json(command: click.Command) -> None:
    """Let `command` and all below it take the global `--json` too."""
    if any(parameter.name == _NAME for parameter in command.params):
        return
    command.params.append(
        click.Option(
            ["--json", _NAME],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            hidden=True,
            callback=_want,
        )
    )
    for child in command.commands.values() if isinstance(command, click.Group) else ():
        accept_json(child)


def _want(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's
    session = ctx.find_object(Session)
    if wanted and session is not None:
        session.console.wants_json = True
