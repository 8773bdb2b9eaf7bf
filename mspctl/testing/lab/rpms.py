"""The lab's packages for hosts with rpm, as `packages` has them for apt; dnf and zypper share them."""

from dataclasses import dataclass, field
from typing import Literal

from mspctl.testing.lab.packages import NEW, OLD
from mspctl.testing.lab.scriptlets import FAIL, SERVICE, TAKE_TIME

Signer = Literal["lab", "stranger"]


@dataclass(frozen=True, slots=True)
class Advisory:
    """What updateinfo.xml says of an update: its id, its kind, what it fixes, if it asks for a reboot."""

    name: str
    kind: Literal["security", "bugfix"] = "security"
    cves: tuple[str, ...] = ()
    reboot: bool = False


@dataclass(frozen=True, slots=True)
class Rpm:
    """One .rpm, of release 1.

    `tags` are further lines of the spec's preamble (`Requires`, `Obsoletes`, …); `pre` and `post` are
    the texts of its scriptlets; `files` what it ships: absolute path → text, those below init.d executable,
    those in `configs` kept when changed. A `stranger` signs with a key that no host knows.
    """

    name: str
    version: str
    tags: tuple[tuple[str, str], ...] = ()
    pre: str = ""
    post: str = ""
    files: dict[str, str] = field(default_factory=dict)
    configs: tuple[str, ...] = ()
    advisory: Advisory | None = None
    signer: Signer = "lab"
    arch: str = "noarch"


RELEASE = "lab-release"
"""Installed on every rpm host: it stands for what a distribution's own first packages provide."""

# While the layer is made there is no sshd: nothing may start then.
_START_SERVICE = """mkdir -p /etc/rc2.d
ln -sf ../init.d/lab-web /etc/rc2.d/S01lab-web
[ ! -e /run/sshd.pid ] || /etc/init.d/lab-web restart
"""


def _web(version: str, *tags: tuple[str, str]) -> Rpm:
    return Rpm("lab-web", version, tags, post=_START_SERVICE, files={"/etc/init.d/lab-web": SERVICE})


def _conf(version: str, colour: str) -> Rpm:
    path = "/etc/lab-conf.conf"
    return Rpm("lab-conf", version, files={path: f"colour = {colour}\n"}, configs=(path,))


RPMS: tuple[Rpm, ...] = (
    Rpm(
        RELEASE,
        OLD,
        (
            ("Provides", "system-release = 9"),
            ("Provides", "system-release(releasever) = 9"),
            ("Provides", "/bin/sh"),
        ),
    ),
    _web(OLD, ("Requires", "lab-orphan")),
    _web(NEW),
    Rpm("lab-orphan", OLD),
    Rpm("lab-ssl", OLD),
    Rpm("lab-ssl", NEW, advisory=Advisory("LAB-2026:0001", cves=("CVE-2026-0001", "CVE-2026-0002"))),
    Rpm("lab-held", OLD),
    Rpm("lab-held", NEW, advisory=Advisory("LAB-2026:0002", cves=("CVE-2026-0003",))),
    Rpm("lab-broken", OLD),
    Rpm("lab-broken", NEW, post=FAIL),
    Rpm("lab-kernel", OLD),
    Rpm(
        "lab-kernel",
        NEW,
        (("Provides", "installhint(reboot-needed)"),),
        advisory=Advisory("LAB-2026:0003", "bugfix", reboot=True),
    ),
    _conf(OLD, "green"),
    _conf(NEW, "blue"),
    Rpm("lab-slow", OLD),
    Rpm("lab-slow", NEW, post=TAKE_TIME),
    Rpm("lab-newdep", OLD),
    Rpm("lab-newdep", NEW, (("Requires", "lab-extra"),)),
    Rpm("lab-extra", NEW),
    # The new version refuses to be installed, which ends the whole transaction of some.
    Rpm("lab-refuse", OLD),
    Rpm("lab-refuse", NEW, pre="echo 'lab-refuse: the old data cannot be converted' >&2\nexit 1\n"),
    # The new version cannot be installed: nothing provides what it needs.
    Rpm("lab-stuck", OLD),
    Rpm("lab-stuck", NEW, (("Requires", "lab-absent"),)),
    # The new version takes another package's place.
    Rpm("lab-merge", OLD),
    Rpm("lab-merge", NEW, (("Obsoletes", "lab-rival < 2"),)),
    Rpm("lab-rival", OLD),
)

RPM_PACKAGES: tuple[str, ...] = tuple(sorted({rpm.name for rpm in RPMS if rpm.version == OLD} - {RELEASE}))
"""The names that the HostSpec of a dnf or zypper host may ask for."""
