"""The root file system that all hosts share, and the layers of lab packages that lie on top of it."""

import hashlib
import platform
import re
from pathlib import Path

from mspctl.testing.lab.cache import Cache
from mspctl.testing.lab.command import ENDS_WITH_US, SCRIPTS, run
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.flavours import TOOLS, UNPACKED, Flavour
from mspctl.testing.lab.packages import HELD, OLD, PACKAGES
from mspctl.testing.lab.repository import KEYRING, Repository
from mspctl.testing.lab.sources import CODENAME, debian_sources
from mspctl.testing.lab.spec import FlavourName, Init

# No python, and no recommended packages: what a bundle may count on is what Debian calls minimal.
_COMMON = ("busybox", "csh", "iproute2", "openssh-server", "procps", "sudo")
_SYSTEMD = ("dbus", "libpam-systemd", "systemd", "systemd-sysv")
_BUILD_LIMIT = 900.0
# A hook of mmdebstrap(1): its apt and its proxies fetch the package.
_UNPACK = (
    'cd "$1/tmp" && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -q download {package}'
    ' && dpkg-deb -x {package}_*.deb "$1" && rm {package}_*.deb'
)
_ACQUIRE = re.compile(r"Acquire::(http|https|Retries|ForceIPv4|ForceIPv6|Check-\w[\w-]*)\b.*")


def base(cache: Cache, init: Init, flavour: FlavourName = "apt") -> Path:
    """The folder of the finished base; if need be, mmdebstrap makes it from the machine's own sources.

    One base serves all flavours but apt's: it has every tool, and a flavour's layer takes the others' away.
    Raises LabError when the machine has no source for Debian 12 or mmdebstrap fails.
    """
    many = flavour != "apt"
    include = _COMMON + (_SYSTEMD if init == "systemd" else ()) + (TOOLS if many else ())
    unpack = [_UNPACK.format(package=package) for package in UNPACKED if many]
    finish = (SCRIPTS / "base.sh", SCRIPTS / "plain-init.sh", SCRIPTS / "power.sh")
    recipe = "\n".join(
        [CODENAME, platform.machine(), *include, *unpack, *(file.read_text("utf-8") for file in finish)]
    )

    def make(folder: Path) -> None:
        sources = debian_sources()
        if not sources:
            raise LabError("no package source for Debian 12 in /etc/apt", hint="see missing_requirements()")
        options = folder / "apt.conf"
        options.write_text(_acquire_options(), encoding="utf-8")
        root = folder / "root"
        argv = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "--format=directory"]
        argv += [f"--customize-hook={hook}" for hook in unpack]
        argv += [f"--include={','.join(include)}", f"--aptopt={options}", CODENAME, str(root), "-"]
        run([*ENDS_WITH_US, *argv], stdin=sources + "\n", timeout=_BUILD_LIMIT)
        run([*ENDS_WITH_US, "sh", SCRIPTS / "base.sh", root, init, SCRIPTS])

    return cache.obtain("bases", f"{init}{'-many' * many}-{_digest(recipe)}", make) / "root"


def layer(cache: Cache, root: Path, repository: Repository, packages: tuple[str, ...]) -> Path:
    """The overlay layer in which `packages` are installed on the base `root` in their old version."""
    _refuse_unknown(packages, PACKAGES)
    script = SCRIPTS / "layer.sh"
    recipe = "\n".join([root.parent.name, repository.digest, script.read_text("utf-8"), *packages])

    def make(folder: Path) -> None:
        upper, work, mounted = (folder / name for name in ("upper", "work", "mounted"))
        for place in (upper / "etc/apt/sources.list.d", upper / "etc/apt/keyrings", work, mounted):
            place.mkdir(parents=True)
        for place in (upper, *upper.rglob("*")):
            place.chmod(0o755)
        (upper / KEYRING).write_bytes(repository.public_key.read_bytes())
        (upper / "etc/apt/sources.list.d/lab.list").write_text(repository.source_list, encoding="ascii")
        held = " ".join(name for name in packages if name in HELD)
        wanted = [f"{name}={OLD}" for name in packages]
        places = (root, upper, work, mounted, repository.folder)
        run([*ENDS_WITH_US, "--ipc", "--uts", "--net", "sh", script, *places, held, *wanted], timeout=300)

    return cache.obtain("layers", _digest(recipe), make) / "upper"


def flavour_layer(cache: Cache, root: Path, flavour: Flavour, packages: tuple[str, ...]) -> Path:
    """The layer that makes the base `root` a host of `flavour` with `packages` in their old version."""
    _refuse_unknown(packages, flavour.packages)
    store = flavour.store(cache)
    script = SCRIPTS / "flavour.sh"
    texts = (script.read_text("utf-8"), flavour.script.read_text("utf-8"))
    recipe = "\n".join([root.parent.name, store.digest, *texts, *packages])

    def make(folder: Path) -> None:
        upper, work, mounted = (folder / name for name in ("upper", "work", "mounted"))
        for place in (upper, work, mounted):
            place.mkdir(mode=0o755)
        held = " ".join(name for name in packages if name in flavour.held)
        places = (root, upper, work, mounted, store.folder, flavour.mounted_at, flavour.script)
        isolated = [*ENDS_WITH_US, "--ipc", "--uts", "--net"]
        run([*isolated, "sh", script, *places, held, *packages], timeout=300)

    return cache.obtain("layers", f"{flavour.name}-{_digest(recipe)}", make) / "upper"


def _refuse_unknown(packages: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = [name for name in packages if name not in known]
    if unknown:
        raise LabError(f"no such lab package: {', '.join(unknown)}", hint=f"there are {', '.join(known)}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _acquire_options() -> str:
    """The machine's own way to its mirror: proxies, retries, clock checks."""
    dump = run(["apt-config", "dump"]).stdout.splitlines()
    return "".join(f"{line}\n" for line in dump if _ACQUIRE.match(line))
