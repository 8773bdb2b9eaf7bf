"""`mspctl update`: `run` on the playbook of this name."""

from typing import Any

import click

from mspctl.cli.runoptions import options_of, report_option, run_options
from mspctl.cli.session import Session, pass_session


@click.command("update")
@run_options
@report_option
@pass_session
def command(session: Session, /, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Install pending updates on a client's hosts, nothing else."""
    from mspctl.cli.runverb import run_playbook  # noqa: PLC0415 - --help needs none of it

    return run_playbook(session, options_of(given), "update")
