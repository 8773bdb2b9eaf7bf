"""The lab's own packages, each in an old and a new version; each shows one thing that a patch night meets."""

from dataclasses import dataclass, field

from mspctl.testing.lab.scriptlets import FAIL, SERVICE, TAKE_TIME

OLD = "1.0"
NEW = "1.1"
STABLE = "stable"
SECURITY = "stable-security"


@dataclass(frozen=True, slots=True)
class Deb:
    """One .deb.

    `fields` are further lines of its control file, `scripts` its maintainer scripts, `files` what it ships:
    path without the leading slash → text; those below bin, sbin and init.d are executable.
    """

    name: str
    version: str
    suite: str = STABLE
    fields: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    conffiles: tuple[str, ...] = ()


_CONFIGURE = """#!/bin/sh
[ "$1" = configure ] || exit 0
"""

_START_SERVICE = """#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
update-rc.d lab-web defaults > /dev/null 2>&1 || :
[ -e /etc/rc2.d/S01lab-web ] || ln -s ../init.d/lab-web /etc/rc2.d/S01lab-web
invoke-rc.d lab-web restart
"""

_ASK_FOR_REBOOT = """touch /run/reboot-required
echo lab-kernel >> /run/reboot-required.pkgs
"""

_QUESTION = """Template: lab-debconf/colour
Type: string
Default: green
Description: Which colour shall the lab have?
 An answer is wanted from a person; there is none at night.
"""

_ASK = """#!/bin/sh
set -e
. /usr/share/debconf/confmodule
db_fset lab-debconf/colour seen false
db_input critical lab-debconf/colour || true
db_go || true
"""

_USE_ANSWER = """#!/bin/sh
set -e
. /usr/share/debconf/confmodule
db_get lab-debconf/colour
echo "$RET" > /etc/lab-debconf-colour
db_stop
"""


def _pair(name: str, new: Deb) -> tuple[Deb, Deb]:
    return Deb(name, OLD), new


DEBS: tuple[Deb, ...] = (
    Deb(
        "lab-web",
        OLD,
        fields={"Depends": "lab-orphan"},
        scripts={"postinst": _START_SERVICE},
        files={"etc/init.d/lab-web": SERVICE},
        conffiles=("/etc/init.d/lab-web",),
    ),
    Deb(
        "lab-web",
        NEW,
        scripts={"postinst": _START_SERVICE},
        files={"etc/init.d/lab-web": SERVICE},
        conffiles=("/etc/init.d/lab-web",),
    ),
    Deb("lab-orphan", OLD),
    *_pair("lab-ssl", Deb("lab-ssl", NEW, suite=SECURITY)),
    *_pair("lab-held", Deb("lab-held", NEW)),
    *_pair("lab-broken", Deb("lab-broken", NEW, scripts={"postinst": _CONFIGURE + FAIL})),
    *_pair("lab-kernel", Deb("lab-kernel", NEW, scripts={"postinst": _CONFIGURE + _ASK_FOR_REBOOT})),
    Deb("lab-conf", OLD, files={"etc/lab-conf.conf": "colour = green\n"}, conffiles=("/etc/lab-conf.conf",)),
    Deb("lab-conf", NEW, files={"etc/lab-conf.conf": "colour = blue\n"}, conffiles=("/etc/lab-conf.conf",)),
    *_pair("lab-slow", Deb("lab-slow", NEW, scripts={"postinst": _CONFIGURE + TAKE_TIME})),
    *_pair(
        "lab-debconf",
        Deb(
            "lab-debconf",
            NEW,
            fields={"Depends": "debconf"},
            scripts={"templates": _QUESTION, "config": _ASK, "postinst": _USE_ANSWER},
        ),
    ),
    *_pair("lab-phased", Deb("lab-phased", NEW, fields={"Phased-Update-Percentage": "0"})),
    *_pair("lab-newdep", Deb("lab-newdep", NEW, fields={"Depends": "lab-extra"})),
    Deb("lab-extra", NEW),
)

PACKAGES: tuple[str, ...] = tuple(sorted({deb.name for deb in DEBS if deb.version == OLD}))
"""The names a HostSpec may ask for."""

HELD: tuple[str, ...] = ("lab-held",)
"""Those that are put on hold wherever they are installed."""
