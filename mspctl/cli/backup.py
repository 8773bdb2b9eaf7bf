"""`mspctl backup`: `run` on the playbooks backup, backup-verify and backup-prove."""

from typing import Any

import click
from click.core import ParameterSource

from mspctl.cli.runoptions import options_of, run_options
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError


@click.group("backup", invoke_without_command=True)
@run_options
@click.pass_context
@pass_session
def command(session: Session, ctx: click.Context, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Back up a client's hosts as the inventory says, and look again whether it is there.

    Without a command behind it. With one, options stand behind that.
    """
    if ctx.invoked_subcommand is None:
        return _run(session, given, "backup")
    if any(ctx.get_parameter_source(name) is not ParameterSource.DEFAULT for name in given):
        raise UsageError(
            f"options go behind `{ctx.invoked_subcommand}`",
            hint=f"mspctl backup {ctx.invoked_subcommand} --client NAME …",
        )
    return 0


@command.command("verify")
@run_options
@pass_session
def verify(session: Session, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Check the repositories: their structure, and each day another part of their contents."""
    return _run(session, given, "backup-verify")


@command.command("prove")
@run_options
@pass_session
def prove(session: Session, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Restore a random part of the last snapshots, compare by hash, remove it again.

    -e whole=true restores all and measures it against the agreed time.
    """
    return _run(session, given, "backup-prove")


def _run(session: Session, given: dict[str, Any], playbook: str) -> int:
    from mspctl.cli.runverb import run_playbook  # noqa: PLC0415 - --help needs none of it

    return run_playbook(session, options_of(given), playbook)
