"""`mspctl trust`: show the host keys of a client's hosts beside what is pinned, and pin them when told to."""

import difflib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mspctl.cli.exits import Exit
from mspctl.cli.session import Session, pass_session
from mspctl.cli.sightings import print_of, show_sightings, sighting_document
from mspctl.errors import EmptySelection, UsageError

if TYPE_CHECKING:
    from mspctl.model.inventory import Host
    from mspctl.transports.survey import Sighting


@click.command(name="trust")
@click.option("--client", required=True, metavar="C", help="The client whose hosts are looked at.")
@click.option("--yes", is_flag=True, help="Pin new keys without asking.")
@click.option("--replace", is_flag=True, help="Also pin changed keys, in place of the pinned ones.")
@click.argument("hosts", nargs=-1, metavar="[HOST]...")
@pass_session
def command(session: Session, client: str, hosts: tuple[str, ...], *, yes: bool, replace: bool) -> int:
    """Show and pin the SSH host keys and TLS certificates of a client's hosts; of all if no HOST is named.

    Nothing is logged in to, except gateways that are trusted already. Compare each fingerprint with what
    the host itself says (on its console: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub, on Windows the
    SHA-256 of the listener's certificate) before pinning.

    Exit code 0 if every host is trusted at the end, 1 if not.
    """
    from mspctl.transports.survey import pin  # noqa: PLC0415 - loads paramiko

    seen = _look(session, client, hosts)
    show_sightings(session.console, client, seen)
    wanted = [one for one in seen if one.verdict == "unknown" or (replace and one.verdict == "changed")]
    if wanted and (yes or _agreed(session, len(wanted))):
        pin(session.app.known_hosts(client), wanted, replace=replace)
        session.console.error(
            f"pinned the keys of {_count(len(wanted))} in {session.app.known_hosts(client)}"
        )
        pinned = {one.host.key for one in wanted}
        _audit(session, wanted)
    else:
        pinned = set()
    trusted = [one for one in seen if one.verdict == "known" or one.host.key in pinned]
    if session.console.wants_json:
        document = [sighting_document(one, pinned=one.host.key in pinned) for one in seen]
        session.console.json({"client": client, "hosts": document})
    _advise(session, client, [one for one in seen if one not in trusted])
    return Exit.GOOD if len(trusted) == len(seen) else Exit.BAD_HOSTS


def _audit(session: Session, pinned: "Sequence[Sighting]") -> None:
    for one in pinned:
        keys = " ".join(print_of(key.asbytes(), key.get_name()) for key in one.keys)
        was = " ".join(print_of(pin.blob, pin.kind) for pin in one.pinned)
        session.app.audited("host-key-pinned", {"host": one.host.key, "keys": keys, "instead_of": was})


def _look(session: Session, client: str, names: Sequence[str]) -> "list[Sighting]":
    from mspctl.transports.ssh.transport import SshTransport  # noqa: PLC0415 - as above
    from mspctl.transports.survey import Eyes, survey  # noqa: PLC0415 - loads paramiko
    from mspctl.transports.trust import KnownHosts  # noqa: PLC0415 - as above

    everyone = {host.name: host for found in session.app.inventory([client]).clients for host in found.hosts}
    known = KnownHosts.read(client, session.app.known_hosts(client))
    transport = SshTransport(secrets=session.app.secrets, known_hosts=known, find_host=everyone.get)
    seen = survey(Eyes(transport, known, session.app.secrets, everyone.get), _chosen(everyone, names))
    if not seen:
        problem = f"no host of {client} is reached by SSH, or by WinRM over HTTPS"
        raise EmptySelection(problem, hint="see mspctl inventory list")
    return seen


def _chosen(everyone: "dict[str, Host]", names: Sequence[str]) -> "list[Host]":
    for name in names:
        if name not in everyone:
            near = difflib.get_close_matches(name, everyone, 1)
            hint = f"did you mean {near[0]}?" if near else "see mspctl inventory list"
            raise UsageError(f"there is no host {name}", hint=hint)
    return [everyone[name] for name in dict.fromkeys(names)] if names else list(everyone.values())


def _agreed(session: Session, count: int) -> bool:
    if not session.console.watched or sys.stdin is None or not sys.stdin.isatty():
        return False
    question = f"Pin the keys of {_count(count)}? Compare the fingerprints first."
    return click.confirm(question, default=False, err=True)


def _advise(session: Session, client: str, left: "Sequence[Sighting]") -> None:
    for one in left:
        name = one.host.name
        if one.failure is not None:
            session.console.error(f"{name}: {one.failure.reason}: {one.failure.remedy or one.failure.detail}")
        elif one.verdict == "unknown":
            session.console.error(
                f"{name}: not pinned; to pin it: mspctl trust --client {client} --yes {name}"
            )
        elif one.verdict == "changed":
            session.console.error(
                f"{name}: the key has changed; once you know why: "
                f"mspctl trust --client {client} --replace --yes {name}"
            )


def _count(number: int) -> str:
    return f"{number} host" + ("" if number == 1 else "s")
