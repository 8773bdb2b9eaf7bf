"""Which shell libraries travel: those of package managers that the host cannot have stay at home."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

# The beginnings of what the inventory says in `os`, and the manager of such a host. Most specific first.
_TOOLS: Mapping[str, str] = MappingProxyType(
    {
        "debian": "apt",
        "ubuntu": "apt",
        "raspbian": "apt",
        "mint": "apt",
        "proxmox": "apt",
        "rocky": "dnf",
        "rhel": "dnf",
        "redhat": "dnf",
        "fedora": "dnf",
        "alma": "dnf",
        "centos": "dnf",
        "oracle": "dnf",
        "amazon": "dnf",
        "opensuse": "zypper",
        "sles": "zypper",
        "suse": "zypper",
        "arch": "pacman",
        "manjaro": "pacman",
        "alpine": "apk",
    }
)


def libraries_for(names: Iterable[str], os: str | None) -> tuple[str, ...]:
    """Those of the libraries that a host of this `os` may need; all of them if it says nothing known.

    A manager's libraries begin with its name: `apt`, `aptscan`.
    """
    tool = _tool(os)
    if tool is None:
        return tuple(names)
    others = tuple(frozenset(_TOOLS.values()) - {tool})
    return tuple(name for name in names if not name.startswith(others))


def library_file(name: str) -> str:
    """What the Library is asked for: an adapter has a folder of its own, all others are below `lib/`."""
    return name if "/" in name else f"lib/{name}"


def _tool(os: str | None) -> str | None:
    word = (os or "").strip().lower()
    return next((tool for start, tool in _TOOLS.items() if word.startswith(start)), None)
