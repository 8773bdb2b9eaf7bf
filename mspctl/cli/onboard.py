"""`mspctl onboard`: from addresses to a client that is looked after, in as many calls as it takes."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mspctl.cli.session import Session, pass_session

if TYPE_CHECKING:
    from mspctl.wiring.onboarding import Wanted

_REFERENCE = "file:PATH, env:NAME or systemd:NAME"


@click.command("onboard")
@click.argument("client")
@click.argument("addresses", nargs=-1, metavar="[ADDRESS]...")
@click.option(
    "--list", "file", type=click.Path(path_type=Path), metavar="FILE", help="More of them, one a line."
)
@click.option("--ssh-port", "ssh_ports", multiple=True, type=click.IntRange(1, 65535), help="Beside 22.")
@click.option(
    "--wait", type=click.FloatRange(0.1, 60), default=2.0, show_default=True, help="Seconds per port."
)
@click.option("--name", default="", help="As the client calls itself.")
@click.option("--timezone", default="", metavar="ZONE", help="Such as Europe/Berlin; UTC if not given.")
@click.option("--site", default="", help="Where the hosts are; main if not given.")
@click.option("--user", default="", help="The login name.")
@click.option("--identity", default="", metavar="REF", help=f"The private key: {_REFERENCE}.")
@click.option("--password", default="", metavar="REF", help="The login's password, likewise.")
@click.option(
    "--become", type=click.Choice(["", "none", "sudo", "doas"]), default="", help="How to get root."
)
@click.option("--become-password", default="", metavar="REF", help="What sudo or doas asks for, likewise.")
@click.option("--windows-user", default="", metavar="USER", help="The login name for hosts with WinRM.")
@click.option("--windows-password", default="", metavar="REF", help="Its password, likewise.")
@click.option(
    "--fingerprints",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Host keys that you have compared: ADDRESS SHA256:…, or lines of known_hosts.",
)
@click.option("--approve", multiple=True, metavar="SHA256:…", help="A host key that you have compared.")
@click.option("--write", is_flag=True, help="Make the proposed file the client's, without asking.")
@click.option("--again", is_flag=True, help="Look at all hosts again, also at those that were looked at.")
@pass_session
def command(session: Session, /, client: str, **given: Any) -> int:  # noqa: ANN401 - click's options, by name
    """Take over a new CLIENT: scan, pin keys, propose the inventory, look at the hosts, plan.

    Each ADDRESS is one, a DNS name or a network such as 10.0.0.0/24; no other address is ever spoken to.
    Whatever is still missing at the end is named, and the same call without addresses goes on from there.
    Nothing on the hosts is changed and no file is replaced: a proposal that you have edited stays, and so
    does a client's file.

    No key is trusted silently: on a terminal you are asked, elsewhere --fingerprints or --approve says which.

    Exit code 0 if nothing is missing any more, 1 if something is.
    """
    from mspctl.cli.onboardflow import look, newcomers, settle  # noqa: PLC0415 - --help needs none of it
    from mspctl.cli.onboardshow import show_unfinished  # noqa: PLC0415 - as above
    from mspctl.parse.approvals import approvals  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.onboardbook import client_file  # noqa: PLC0415 - as above
    from mspctl.wiring.onboarding import begin, unheard  # noqa: PLC0415 - as above

    app = session.app
    cwd = session.environment.cwd
    file = given["fingerprints"]
    compared = approvals(cwd / file if file else None, given["approve"])
    wanted = _wanted(given, cwd)
    with ExitStack() as stack:
        lock = stack.enter_context(app.lock(client, "onboarding", ("mspctl", *sys.argv[1:])))
        state = begin(app, client, wanted)
        silent = unheard(state, wanted)
        left: list[str] = []
        if not client_file(app, client).exists():
            state = newcomers(session, state, compared, left)
            settle(session, state, left, write=given["write"])
        if client_file(app, client).exists():
            code = look(session, state, compared, left, silent, again=given["again"])
        else:
            code = show_unfinished(session.console, state, [*left, *silent])
        lock.release(clean=True)
    return code


def _wanted(given: dict[str, Any], cwd: Path) -> "Wanted":
    from mspctl.model.onboarding import Login  # noqa: PLC0415 - as above
    from mspctl.parse.addresslist import named_addresses, named_singly  # noqa: PLC0415 - as above
    from mspctl.wiring.onboarding import Wanted  # noqa: PLC0415 - as above

    file = given["file"]
    asked = (*given["addresses"], *((f"list {file}",) if file else ()))
    login = Login(
        given["user"],
        given["identity"],
        given["password"],
        given["become"],
        given["become_password"],
        given["windows_user"],
        given["windows_password"],
    )
    path = cwd / file if file else None
    return Wanted(
        named_addresses(given["addresses"], path),
        asked,
        named_singly(given["addresses"], path),
        given["name"],
        given["timezone"],
        given["site"],
        given["ssh_ports"],
        login,
        given["wait"],
    )
