"""A ready mspctl project for a lab: inventory, key and pinned host keys, as an operator would have them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from mspctl.testing.lab.host import Host
from mspctl.testing.lab.lab import Lab
from mspctl.testing.lab.proxy import CountingProxy
from mspctl.testing.lab.spec import FlavourName

_SYSTEMS: Mapping[FlavourName, str] = MappingProxyType(
    {"apt": "debian", "dnf": "rocky", "zypper": "opensuse", "pacman": "arch"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One host as the inventory shall name it; `key` is the host key that is pinned for it."""

    name: str
    address: str
    port: int
    key: str
    site: str = "hq"
    tags: tuple[str, ...] = ()
    gateway: str | None = None
    os: str = "debian"

    @property
    def known_hosts_line(self) -> str:
        """The pin in known_hosts format, sshd(8)."""
        place = self.address if self.port == 22 else f"[{self.address}]:{self.port}"  # noqa: PLR2004 - the format's
        return f"{place} {self.key}\n"

    @property
    def yaml(self) -> str:
        """The line below `hosts:`."""
        fields = [f"address: {self.address}", f"os: {self.os}"]
        if self.port != 22:  # noqa: PLR2004 - the default of the file's `defaults`
            fields.append(f"port: {self.port}")
        if self.tags:
            fields.append(f"tags: [{', '.join(self.tags)}]")
        if self.gateway:
            fields.append(f"gateway: {self.gateway}")
        return f"      {self.name}: {{{', '.join(fields)}}}\n"


def entry(
    host: Host, *, proxy: CountingProxy | None = None, site: str = "hq", tags: Sequence[str] = ()
) -> Entry:
    """The entry of a lab host, reached directly or through a proxy."""
    address, port = (proxy.address, proxy.port) if proxy else (host.address, host.port)
    system = _SYSTEMS[host.spec.flavour]
    return Entry(host.name, address, port, host.host_key, site, tuple(tags), host.spec.gateway, system)


def write_project(
    lab: Lab, folder: Path, entries: Iterable[Entry] | None = None, *, client: str = "acme", user: str = "ops"
) -> Path:
    """Write a project for `client` into `folder` (made if need be) and return it.

    `entries` are by default all hosts of the lab, directly. As `admin`, sudo gets its password from keys/.
    A second client may be written into the same folder.
    """
    listed = list(entries) if entries is not None else [entry(host) for host in lab.hosts]
    inventory = folder / "inventory"
    for place in (inventory / "clients", inventory / "known_hosts"):
        place.mkdir(parents=True, exist_ok=True)
    (folder / "keys").mkdir(mode=0o700, exist_ok=True)
    _write(folder / "keys" / client, lab.key_path.read_text(encoding="ascii"), 0o600)
    if user == "admin":
        _write(folder / "keys" / f"{client}-sudo", lab.admin_password, 0o600)
    _write(inventory / "mspctl.yml", "name: Lab Services\n", 0o644)
    _write(inventory / "clients" / f"{client}.yml", _client_yaml(listed, client, user), 0o644)
    _write(inventory / "known_hosts" / client, "".join(each.known_hosts_line for each in listed), 0o644)
    return folder


def _client_yaml(entries: Sequence[Entry], client: str, user: str) -> str:
    lines = [
        f"client: {client}\n",
        f"name: {client.capitalize()} GmbH\n",
        "timezone: Europe/Berlin\n",
        "defaults:\n",
        "  connection: ssh\n",
        f"  user: {user}\n",
        "  port: 22\n",
        f'  identity: "file:keys/{client}"\n',
        "  become: sudo\n",
    ]
    if user == "admin":
        lines.append(f'  become_password: "file:keys/{client}-sudo"\n')
    lines.append("sites:\n")
    for site in dict.fromkeys(each.site for each in entries):
        lines.append(f"  {site}:\n    hosts:\n")
        lines.extend(each.yaml for each in entries if each.site == site)
    return "".join(lines)


def _write(file: Path, text: str, mode: int) -> None:
    file.touch(mode=mode)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
