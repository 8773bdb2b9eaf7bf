"""The lab's packages for hosts with pacman, as `packages` has them for apt."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from mspctl.testing.lab.rpms import Signer
from mspctl.testing.lab.scriptlets import FAIL, TAKE_TIME

PAC_OLD = "1.0-1"
PAC_NEW = "1.1-1"


@dataclass(frozen=True, slots=True)
class Pac:
    """One package of pacman, for any architecture.

    `fields` are lines of its .PKGINFO (`depend`, `replaces`, `conflict`, `backup`), `install` the text of its
    scriptlets; `files` what it ships: path without the leading slash → text. A `stranger` signs with a key
    that no host knows.
    """

    name: str
    version: str
    fields: tuple[tuple[str, str], ...] = ()
    install: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    signer: Signer = "lab"


def _upgraded(body: str) -> str:
    """In a subshell, for the body ends with `exit`."""
    return f"post_upgrade() {{\n(\n{body})\n}}\n"


def _pair(name: str, new: Pac) -> tuple[Pac, Pac]:
    return Pac(name, PAC_OLD), new


def _conf(version: str, colour: str) -> Pac:
    path = "etc/lab-conf.conf"
    return Pac("lab-conf", version, (("backup", path),), files={path: f"colour = {colour}\n"})


def _kernel(version: str, release: str) -> Pac:
    """As with Arch's kernels, an update takes the modules of the running one away."""
    return Pac("lab-kernel", version, files={f"usr/lib/modules/{release}/vmlinuz": ""})


PACS: tuple[Pac, ...] = (
    *_pair("lab-web", Pac("lab-web", PAC_NEW)),
    *_pair("lab-ssl", Pac("lab-ssl", PAC_NEW)),
    *_pair("lab-held", Pac("lab-held", PAC_NEW)),
    *_pair("lab-broken", Pac("lab-broken", PAC_NEW, install=_upgraded(FAIL))),
    _kernel(PAC_OLD, os.uname().release),
    _kernel(PAC_NEW, f"{os.uname().release}-lab"),
    _conf(PAC_OLD, "green"),
    _conf(PAC_NEW, "blue"),
    *_pair("lab-slow", Pac("lab-slow", PAC_NEW, install=_upgraded(TAKE_TIME))),
    *_pair("lab-newdep", Pac("lab-newdep", PAC_NEW, (("depend", "lab-extra"),))),
    Pac("lab-extra", PAC_NEW),
    # The new version cannot be installed: nothing provides what it needs.
    *_pair("lab-stuck", Pac("lab-stuck", PAC_NEW, (("depend", "lab-absent"),))),
    # Another package takes this one's place.
    Pac("lab-rival", PAC_OLD),
    Pac("lab-merge", PAC_NEW, (("replaces", "lab-rival"), ("conflict", "lab-rival"))),
)

PAC_PACKAGES: tuple[str, ...] = tuple(sorted({pac.name for pac in PACS if pac.version == PAC_OLD}))
"""The names that the HostSpec of a pacman host may ask for."""
