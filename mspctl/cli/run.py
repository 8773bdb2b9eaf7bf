"""`mspctl run PLAYBOOK`."""

from typing import Any

import click

from mspctl.cli.runoptions import options_of, report_option, run_options
from mspctl.cli.session import Session, pass_session


@click.command("run")
@click.argument("playbook")
@run_options
@report_option
@pass_session
def command(session: Session, /, playbook: str, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Run PLAYBOOK on a client's hosts.

    PLAYBOOK is a shipped one (patch, update, health, security) or a file in the project's playbooks folder.

    \b
    Exit codes:
      0  every host ok, changed, skipped or held by policy
      1  some host failed, unreachable, timed out, lost or broken
      2  the call or a file is wrong; no host was touched
      3  another mspctl is at the same work; who and since when is shown
      4  the run log or stdout cannot be written, or mspctl has a bug
      5  stopped by a signal
    """  # noqa: D301 - \b is click's mark for a paragraph that is not filled
    from mspctl.cli.runverb import run_playbook  # noqa: PLC0415 - --help needs none of it

    return run_playbook(session, options_of(given), playbook)
