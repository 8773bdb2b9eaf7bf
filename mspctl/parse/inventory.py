"""Reads the inventory folder into the model: provider, clients, each host with every setting resolved."""

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from mspctl.errors import ConfigurationError, Problem, UsageError
from mspctl.model.inventory import Client, Inventory, Provider
from mspctl.model.place import Place
from mspctl.model.suggestion import did_you_mean
from mspctl.model.value import no_values
from mspctl.parse.billingfiles import seller_of
from mspctl.parse.building import build_client
from mspctl.parse.files import ProviderFile
from mspctl.parse.layers import add_variables
from mspctl.parse.mailfiles import mail_server_of
from mspctl.parse.node import shown
from mspctl.parse.reading import CLIENTS, PROVIDER, Read, read_client, read_provider
from mspctl.parse.sharing import shared_addresses
from mspctl.parse.ticketfiles import ticket_system_of


def load_inventory(folder: Path, *, clients: Collection[str] | None = None) -> Inventory:
    """Everything under an inventory folder (the one that holds `mspctl.yml` and `clients/`).

    With `clients`, only the provider's file and those clients' files are opened; checks across clients (the
    same computer at two of them) then have nothing to compare.

    Raises:
        ConfigurationError: all problems of all files together, each with its place.
        UsageError: a client asked for has no file.
    """
    with _no_collection():
        inventory, problems = _load(folder, clients)
    if inventory is None:
        raise ConfigurationError.of(problems)
    return inventory


@contextmanager
def _no_collection() -> Iterator[None]:
    """Loading makes many objects and no cycles: looking for garbage meanwhile would take half of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _load(folder: Path, asked: Collection[str] | None) -> tuple[Inventory | None, tuple[Problem, ...]]:
    names = client_names(folder)
    if asked is not None:
        _check_known(asked, names)
        names = tuple(name for name in names if name in asked)
    provider = read_provider(folder)
    problems = list(provider) if isinstance(provider, tuple) else []
    digest = sha256()
    if isinstance(provider, Read):
        digest.update(provider.content)
    clients: list[Client] = []
    for name in names:
        read = read_client(folder, name)
        if isinstance(read, tuple):
            problems += read
            continue
        digest.update(read.content)
        if isinstance(provider, Read):
            client, found = build_client(provider, read)
            clients.append(client)
            problems += found
    problems += shared_addresses(clients)
    if problems or not isinstance(provider, Read):
        return None, tuple(problems)
    return Inventory(_provider(provider.block), tuple(clients), digest.hexdigest()), ()


def client_names(folder: Path) -> tuple[str, ...]:
    """The clients that have a file, in alphabetic order; other files and hidden ones are left alone.

    Raises:
        ConfigurationError: there is none, or the folder cannot be read.
    """
    place = Place(f"{folder.name}/{CLIENTS}")
    try:
        files = sorted(path for path in (folder / CLIENTS).iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise ConfigurationError(
            f"the folder of the clients cannot be read: {error.strerror}",
            place=place,
            hint=f"an inventory is a folder with {PROVIDER} and {CLIENTS}/<client>.yml",
        ) from None
    wrong = tuple(
        Problem("a client's file ends in `.yml`", Place(f"{place.file}/{shown(path.name)}"), hint="rename it")
        for path in files
        if path.suffix in {".yaml", ".YML", ".YAML"}
    )
    if wrong:
        raise ConfigurationError.of(wrong)
    names = tuple(path.name.removesuffix(".yml") for path in files if path.suffix == ".yml")
    if not names:
        raise ConfigurationError(
            "there are no clients", place=place, hint="write <client>.yml, or import one"
        )
    return names


def _check_known(asked: Collection[str], names: tuple[str, ...]) -> None:
    for name in asked:
        if name not in names:
            raise UsageError(f"there is no client `{shown(name)}`", hint=did_you_mean(name, names))


def _provider(block: ProviderFile) -> Provider:
    return Provider(
        block.name,
        block.database,
        block.forks,
        add_variables(no_values(), block.vars or {}),
        mail_server_of(block.mail),
        seller_of(block.billing, block.name),
        ticket_system_of(block.tickets),
    )
