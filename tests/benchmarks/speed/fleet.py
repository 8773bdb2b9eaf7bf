"""The lab hosts of the benchmark, behind delaying proxies or not, as every tool's inventory."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mspctl.testing.lab import CountingProxy, Delay, Host, HostSpec, Lab
from mspctl.testing.lab.project import Entry, entry, write_project
from tests.benchmarks.speed.tools import Bench, Target

PYTHON_DEBS = (
    "python3-minimal",
    "python3.11-minimal",
    "libpython3.11-minimal",
    "libpython3.11-stdlib",
    "libexpat1",
    "libffi8",
    "libsqlite3-0",
    "media-types",
)


@dataclass(frozen=True, slots=True)
class Fleet:
    """A number of hosts, all at the same distance."""

    bench: Bench
    targets: tuple[Target, ...]


def make_fleet(lab: Lab, folder: Path, *, delay_ms: float, rivals: Path, forks: int) -> Fleet:
    """All hosts of the lab at `delay_ms` round trip; a delay of 0 is without a proxy."""
    folder.mkdir(parents=True, exist_ok=True)
    proxies = {host.name: _proxy(lab, host, delay_ms) for host in lab.hosts} if delay_ms else {}
    entries = [entry(host, proxy=proxies.get(host.name)) for host in lab.hosts]
    return fleet_of(lab, folder, entries, rivals=rivals, forks=forks)


def fleet_of(lab: Lab, folder: Path, entries: list[Entry], *, rivals: Path, forks: int) -> Fleet:
    """A fleet of these entries."""
    folder.mkdir(parents=True, exist_ok=True)
    project = write_project(lab, folder / "project", entries)
    (folder / "known_hosts").write_text("".join(each.known_hosts_line for each in entries))
    targets = tuple(Target(each.name, each.address, each.port) for each in entries)
    return Fleet(Bench(folder, project, project / "keys" / "acme", rivals, forks), targets)


def _proxy(lab: Lab, host: Host, delay_ms: float) -> CountingProxy:
    """`delay_ms` is for the round trip: half each way."""
    return lab.proxy(host, delay=Delay.of_ms(delay_ms / 2))


@contextmanager
def bench_lab(cache: Path, count: int) -> Iterator[Lab]:
    """`count` real hosts."""
    with Lab.start(cache, [HostSpec(f"h{number:03}") for number in range(count)]) as lab:
        yield lab


def give_python(lab: Lab, folder: Path) -> None:
    """Ansible needs Python on its hosts; ours needs none. Debian's packages, unpacked."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["apt-get", "-q", "download", *PYTHON_DEBS], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    root = folder / "root"
    root.mkdir(exist_ok=True)
    for deb in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], check=True)
    if (root / "lib").is_dir():  # on a host /lib is a link to /usr/lib, which an archive must not take away
        shutil.copytree(root / "lib", root / "usr" / "lib", symlinks=True, dirs_exist_ok=True)
    archive = folder / "python.tar"
    subprocess.run(["tar", "-C", str(root), "-cf", str(archive), "usr"], check=True)
    for host in lab.hosts:
        with archive.open("rb") as content:
            subprocess.run(host.inside(["tar", "-C", "/", "-xf", "-"]), stdin=content, check=True)
        host.run_inside(["ln", "-sf", "python3.11", "/usr/bin/python3"])


def many_names(lab: Lab, times: int) -> list[Entry]:
    """Each host under `times` addresses: as many inventory hosts as hosts x times."""
    entries = []
    for number, host in enumerate(lab.hosts):
        base = host.address.rsplit(".", 2)
        for copy in range(times):
            third, fourth = divmod(256 * int(base[1]) + 10 + number + 100 * copy, 256)
            address = f"{base[0]}.{third}.{fourth}"
            if copy:
                host.run_inside(["ip", "address", "add", f"{address}/21", "dev", "eth0"])
            entries.append(Entry(f"{host.name}x{copy}", address, host.port, host.host_key))
    return entries
