"""What the lab needs of this machine, and what of it is missing."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mspctl.testing.lab.sources import debian_sources

DEBIAN_PACKAGES = (
    "apt-utils",
    "ca-certificates",
    "createrepo-c",
    "e2fsprogs",
    "gpg",
    "gpg-agent",
    "iproute2",
    "mmdebstrap",
    "mount",
    "openssh-client",
    "perl-base",
    "rpm",
    "util-linux",
)
"""Enough on a bare Debian 12: `apt-get install` these, and the lab runs (as root)."""

_COMMANDS: Mapping[str, str] = {
    "apt-ftparchive": "apt-utils",
    "bridge": "iproute2",
    "dpkg-deb": "dpkg",
    "gpg": "gpg",
    "gpg-agent": "gpg-agent",
    "ip": "iproute2",
    "mkfs.ext4": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "mount": "mount",
    "nsenter": "util-linux",
    "perl": "perl-base",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "unshare": "util-linux",
}
# Only for hosts with dnf or zypper.
_RPM_COMMANDS: Mapping[str, str] = {
    "createrepo_c": "createrepo-c",
    "modifyrepo_c": "createrepo-c",
    "rpmbuild": "rpm",
    "rpmsign": "rpm",
}
_NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "uts")
_NET_ADMIN_AND_SYS_ADMIN = (1 << 12) | (1 << 21)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that the lab needs and this machine lacks, and what to do about it."""

    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}"


def missing_requirements(*, rpms: bool = False) -> tuple[Missing, ...]:
    """Everything the lab lacks here, in one go; empty when it can start. Changes nothing.

    `rpms`: it shall have hosts with dnf or zypper, too.
    """
    commands = {**_COMMANDS, **_RPM_COMMANDS} if rpms else _COMMANDS
    return (*_privileges(), *_commands(commands), *_kernel(), *_sources())


def _privileges() -> list[Missing]:
    if os.geteuid() != 0:
        return [Missing("root", "run as root: the lab makes namespaces, mounts and network cables")]
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    effective = int(status.partition("CapEff:")[2].split()[0], 16)
    if effective & _NET_ADMIN_AND_SYS_ADMIN != _NET_ADMIN_AND_SYS_ADMIN:
        return [Missing("CAP_SYS_ADMIN and CAP_NET_ADMIN", "run on a machine of your own, or `--privileged`")]
    return []


def _commands(wanted: Mapping[str, str]) -> list[Missing]:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/bin:/bin"
    return [
        Missing(f"the command {name}", f"apt-get install {package}")
        for name, package in wanted.items()
        if shutil.which(name, path=path) is None
    ]


def _kernel() -> list[Missing]:
    missing = []
    if "\toverlay\n" not in Path("/proc/filesystems").read_text(encoding="ascii") and not _module("overlay"):
        missing.append(Missing("overlayfs in the kernel", "modprobe overlay"))
    if not Path("/dev/loop-control").exists():
        missing.append(Missing("loop devices", "modprobe loop; in a container give it /dev/loop*"))
    missing.extend(
        Missing(f"{name} namespaces in the kernel", "use a Debian 12 kernel or newer")
        for name in _NAMESPACES
        if not Path("/proc/self/ns", name).exists()
    )
    return missing


def _module(name: str) -> bool:
    """Whether the kernel would load the module when it is first asked for it."""
    release = os.uname().release
    return any(Path("/lib/modules", release, "kernel").rglob(f"{name}.ko*"))


def _sources() -> list[Missing]:
    if debian_sources():
        return []
    return [
        Missing(
            "a Debian 12 (bookworm) package source in /etc/apt",
            "add the mirror you use to /etc/apt/sources.list.d/debian.sources",
        )
    ]
