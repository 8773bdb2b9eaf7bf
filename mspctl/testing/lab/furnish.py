"""What lies on a host's disk and beside it before its first boot."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from mspctl.testing.lab.command import run
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.host import SSHD_LOG, Host
from mspctl.testing.lab.keys import Access, make_key
from mspctl.testing.lab.network import Network

_OPS, _ADMIN, _SHADOW_GROUP = 1000, 1001, 42
_INODES = 32768


@dataclass(frozen=True, slots=True)
class Layers:
    """The folders of which a host's root is made, besides its own; its repository, and where it sees that."""

    lab: Path
    packages: Path
    base: Path
    repository: Path
    repository_at: str = "srv/lab-repo"


def furnish(host: Host, number: int, network: Network, layers: Layers) -> None:
    """Fill the host's folder: seed (its own lowest layer), disk image, and what its boot scripts read."""
    host.folder.mkdir(parents=True)
    _make_seed(host, _shadow(layers.base, host.access))
    _make_disk(host)
    addresses = [network.address(number, inner=host.spec.gateway is not None)]
    if host.spec.gateway is None:
        addresses.append(network.address(number, inner=True))
    plain = host.spec.init == "plain"
    lower = (host.folder / "seed", layers.lab, layers.packages, layers.base)
    lines = {
        "NAME": host.name,
        "BRIDGE": network.bridge,
        "PORT": host.interface,
        "MAC": network.host_mac(number),
        "ADDRESSES": " ".join(str(address) for address in addresses),
        "LOWER": ":".join(str(place) for place in lower),
        "REPOSITORY": str(layers.repository),
        "REPOSITORY_AT": layers.repository_at,
        "INIT": host.spec.init,
        "INIT_PROGRAM": "/sbin/lab-init" if plain else "/lib/systemd/systemd",
    }
    text = "".join(f"{name}='{value}'\n" for name, value in lines.items())
    (host.folder / "host.env").write_text(text, encoding="ascii")
    if not plain:
        cgroup = _cgroup_root() / f"{network.bridge}-{host.name}"
        (host.folder / "cgroup").write_text(f"{cgroup}\n", encoding="ascii")


def _cgroup_root() -> Path:
    """Where this machine has its cgroup2 tree: pure (Debian 12) or beside version 1."""
    for place in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")):
        if (place / "cgroup.procs").exists() and (place / "cgroup.controllers").exists():
            return place
    raise LabError("no cgroup2 tree on this machine", hint='use init="plain"')


def make_lab_layer(folder: Path, access: Access) -> None:
    """What all hosts of one lab share: the key that lets in."""
    for user, number in (("ops", _OPS), ("admin", _ADMIN)):
        keys = folder / "home" / user / ".ssh" / "authorized_keys"
        _write(keys, access.public_key + "\n", 0o600)
        keys.parent.chmod(0o700)
        for place in (keys.parent.parent, keys.parent, keys):
            shutil.chown(place, number, number)


def _shadow(root: Path, access: Access) -> str:
    """The base's shadow(5) with the admin's password."""
    lines = (root / "etc/shadow").read_text(encoding="utf-8").splitlines()
    entries = [line.split(":") for line in lines]
    return "".join(
        ":".join([name, access.admin_hash if name == "admin" else password, *rest]) + "\n"
        for name, password, *rest in entries
    )


def _make_seed(host: Host, shadow: str) -> None:
    """What only this host has: name, host key, machine id, the files asked for."""
    seed = host.folder / "seed"
    machine_id = hashlib.sha256(host.name.encode()).hexdigest()[:32]
    texts = {
        "/etc/hostname": f"{host.name}\n",
        "/etc/hosts": f"127.0.0.1 localhost\n127.0.1.1 {host.name}.lab {host.name}\n",
        "/etc/machine-id": f"{machine_id}\n",
        "/etc/default/ssh": f"SSHD_OPTS='-E {SSHD_LOG} -o LogLevel=VERBOSE'\n",
        **host.spec.files,
    }
    for path, text in texts.items():
        _write(seed / path.lstrip("/"), text, 0o644)
    _write(seed / "etc/shadow", shadow, 0o640)
    shutil.chown(seed / "etc/shadow", 0, _SHADOW_GROUP)
    (seed / "etc/ssh").mkdir(mode=0o755, exist_ok=True)
    make_key(seed / "etc/ssh/ssh_host_ed25519_key", host.name)


def _make_disk(host: Host) -> None:
    image = host.folder / "disk.img"
    with image.open("wb") as file:
        file.truncate(host.spec.disk_mb * 2**20)
    options = "lazy_itable_init=1,nodiscard"
    run(["mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", "-N", str(_INODES), "-E", options, image])


def _write(file: Path, text: str, mode: int) -> None:
    for folder in reversed([place for place in file.parents if not place.exists()]):
        folder.mkdir()
        folder.chmod(0o755)
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
