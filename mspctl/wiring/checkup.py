"""What `mspctl doctor` looks at: this machine and this project. Connects to no host."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib.metadata import version as installed

from mspctl.errors import MspctlError
from mspctl.model.inventory import ConnectionKind, Host, Inventory
from mspctl.model.secret import SecretRef
from mspctl.wiring.app import App
from mspctl.wiring.forks import fitting_forks, read_limits
from mspctl.wiring.version import version

MIN_PARAMIKO = (5, 1)
OPEN_TO_OTHERS = 0o077
MANY_HOSTS = 10_000


class Grade(StrEnum):
    """How well it stands."""

    GOOD = "good"
    LOOK = "look"
    """It works; somebody should look at it."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was seen, and what to do if it is not good."""

    name: str
    grade: Grade
    seen: str
    remedy: str = ""


def check_up(app: App) -> Iterator[Check]:
    """Everything, in the order in which a run would stumble over it."""
    yield Check("mspctl", Grade.GOOD, f"{version()}, Python {sys.version.split()[0]}")
    yield _ssh()
    yield _guarded("state folder", lambda: _state(app))
    yield _guarded("database", lambda: _database(app))
    yield _machine()
    project = _guarded("project", lambda: Check("project", Grade.GOOD, str(app.project)))
    yield project
    if project.grade is Grade.BAD:
        return
    try:
        inventory = app.inventory()
    except MspctlError as error:
        count = len(error.problems)
        more = f" (and {count - 1} more)" if count > 1 else ""
        yield Check("inventory", Grade.BAD, f"{error.problems[0]}{more}", "mspctl inventory check")
        return
    hosts, clients = len(inventory.hosts), len(inventory.clients)
    yield Check("inventory", Grade.GOOD, f"{hosts} hosts of {clients} clients")
    yield from _secrets(app, inventory)
    yield from _known_hosts(app, inventory)


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except MspctlError as error:
        problem = error.problems[0]
        return Check(name, Grade.BAD, problem.problem, problem.hint)


def _ssh() -> Check:
    found = installed("paramiko")
    parts = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if parts < MIN_PARAMIKO:
        return Check("ssh", Grade.BAD, f"paramiko {found}", "install mspctl with its dependencies, by pipx")
    return Check("ssh", Grade.GOOD, f"paramiko {found}")


def _state(app: App) -> Check:
    folder = app.state
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & OPEN_TO_OTHERS:
        seen = f"{folder} is open to others (mode {mode:04o})"
        return Check("state folder", Grade.LOOK, seen, f"chmod 700 {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        return Check("state folder", Grade.BAD, f"{folder} cannot be written to", "run as its owner")
    return Check("state folder", Grade.GOOD, str(folder))


def _database(app: App) -> Check:
    """Opening it for a run tells all: place, rights, free space, schema."""
    with closing(app.open_store()) as store:
        count = store.count()
        open_runs = store.count(unfinished=True)
        where = store.where
    if open_runs:
        seen = f"{where}: {count} runs, {open_runs} open"
        return Check("database", Grade.LOOK, seen, "mspctl runs list; mspctl runs resume RUN")
    return Check("database", Grade.GOOD, f"{where}: {count} runs")


def _machine() -> Check:
    forks = fitting_forks(None, MANY_HOSTS, read_limits())
    if forks.warning:
        return Check("this machine", Grade.LOOK, forks.warning, "raise the limit, or live with it")
    return Check("this machine", Grade.GOOD, f"{forks.count} hosts at once by default")


def _secrets(app: App, inventory: Inventory) -> Iterator[Check]:
    """Each is read as a run reads it, so a file that is no key is found; the secrets go nowhere."""
    count = len({ref for host in inventory.hosts for ref in _references(host)})
    try:
        app.transport(inventory).prepare(inventory.hosts)
    except MspctlError as error:
        for problem in error.problems:
            remedy = problem.hint or "a run of that client would be refused"
            yield Check("secrets", Grade.BAD, str(replace(problem, hint="")), remedy)
    else:
        if count:
            yield Check("secrets", Grade.GOOD, f"{count} references, all there")


def _references(host: Host) -> Iterator[SecretRef]:
    access = host.access
    found = (access.identity, access.identity_passphrase, access.password, access.become_password)
    yield from (ref for ref in found if ref is not None)


def _known_hosts(app: App, inventory: Inventory) -> Iterator[Check]:
    from mspctl.transports.trust import KnownHosts  # noqa: PLC0415 - doctor only

    for client in inventory.clients:
        reached = [host for host in client.hosts if host.access.connection is ConnectionKind.SSH]
        try:
            known = KnownHosts.read(client.slug, app.known_hosts(client.slug))
        except MspctlError as error:
            yield Check("known hosts", Grade.BAD, str(error.problems[0]), "correct the file")
            continue
        strange = [host.name for host in reached if not known.pinned(host.access.address, host.access.port)]
        if strange:
            names = ", ".join(strange[:5]) + (", …" if len(strange) > 5 else "")  # noqa: PLR2004 - one line
            seen = f"{client.slug}: no key pinned for {len(strange)} of {len(reached)} hosts: {names}"
            yield Check("known hosts", Grade.LOOK, seen, f"mspctl trust --client {client.slug}")
        else:
            yield Check("known hosts", Grade.GOOD, f"{client.slug}: {len(reached)} hosts pinned")
