"""`mspctl security`: `run` on the playbook of this name."""

from typing import Any

import click

from mspctl.cli.runoptions import options_of, run_options
from mspctl.cli.session import Session, pass_session


@click.command("security")
@run_options
@pass_session
def command(session: Session, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Judge how safe a client's hosts are; change nothing."""
    from mspctl.cli.runverb import run_playbook  # noqa: PLC0415 - --help needs none of it

    return run_playbook(session, options_of(given), "security")
