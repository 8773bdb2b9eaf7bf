"""`mspctl completion SHELL`: the script that teaches a shell the verbs and options."""

import click
from click.shell_completion import get_completion_class

from mspctl.cli.session import Session, pass_session


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@pass_session
def command(session: Session, /, shell: str) -> None:
    """Print the completion script for SHELL.

    For bash: mspctl completion bash > ~/.local/share/bash-completion/completions/mspctl
    """
    from mspctl.cli.main import mspctl  # noqa: PLC0415 - main imports the verbs, never the other way at import

    completion = get_completion_class(shell)
    if completion is None:
        return
    script = completion(mspctl, {}, "mspctl", "_MSPCTL_COMPLETE").source()
    if session.console.wants_json:
        session.console.json({"shell": shell, "script": script})
    else:
        session.console.out(script)
