"""An onboarding's folder, `onboarding/<client>/` in the project, and the client's file that comes of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from mspctl.errors import ConfigurationError, StorageError, UsageError
from mspctl.model.inventory import Client, Inventory
from mspctl.model.onboarding import Onboarding
from mspctl.model.place import Place
from mspctl.parse.inventory import load_inventory
from mspctl.parse.onboardingfile import onboarding_text, read_onboarding
from mspctl.parse.proposal import proposal
from mspctl.parse.sharing import shared_addresses
from mspctl.wiring.app import MARK, App
from mspctl.wiring.privatefile import write_file

FOUND, PROPOSED = "found.yml", "proposal.yml"


def onboarding_folder(app: App, client: str) -> Path:
    """Where everything about a client's onboarding lies."""
    return app.project / "onboarding" / client


def client_file(app: App, client: str) -> Path:
    """The client's file in the inventory."""
    return app.project / "inventory" / "clients" / f"{client}.yml"


def recall(app: App, client: str) -> Onboarding | None:
    """What is known from earlier calls. Raises ConfigurationError: the file is damaged."""
    return read_onboarding(onboarding_folder(app, client) / FOUND)


def keep(app: App, state: Onboarding) -> None:
    """Write down what is known. Raises StorageError."""
    write_file(onboarding_folder(app, state.client) / FOUND, onboarding_text(state).encode())


@contextmanager
def staged(app: App, client: str, text: str) -> Iterator[Inventory]:
    """The inventory as it would be with this client's file alone, read by the reader of all others.

    Raises:
        ConfigurationError: the text, or the provider's file, is wrong.
    """
    with TemporaryDirectory(prefix="mspctl-onboard-") as place:
        folder = Path(place) / "inventory"
        (folder / "clients").mkdir(parents=True)
        (folder / MARK.name).write_bytes((app.project / MARK).read_bytes())
        (folder / "clients" / f"{client}.yml").write_text(text, encoding="utf-8")
        yield load_inventory(folder, clients={client})


def propose(app: App, state: Onboarding) -> tuple[Path, Onboarding]:
    """Write the proposal. One that a person has changed since is left as it is.

    Raises:
        StorageError: it cannot be written.
    """
    file = onboarding_folder(app, state.client) / PROPOSED
    if file.exists() and sha256(file.read_bytes()).hexdigest() != state.proposal:
        return file, state
    content = proposal(state).encode()
    write_file(file, content)
    return file, replace(state, proposal=sha256(content).hexdigest())


def accept(app: App, client: str, proposed: Path) -> None:
    """Make the proposal the client's file, as it lies there, if our reader takes it. Replaces nothing.

    Raises:
        ConfigurationError: there is something wrong in it, or a host of it is another client's: with
            such a file no command for all clients would run any more.
        UsageError: the client has a file already.
        StorageError: it cannot be written.
    """
    content = proposed.read_bytes()
    with staged(app, client, content.decode()) as inventory:
        if problems := shared_addresses((*_others(app), *inventory.clients)):
            raise ConfigurationError.of(problems)
    target = client_file(app, client)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        write_file(draft, content)
        try:
            os.link(draft, target)
        finally:
            draft.unlink(missing_ok=True)
    except FileExistsError:
        raise UsageError("the client has a file already", place=Place(str(target))) from None
    except OSError as error:
        raise StorageError(f"it cannot be written: {error.strerror}", place=Place(str(target))) from error


def _others(app: App) -> tuple[Client, ...]:
    """The clients that are there already; none if their files cannot be read, which is not told here."""
    with suppress(ConfigurationError):
        return app.inventory().clients
    return ()
