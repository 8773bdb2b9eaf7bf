"""The lab: hosts on one network with one repository, from start to teardown."""

import secrets
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from mspctl.testing.lab import repository as repositories
from mspctl.testing.lab import state
from mspctl.testing.lab.base import base, flavour_layer, layer
from mspctl.testing.lab.cache import Cache, remove_tree
from mspctl.testing.lab.debian import debian_packages, install_debian
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.flavours import Flavour, flavour_of
from mspctl.testing.lab.furnish import Layers, furnish, make_lab_layer
from mspctl.testing.lab.host import Host
from mspctl.testing.lab.keys import Access, make_access, read_access
from mspctl.testing.lab.network import Network, claim
from mspctl.testing.lab.packages import Deb
from mspctl.testing.lab.pacrepository import add_pacs, pac_repository
from mspctl.testing.lab.pacs import Pac
from mspctl.testing.lab.proxy import CountingProxy
from mspctl.testing.lab.requirements import missing_requirements
from mspctl.testing.lab.rpmrepository import add_rpms, rpm_repository
from mspctl.testing.lab.rpms import Rpm
from mspctl.testing.lab.spec import HostSpec
from mspctl.testing.lab.store import Store
from mspctl.testing.lab.traffic import Delay


class Lab:
    """A running lab; use as a context manager, or call `stop`.

    `Lab.start` makes one, `Lab.attach` finds one that another process left up, `Lab.cleanup` ends leftovers.
    """

    def __init__(self, cache: Cache, record: state.Record, network: Network, access: Access) -> None:
        self._cache = cache
        self._record = record
        self._network = network
        self._hosts: dict[str, Host] = {}
        self._proxies: list[CountingProxy] = []
        self._published: dict[tuple[type, str, str, str], Deb | Rpm | Pac] = {}
        self.access = access

    # ------------------------------------------------------------------------------------------ life

    @classmethod
    def start(
        cls,
        folder: Path | None = None,
        hosts: Iterable[HostSpec] = (),
        *,
        detached: bool = False,
        name: str = "",
    ) -> Self:
        """A new lab with `hosts`, all booted. `folder` is the cache (default: `.lab` below the current one).

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
        with ExitStack() as undo:
            undo.callback(lab.stop)
            lab.add_hosts(hosts)
            undo.pop_all()
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
        with ExitStack() as undo:
            undo.callback(state.take_down, record)
            network = claim(mac)
            record = state.Record(place, mac, record.owner, network)
            record.write()
            access = make_access(place / "access")
            make_lab_layer(place / "layer", access)
            repositories.copy(repositories.repository(cache), place / "repo")
            undo.pop_all()
        return cls(cache, record, network, access)

    @classmethod
    def attach(cls, folder: Path | None, name: str) -> Self:
        """The lab of that name that is up. Leaving a `with` block of it stops it, as with any."""
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
            raise LabError(
                f"no host {name!r} in the lab", hint=f"there are {', '.join(self._hosts) or 'none'}"
            )
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
        self._keep(debs)
        repositories.add(self._repository(), debs)

    def install_debian(self, host: Host, *names: str) -> None:
        """Install Debian's own packages, with what they need, on an apt host that is up."""
        packages = debian_packages(self._cache, base(self._cache, host.spec.init), names)
        install_debian(packages, self.folder / "repo", host)

    def publish_rpms(self, rpms: Sequence[Rpm]) -> None:
        """The same for the repository that this lab's dnf and zypper hosts share."""
        self._keep(rpms)
        add_rpms(rpm_repository(self._cache).copied(self.folder / "repo-rpm"), rpms)

    def publish_pacs(self, pacs: Sequence[Pac]) -> None:
        """The same for the repository of this lab's pacman hosts."""
        self._keep(pacs)
        add_pacs(pac_repository(self._cache).copied(self.folder / "repo-pac"), pacs)

    def _keep(self, packages: Sequence[Deb | Rpm | Pac]) -> None:
        """One name and version is one package: hosts of several tests see all that was published."""
        for package in packages:
            built_for = package.arch if isinstance(package, Rpm) else ""
            name = type(package), package.name, package.version, built_for
            first = self._published.setdefault(name, package)
            if first != package:
                raise LabError(f"another {package.name} {package.version} was published", hint="rename it")

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
        layers = self._layers(spec)
        number = self._record.free_number()
        self._record = self._record.with_host(number, spec)
        self._record.write()
        host = self._enlist(number, spec)
        furnish(host, number, self._network, layers)
        return host

    def _layers(self, spec: HostSpec) -> Layers:
        root = base(self._cache, spec.init, spec.flavour)
        flavour = flavour_of(spec.flavour)
        if flavour is None:
            installed = layer(self._cache, root, repositories.repository(self._cache), spec.package_names)
            return Layers(self.folder / "layer", installed, root, self.folder / "repo")
        installed = flavour_layer(self._cache, root, flavour, spec.package_names)
        store = self._store(flavour)
        return Layers(self.folder / "layer", installed, root, store.folder, flavour.mounted_at)

    def _store(self, flavour: Flavour) -> Store:
        """This lab's own copy of the repository of a flavour's kind, made when it is first needed."""
        return flavour.store(self._cache).copied(self.folder / f"repo-{flavour.kind}")
