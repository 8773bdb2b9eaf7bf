"""Reads a table of hosts: CSV as in RFC 4180, with a header row; `;` or tab instead of commas will do."""

import csv
import re
from collections.abc import Mapping

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.parse.importers.draft import Draft, DraftHost, Foreign, environment_name, slug
from mspctl.parse.node import shown
from mspctl.parse.scalars import integer
from mspctl.parse.source import Source

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("host", "hostname", "name", "computer", "computername", "server", "device", "devicename"),
    "address": ("address", "ip", "ipaddress", "ipv4", "ipv6", "fqdn", "dns", "dnsname"),
    "site": ("site", "location", "office", "branch"),
    "port": ("port", "sshport"),
    "user": ("user", "username", "login", "sshuser"),
    "os": ("os", "operatingsystem", "platform", "distribution"),
    "tags": ("tags", "tag", "groups", "group", "roles", "role"),
    "connection": ("connection", "protocol", "transport"),
    "gateway": ("gateway", "jumphost", "proxyjump", "bastion"),
    "identity": ("identity", "key", "keyfile", "privatekey", "identityfile"),
    "become": ("become", "sudo"),
    "criticality": ("criticality", "priority", "class"),
    "notes": ("notes", "note", "comment", "description", "remarks"),
    "password": ("password", "pass", "pwd", "sshpassword"),
    "become_password": ("becomepassword", "sudopassword"),
}
_KNOWN: Mapping[str, str] = {alias: key for key, aliases in COLUMNS.items() for alias in aliases}
_SECRETS = frozenset({"password", "become_password"})
_YES: Mapping[str, str] = {
    "true": "sudo",
    "yes": "sudo",
    "1": "sudo",
    "false": "none",
    "no": "none",
    "0": "none",
}


def read_csv(source: Source, draft: Draft, site: str) -> None:
    """Fill the draft with one host per row; columns of other names become variables.

    Raises:
        ConfigurationError: no header, no column with the host's name, a row too long, quotes open.
    """
    lines = source.text.splitlines(keepends=True)
    head = lines[0] if lines else ""
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [cell.strip() for cell in next(rows, [])]
        keys = [_key(draft, cell) for cell in header]
        if "name" not in keys:
            hint = "call it host, hostname or name"
            raise ConfigurationError(
                "no column holds the names of the hosts", place=Place(source.file, 1, 1), hint=hint
            )
        for row in rows:
            if any(cell.strip() for cell in row):
                _row(draft, dict(_cells(keys, row, Place(source.file, rows.line_num, 1))), site)
    except csv.Error as error:
        place = Place(source.file, rows.line_num, 1)
        raise ConfigurationError(f"this row is no CSV: {error}", place=place) from None


def _key(draft: Draft, column: str) -> str:
    key = _KNOWN.get(re.sub(r"[^a-z0-9]", "", column.lower()))
    if key is not None:
        return key
    variable = re.sub(r"[^A-Za-z0-9_]+", "_", column).strip("_")
    variable = f"_{variable}" if variable[:1].isdigit() else variable
    if variable:
        draft.note(f"the column `{shown(column)}` is not known; it became the variable `{variable}`")
    return f"vars.{variable}" if variable else ""


def _cells(keys: list[str], row: list[str], place: Place) -> list[tuple[str, str]]:
    if len(row) > len(keys):
        raise ConfigurationError(f"{len(row)} cells, but the header has {len(keys)}", place=place)
    return [(key, cell.strip()) for key, cell in zip(keys, row, strict=False) if key and cell.strip()]


def _row(draft: Draft, cells: dict[str, str], site: str) -> None:
    if "name" not in cells:
        draft.note("a row without a host's name was left out")
        return
    foreign = cells.pop("name")
    if any(host.name == slug(foreign) for host in draft.hosts):
        draft.note(f"the host `{shown(foreign)}` is there twice; only the first row was taken over")
        return
    host = DraftHost(name=draft.name("host", foreign), site=draft.name("site", cells.pop("site", site)))
    if host.name != foreign.lower():
        host.settings["address"] = foreign
    for key, text in cells.items():
        if key.startswith("vars."):
            host.variables[key.removeprefix("vars.")] = _typed(text)
        elif key == "tags":
            host.tags = [draft.name("tag", tag) for tag in re.split(r"[\s,;|]+", text) if tag]
        elif key in _SECRETS:
            reference = environment_name((draft.client, host.name, key))
            host.settings[key] = f"env:{reference}"
            draft.note(f"the {key} of {host.name} was not copied; it is now expected as env:{reference}")
        else:
            host.settings[key] = _setting(key, text)
    host.variables = draft.withhold(host.variables, host.name)
    draft.hosts.append(host)


def _setting(key: str, text: str) -> Foreign:
    if key == "port":
        return _typed(text)
    if key == "identity" and ":" not in text:
        return f"file:{text}"
    if key == "become":
        return _YES.get(text.lower(), text.lower())
    if key in {"os", "connection"}:
        return text.lower().replace(" ", "-")
    return text


def _typed(text: str) -> Foreign:
    number = integer(text)
    return text if number is None else number
