"""`mspctl demo`: a patch night before your eyes, for whoever has no hosts to try it on."""

import subprocess
import sys

import click

from mspctl.cli.exits import Exit
from mspctl.cli.session import Session, pass_session


@click.command("demo")
@pass_session
def command(session: Session, /) -> int:
    """Make three hosts on this machine (healthy, broken, unreachable) and patch them.

    It takes root on Debian and says which packages are missing; without them one local sshd stands in, which
    is only looked at. All is kept in .demo/ and .lab/ of this folder. Exit code 1 if not all came out right.
    """
    # It drives the command line from outside, as a person does, so it is a program of its own.
    wants_json = session.console.wants_json
    argv = [sys.executable, "-m", "mspctl.testing.demo"]
    shown = subprocess.run(
        argv, check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr if wants_json else None
    )
    if wants_json:
        session.console.json({"right": shown.returncode == 0})
    return Exit.GOOD if shown.returncode == 0 else Exit.BAD_HOSTS
