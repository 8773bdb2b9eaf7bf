"""What a host of the lab shall be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from mspctl.testing.lab.errors import LabError

Init = Literal["plain", "systemd"]
FlavourName = Literal["apt", "dnf", "zypper", "pacman"]
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


@dataclass(frozen=True, slots=True)
class HostSpec:
    """One host, as it shall stand when the lab is up.

    `packages` are lab packages (`web` or `lab-web`) installed in their old version, their update pending;
    `files` (absolute path → text) lie on its disk at first boot; `disk_mb` is the size of its disk in MiB;
    `reboot_delay` the seconds between going down and coming up again; `gateway` the name of another host
    of the lab: this one is then reachable from that host only; `flavour` the package tool it has, and the
    distribution it says it is.
    """

    name: str
    packages: tuple[str, ...] = ()
    init: Init = "plain"
    files: Mapping[str, str] = field(default_factory=dict, hash=False)
    disk_mb: int = 512
    reboot_delay: float = 0.5
    gateway: str | None = None
    flavour: FlavourName = "apt"

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise LabError(
                f"no name for a lab host: {self.name!r}", hint="a-z, 0-9 and -, at most 31 of them"
            )
        if self.disk_mb < 16:  # noqa: PLR2004 - smaller, and mkfs.ext4 finds no room for its own tables
            raise LabError(f"a disk of {self.disk_mb} MiB is too small", hint="at least 16")
        for path in self.files:
            if not path.startswith("/") or ".." in path.split("/"):
                raise LabError(f"not an absolute path: {path!r}")

    @property
    def package_names(self) -> tuple[str, ...]:
        """The full names of its packages, sorted, each once."""
        return tuple(sorted({full_name(name) for name in self.packages}))


def full_name(package: str) -> str:
    """`web` and `lab-web` are both `lab-web`."""
    return package if package.startswith("lab-") else f"lab-{package}"
