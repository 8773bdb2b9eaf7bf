"""Debian's own packages for a lab host, from where this machine itself gets Debian 12."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from mspctl.testing.lab.cache import Cache
from mspctl.testing.lab.command import ENDS_WITH_US, run
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.host import Host
from mspctl.testing.lab.sources import debian_sources

_LIMIT = 300.0
_INSTALL = (
    "apt-get -q -y -o Dpkg::Options::=--force-unsafe-io"
    " install --no-install-recommends {folder}/*.deb </dev/null"
)


def debian_packages(cache: Cache, root: Path, names: Sequence[str]) -> Path:
    """A folder with these packages and all that they need beyond what the base `root` has.

    Raises LabError when the machine has no source for Debian 12, or apt cannot get them.
    """

    def make(folder: Path) -> None:
        text = debian_sources()
        if not text:
            raise LabError("no package source for Debian 12 in /etc/apt", hint="see missing_requirements()")
        places = {"lists": "state/lists", "cache": "cache", "parts": "parts"}
        lists, archives, parts = (folder / places[name] for name in ("lists", "cache", "parts"))
        for place in (lists / "partial", archives / "archives" / "partial", parts):
            place.mkdir(parents=True)
        (parts / "debian.sources").write_text(text + "\n", encoding="utf-8")
        settings = {
            "Dir::Etc::sourcelist": "/dev/null",
            "Dir::Etc::sourceparts": parts,
            "Dir::State": folder / "state",
            "Dir::State::status": root / "var/lib/dpkg/status",
            "Dir::Cache": archives,
            "APT::Sandbox::User": "root",
            "Debug::NoLocking": "1",
        }
        options = [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        apt = [*ENDS_WITH_US, "apt-get", "-q", "-y", *options]
        run([*apt, "update"], timeout=_LIMIT)
        run([*apt, "install", "--no-install-recommends", "--download-only", *names], timeout=_LIMIT)
        for deb in (archives / "archives").glob("*.deb"):
            deb.rename(folder / deb.name)
        for place in (folder / "state", archives, parts):
            shutil.rmtree(place)

    return cache.obtain("debian", f"{root.parent.name}-{'-'.join(sorted(names))}", make)


def install_debian(packages: Path, repository: Path, host: Host) -> None:
    """Install what `packages` holds on a running host, which sees it in its `repository`."""
    shared = repository / packages.name
    if not shared.exists():
        shutil.copytree(packages, shared)
    seen = f"/srv/lab-repo/{packages.name}"
    quiet = "DEBIAN_FRONTEND=noninteractive"
    host.run_inside(["env", quiet, "sh", "-c", _INSTALL.format(folder=seen)], timeout=_LIMIT)
