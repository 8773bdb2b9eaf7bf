"""The lab: hosts on one network with one repository, from start to teardown."""

import hashlib
import secrets
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from mspctl.testing.lab import repository as repositories
from mspctl.testing.lab import state
from mspctl.testing.lab.base import base, layer
from mspctl.testing.lab.cache import Cache, remove_tree
from mspctl.testing.lab.command import run
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.host import Host
from mspctl.testing.lab.keys import Access, make_access, make_key, read_access
from mspctl.testing.lab.network import Network, claim
from mspctl.testing.lab.packages import Deb
from mspctl.testing.lab.proxy import CountingProxy, Delay
from mspctl.testing.lab.requirements import missing_requirements
from mspctl.testing.lab.spec import HostSpec

_OPS, _ADMIN, _SHADOW_GROUP = 1000, 1001, 42
_INODES = 32768


class Lab:
    """A running lab; use as a context manager, or call `stop`.

    `Lab.start` makes one, `Lab.attach` finds one that another process left up, `Lab.cleanup` removes leftovers.
    """

    def __init__(self, cache: Cache, record: state.Record, network: Network, access: Access) -> None:
        self._cache = cache
        self._record = record
        self._network = network
        self._hosts: dict[str, Host] = {}
        self._proxies: list[CountingProxy] = []
        self.access = access

    # ------------------------------------------------------------------------------------------ life

    @classmethod
    def start(
        cls, folder: Path | None = None, hosts: Iterable[HostSpec] = (), *, detached: bool = False, name: str = ""
    ) -> Self:
        """A new lab with `hosts`, all booted. `folder` caches the bases (default: `.lab` below the current folder).

        A lab that is not `detached` ends with this process at the latest: the next start sweeps it away.
        Raises LabError naming everything that is missing on this machine.
        """
        missing = missing_requirements()
        if missing:
            raise LabError("the lab cannot run here: " + "; ".join(str(lack) for lack in missing))
        cache = Cache(folder)
        cache.prepare()
        with cache.lock("sweep"):
            state.sweep(cache)
            lab = cls._begin(cache, name, detached=detached)
        try:
            lab.add_hosts(hosts)
        except BaseException:
            lab.stop()
            raise
        return lab

    @classmethod
    def _begin(cls, cache: Cache, name: str, *, detached: bool) -> Self:
        identity = secrets.token_bytes(4)
        place = cache.folder / "labs" / (name or identity.hex())
        if state.read(place) is not None:
            raise LabError(f"the lab {place.name} is up already", hint="take it down, or attach to it")
        remove_tree(place)
        mac = ":".join(["02", "4c", *(f"{byte:02x}" for byte in identity)])
        record = state.Record(place, mac, None if detached else state.own_process())
        record.write()
        try:
            network = claim(mac)
            record = state.Record(place, mac, record.owner, network)
            record.write()
            access = make_access(place / "access")
            _make_lab_layer(place / "layer", access)
            repositories.copy(repositories.repository(cache), place / "repo")
        except BaseException:
            state.take_down(record)
            raise
        return cls(cache, record, network, access)

    @classmethod
    def attach(cls, folder: Path | None, name: str) -> Self:
        """A lab that is up: `name` is its folder's below `labs`. Leaving the context of an attached lab stops it."""
        cache = Cache(folder)
        record = state.read(cache.folder / "labs" / name)
        if record is None or record.network is None:
            up = ", ".join(found.folder.name for found in state.records(cache)) or "none"
            raise LabError(f"no lab {name!r} is up", hint=f"up: {up}")
        lab = cls(cache, record, record.network, read_access(record.folder / "access"))
        for number, spec in record.hosts:
            lab._enlist(number, spec)
        return lab

    @staticmethod
    def cleanup(folder: Path | None = None) -> None:
        """Take down the labs of the cache `folder` that are detached or whose owner has died; the bases stay.

        A lab whose owner lives is its owner's to stop. Safe to repeat.
        """
        cache = Cache(folder)
        cache.prepare()
        with cache.lock("sweep"):
            state.sweep(cache, detached=True)

    def stop(self) -> None:
        """Take everything down: processes, mounts, network, folder. Safe to repeat."""
        for proxy in self._proxies:
            proxy.stop()
        state.take_down(self._record)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # ------------------------------------------------------------------------------------------ hosts

    def add_hosts(self, specs: Iterable[HostSpec]) -> tuple[Host, ...]:
        """Make further hosts and boot them all at once; returns when sshd answers on each."""
        added = [self._make(spec) for spec in specs]
        for host in added:
            host.power_on()
        for host in added:
            host.await_boot()
        return tuple(added)

    def add_host(self, spec: HostSpec) -> Host:
        """Make one further host and boot it."""
        return self.add_hosts([spec])[0]

    def remove_host(self, host: Host) -> None:
        """Cut its power and forget it, disk and all."""
        host.power_cut()
        state.remove_host(host.folder)
        del self._hosts[host.name]
        self._record = self._record.without_host(host.name)
        self._record.write()

    def host(self, name: str) -> Host:
        """The host of this name; raises LabError when there is none."""
        if name not in self._hosts:
            raise LabError(f"no host {name!r} in the lab", hint=f"there are {', '.join(self._hosts) or 'none'}")
        return self._hosts[name]

    @property
    def hosts(self) -> tuple[Host, ...]:
        """All hosts, in the order they were added."""
        return tuple(self._hosts.values())

    @property
    def name(self) -> str:
        """What `Lab.attach` takes."""
        return self.folder.name

    @property
    def folder(self) -> Path:
        """What is this lab's only; gone after `stop`."""
        return self._record.folder

    @property
    def key_path(self) -> Path:
        """The private key that `ops` and `admin` accept on every host."""
        return self.access.key_path

    @property
    def admin_password(self) -> str:
        """For admin's login and admin's sudo."""
        return self.access.admin_password

    @property
    def known_hosts(self) -> str:
        """The lines of all hosts in known_hosts format."""
        return "".join(host.known_hosts_line for host in self.hosts)

    # ------------------------------------------------------------------------------------------ around

    def publish(self, debs: Sequence[Deb]) -> None:
        """Add packages to the repository of this lab; hosts see them at their next `apt-get update`."""
        repositories.add(self._repository(), debs)

    def proxy(self, host: Host, *, delay: Delay | None = None) -> CountingProxy:
        """A counting proxy before this host's sshd, on a free port of 127.0.0.1; ends with the lab."""
        proxy = CountingProxy(host.address, host.port, delay=delay or Delay())
        proxy.start()
        self._proxies.append(proxy)
        return proxy

    # ------------------------------------------------------------------------------------------ making

    def _repository(self) -> repositories.Repository:
        cached = repositories.repository(self._cache)
        return repositories.Repository(self.folder / "repo", cached.keys, cached.digest, cached.architecture)

    def _enlist(self, number: int, spec: HostSpec) -> Host:
        address = self._network.address(number, inner=spec.gateway is not None)
        place = self.folder / "hosts" / spec.name
        host = Host(spec, str(address.ip), self._network.port(number), place, self.access)
        self._hosts[spec.name] = host
        return host

    def _make(self, spec: HostSpec) -> Host:
        if spec.name in self._hosts:
            raise LabError(f"there is a host {spec.name!r} already")
        if spec.gateway is not None:
            self.host(spec.gateway)
        root = base(self._cache, spec.init)
        installed = layer(self._cache, root, repositories.repository(self._cache), spec.package_names)
        number = self._record.free_number()
        self._record = self._record.with_host(number, spec)
        self._record.write()
        host = self._enlist(number, spec)
        host.folder.mkdir(parents=True)
        _make_seed(host, _shadow(root, self.access))
        _make_disk(host)
        lower = ":".join(str(place) for place in (host.folder / "seed", self.folder / "layer", installed, root))
        self._write_environment(host, number, lower)
        return host

    def _write_environment(self, host: Host, number: int, lower: str) -> None:
        addresses = [self._network.address(number, inner=host.spec.gateway is not None)]
        if host.spec.gateway is None:
            addresses.append(self._network.address(number, inner=True))
        plain = host.spec.init == "plain"
        lines = {
            "NAME": host.name,
            "BRIDGE": self._network.bridge,
            "PORT": host.interface,
            "MAC": self._network.host_mac(number),
            "ADDRESSES": " ".join(str(address) for address in addresses),
            "LOWER": lower,
            "REPOSITORY": str(self.folder / "repo"),
            "INIT": host.spec.init,
            "INIT_PROGRAM": "/sbin/lab-init" if plain else "/lib/systemd/systemd",
        }
        text = "".join(f"{name}='{value}'\n" for name, value in lines.items())
        (host.folder / "host.env").write_text(text, encoding="ascii")
        if not plain:
            (host.folder / "cgroup").write_text(f"{_cgroup_root()}/{self._network.bridge}-{host.name}\n", encoding="ascii")


def _cgroup_root() -> Path:
    """Where this machine has its cgroup2 tree: pure (Debian 12) or beside version 1."""
    for place in (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified")):
        if (place / "cgroup.procs").exists() and (place / "cgroup.controllers").exists():
            return place
    raise LabError("no cgroup2 tree on this machine", hint='use init="plain"')


def _make_lab_layer(folder: Path, access: Access) -> None:
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
