"""Hosts of other distributions: what makes a base into a dnf, zypper or pacman host.

All are the Debian base with the real tool from Debian's packages, that family's os-release, and a package
database and a repository of their own; apt, dpkg and the other tools are not there. So the tools are real,
the userland is not. dnf is a Python program: "no Python on hosts" holds for the other flavours only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mspctl.testing.lab.cache import Cache
from mspctl.testing.lab.command import SCRIPTS
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.pacrepository import pac_repository
from mspctl.testing.lab.pacs import PAC_PACKAGES
from mspctl.testing.lab.rpmrepository import rpm_repository
from mspctl.testing.lab.rpms import RPM_PACKAGES
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.lab.store import Store

TOOLS = ("dnf", "pacman-package-manager", "python3-dateutil", "python3-dbus", "rpm", "zypper")
"""What the one base of all flavours has more than the plain one."""

UNPACKED = ("dnf-plugins-core",)
"""Unpacked into that base, not installed: Debian lets it not stand beside zypper."""


@dataclass(frozen=True, slots=True)
class Flavour:
    """One kind of host. `kind` names its repository's format: flavours of one kind share it.

    `packages` are the names a HostSpec may ask for, `held` those that are put on hold wherever they
    are installed. `script` finishes its layer: sets up the tool, installs the packages in their old version.
    """

    name: FlavourName
    kind: str
    store: Callable[[Cache], Store]
    packages: tuple[str, ...]
    script: Path
    held: tuple[str, ...] = ("lab-held",)

    @property
    def mounted_at(self) -> str:
        """Where its hosts see the repository, without the leading slash."""
        return f"srv/lab-repo-{self.name}"


_FLAVOURS = (
    Flavour("dnf", "rpm", rpm_repository, RPM_PACKAGES, SCRIPTS / "flavour-dnf.sh"),
    Flavour("zypper", "rpm", rpm_repository, RPM_PACKAGES, SCRIPTS / "flavour-zypper.sh"),
    Flavour("pacman", "pac", pac_repository, PAC_PACKAGES, SCRIPTS / "flavour-pacman.sh"),
)


def flavour_of(name: FlavourName) -> Flavour | None:
    """The flavour of this name; None for apt, which the plain base is. LabError for one not made yet."""
    if name == "apt":
        return None
    for flavour in _FLAVOURS:
        if flavour.name == name:
            return flavour
    raise LabError(
        f"no lab flavour {name!r}", hint=f"there are apt, {', '.join(each.name for each in _FLAVOURS)}"
    )
