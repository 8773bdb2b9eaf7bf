"""`mspctl inventory`: check, list, show, explain, schema and import. Connects to no host."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.session import Session, pass_session
from mspctl.errors import UsageError
from mspctl.model.place import Place

if TYPE_CHECKING:
    from mspctl.model.inventory import Host, Inventory
    from mspctl.model.selection import Selection
    from mspctl.parse.explain import Explained
    from mspctl.parse.importing import Kind

FOLDER = "inventory"


@click.group(name="inventory")
def command() -> None:
    """Check, list, explain and import the inventory."""


@command.command()
@pass_session
def check(session: Session) -> None:
    """Read every file and report all problems at once."""
    from mspctl.wiring.doubts import doubts, refuse_unheeded_windows  # noqa: PLC0415 - not needed for --help

    inventory = _load(session)
    session.app.support()
    refuse_unheeded_windows(session.app, inventory)
    clients, hosts = len(inventory.clients), len(inventory.hosts)
    warnings = doubts(inventory, session.app.clock.now())
    for text in warnings:
        session.console.error(f"mspctl: {text}")
    session.console.out(f"the inventory is good: {_count(clients, 'client')}, {_count(hosts, 'host')}")
    if session.console.wants_json:
        document: dict[str, Document] = {"good": True, "clients": clients, "hosts": hosts}
        document |= {"digest": inventory.digest, "warnings": list(warnings)}
        session.console.json(document)


@command.command("list")
@click.option("--client", "clients", multiple=True, metavar="C", help="Only this client; may be repeated.")
@click.option("--site", metavar="S", help="Only this site.")
@click.option("--tag", "tags", multiple=True, metavar="T", help="Only hosts with this tag; all of several.")
@click.option("--limit", metavar="PATTERN", help="Globs on names, client/name, @tag; commas; ! takes away.")
@pass_session
def list_hosts(
    session: Session, clients: tuple[str, ...], site: str | None, tags: tuple[str, ...], limit: str | None
) -> None:
    """List hosts. With --client only that client's file is read."""
    from mspctl.engine.select import select  # noqa: PLC0415 - not needed for --help

    inventory = _load(session, clients)
    selection = select(inventory, clients=clients, site=site, tags=tags, limit=limit)
    if session.console.wants_json:
        session.console.json(_list_document(inventory, selection))
        return
    columns = ("client", "site", "host", "address", "connection", "os", "tags")
    rows = [
        (
            host.client,
            host.site,
            host.name,
            host.access.address,
            host.access.connection.value,
            host.os or "",
            " ".join(sorted(host.tags)),
        )
        for host in selection.hosts
    ]
    left_out = f", {len(selection.excluded)} left out" if selection.excluded else ""
    session.console.table(f"{_count(len(rows), 'host')}{left_out}", columns, rows)


@command.command()
@click.argument("host")
@pass_session
def show(session: Session, host: str) -> None:
    """Show everything that holds for one HOST (a name, or client/name)."""
    from mspctl.parse.explain import host_settings, written  # noqa: PLC0415 - loads pydantic

    found = _find(session, host)
    if session.console.wants_json:
        session.console.json(_host_document(found))
        return
    rows = [(name, written(value)) for name, value in host_settings(found)]
    rows += [(f"vars.{name}", written(value)) for name, value in found.variables.items()]
    session.console.table(f"{found.key} at site {found.site}", ("setting", "value"), rows)


@command.command()
@click.argument("host")
@pass_session
def explain(session: Session, host: str) -> None:
    """Say for each setting of HOST which level it comes from, and where that is written."""
    from mspctl.parse.explain import explain_host, written  # noqa: PLC0415 - loads pydantic

    found = _find(session, host)
    explained = explain_host(session.app.project / FOLDER, found)
    if session.console.wants_json:
        settings = [_explained_document(one) for one in explained]
        session.console.json({"host": found.key, "site": found.site, "settings": settings})
        return
    rows = [
        (one.name, written(one.value), f"{one.level} {one.source}".strip(), str(one.place or ""))
        for one in explained
    ]
    session.console.table(
        f"{found.key} at site {found.site}", ("setting", "value", "from", "written at"), rows
    )


@command.command()
@click.option(
    "--provider", is_flag=True, help="The schema of inventory/mspctl.yml instead of a client's file."
)
@pass_session
def schema(session: Session, *, provider: bool) -> None:
    """Print the JSON Schema of a client's file, for editors.

    Save it as inventory/client.schema.json and begin each file in inventory/clients with the line
    `# yaml-language-server: $schema=../client.schema.json`.
    """
    from mspctl.parse.schema import inventory_schema  # noqa: PLC0415 - loads pydantic

    session.console.json(inventory_schema("provider" if provider else "client"))


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--client", required=True, metavar="C", help="What the client is called here.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["ansible-ini", "ansible-yaml", "ssh-config", "csv"]),
    help="What FILE is, if it is not plain from its name and content.",
)
@click.option("--site", default="main", metavar="S", help="The site of hosts for which FILE names none.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write here instead.")
@click.option("--force", is_flag=True, help="Replace the client's file if there is one.")
@pass_session
def import_file(
    session: Session,
    file: Path,
    client: str,
    kind: "Kind | None",
    site: str,
    output: Path | None,
    *,
    force: bool,
) -> None:
    """Make a client's file of an Ansible inventory, an ssh_config or a CSV table.

    Passwords and keys in FILE are never copied. What was not taken over is listed.
    """
    from mspctl.parse.importing import import_inventory  # noqa: PLC0415 - loads pydantic

    cwd = session.environment.cwd
    imported = import_inventory(cwd / file, client=client, kind=kind, site=site)
    target = cwd / output if output else session.app.project / FOLDER / "clients" / f"{client}.yml"
    _write(target, imported.text, force=force)
    if session.console.wants_json:
        notes = list(imported.notes)
        session.console.json(
            {"file": str(target), "kind": imported.kind, "hosts": imported.hosts, "notes": notes}
        )
        return
    session.console.out(f"{target}: {_count(imported.hosts, 'host')} from {imported.kind}")
    for note in imported.notes:
        session.console.out(f"  - {note}")
    session.console.out("see `mspctl inventory check`")


def _write(target: Path, text: str, *, force: bool) -> None:
    """Put the file into place whole; an existing one only with `force`."""
    place = Place(str(target))
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        number = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(text)
        try:
            if force:
                partial.replace(target)
            else:
                os.link(partial, target)
        finally:
            partial.unlink(missing_ok=True)
    except FileExistsError:
        hint = "give --force to replace it, or --output FILE"
        raise UsageError("the client's file exists already", place=place, hint=hint) from None
    except OSError as error:
        raise UsageError(f"the file cannot be written: {error.strerror}", place=place) from None


def _load(session: Session, clients: tuple[str, ...] = ()) -> "Inventory":
    from mspctl.parse.inventory import load_inventory  # noqa: PLC0415 - loads pydantic

    return load_inventory(session.app.project / FOLDER, clients=clients or None)


def _find(session: Session, name: str) -> "Host":
    from mspctl.parse.explain import find_host  # noqa: PLC0415 - loads pydantic

    client, slash, _ = name.partition("/")
    return find_host(_load(session, (client,) if slash else ()), name)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _list_document(inventory: "Inventory", selection: "Selection") -> Document:
    return {
        "digest": inventory.digest,
        "hosts": [_listed(host) for host in selection.hosts],
        "excluded": [{"host": one.host.key, "reason": one.reason} for one in selection.excluded],
    }


def _listed(host: "Host") -> dict[str, Document]:
    return {
        "client": host.client,
        "site": host.site,
        "host": host.name,
        "address": host.access.address,
        "connection": host.access.connection.value,
        "os": host.os,
        "tags": sorted(host.tags),
        "criticality": host.criticality,
    }


def _host_document(host: "Host") -> Document:
    from mspctl.parse.explain import host_settings  # noqa: PLC0415 - loads pydantic

    settings = {name: _json_value(value) for name, value in host_settings(host)}
    variables = {name: _json_value(value) for name, value in host.variables.items()}
    return {**_listed(host), "settings": settings, "vars": variables}


def _json_value(value: object) -> Document:
    from collections.abc import Mapping  # noqa: PLC0415

    if isinstance(value, Mapping):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_json_value(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else None


def _explained_document(one: "Explained") -> Document:
    place = one.place
    return {
        "name": one.name,
        "value": _json_value(one.value),
        "level": one.level.value,
        "source": one.source,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }
