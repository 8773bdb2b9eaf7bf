"""`mspctl backup`: `run` on the playbooks backup, backup-verify and backup-prove, and what became of them."""

from typing import Any

import click

from mspctl.cli.exits import Exit
from mspctl.cli.runoptions import options_of, refuse_options_before, run_options
from mspctl.cli.session import Session, pass_session


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
    refuse_options_before(ctx, given)
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


@command.command("status")
@click.option("--client", "clients", multiple=True, metavar="NAME", help="Only this client; may be repeated.")
@click.option("--days", type=click.IntRange(1, 800), default=100, show_default=True, help="Look back so far.")
@click.option("--due", is_flag=True, help="Only hosts that need somebody; exit code 1 if there are any.")
@click.option("--rule", is_flag=True, help="Why each digit of 3-2-1-1-0 is met or not.")
@pass_session
def status(session: Session, /, clients: tuple[str, ...], days: int, *, due: bool, rule: bool) -> int:
    """Show each host's last good backup, last proven restore and last check, from the run log.

    Connects to no host. What no run has measured is `not measured`, never well. Of the rule 3-2-1-1-0 a
    digit that is not met is an x.
    """
    from mspctl.cli.backuprule import show_rules  # noqa: PLC0415 - --help needs none of it
    from mspctl.cli.backupstatus import show_backups  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.backups import backup_states  # noqa: PLC0415 - as above

    found = backup_states(session.app, clients, days)
    shown = [each for each in found if each.due or not due]
    if rule and not session.console.wants_json:
        show_rules(session.console, shown)
    else:
        show_backups(session.console, shown)
    return int(Exit.BAD_HOSTS) if due and shown else 0


def _run(session: Session, given: dict[str, Any], playbook: str) -> int:
    from mspctl.cli.runverb import run_playbook  # noqa: PLC0415 - --help needs none of it

    return run_playbook(session, options_of(given), playbook)
