"""The package managers that the lab has hosts of, and what a test must know of each."""

from dataclasses import dataclass

from mspctl.testing import lab
from mspctl.testing.lab.spec import FlavourName

PENDING = ("lab-conf", "lab-kernel", "lab-newdep", "lab-ssl", "lab-web")
"""Installed in their old version 1.0, with 1.1 pending; lab-ssl is a security update."""
HELD = "lab-held"
"""Pending, and put on hold by the manager's own means."""
NEW = "lab-extra"
"""A new dependency of the pending lab-newdep, not installed."""


@dataclass(frozen=True, slots=True)
class Manager:
    """One package manager.

    `reset` is a shell line that brings PENDING back to 1.0 and takes NEW away; `version` is how the manager
    writes the new version. `security` is false if it cannot tell security updates from others.
    """

    name: FlavourName
    reset: str
    version: str = "1.1"
    security: bool = True

    def spec(self) -> lab.HostSpec:
        """A host of this manager with all of these packages pending."""
        return lab.HostSpec("patient", (*PENDING, HELD), flavour=self.name)


MANAGERS = (
    Manager(
        "apt",
        reset="apt-get -qq -y --allow-downgrades install "
        + " ".join(f"{name}=1.0" for name in PENDING)
        + f" && apt-get -qq -y purge {NEW}; rm -f /run/reboot-required*",
    ),
    Manager(
        "zypper",
        reset="rpm --quiet -U --force --nodeps "
        + " ".join(f"/srv/lab-repo-zypper/{name}-1.0-1.noarch.rpm" for name in PENDING)
        + f" && rm -f /run/reboot-needed && {{ ! rpm -q --quiet {NEW} || rpm --quiet -e --nodeps {NEW}; }}",
        version="1.1-1",
    ),
    Manager(
        "pacman",
        reset="pacman -U --noconfirm "
        + " ".join(f"/srv/lab-repo-pacman/{name}-1.0-1-any.pkg.tar" for name in PENDING)
        + f" && {{ ! pacman -Q {NEW} || pacman -Rdd --noconfirm {NEW}; }}",
        version="1.1-1",
        security=False,
    ),
    Manager(
        "dnf",
        reset="dnf -q -y downgrade "
        + " ".join(f"{name}-1.0" for name in PENDING)
        + f"; dnf -q -y remove {NEW}",
        version="1.1-1",
    ),
)
"""One test each, by the manager's name."""
