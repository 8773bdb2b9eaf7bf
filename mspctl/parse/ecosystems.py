"""What OSV calls the releases of distributions, and how a host's own words lead there."""

import re
from collections.abc import Callable, Iterable, Mapping

_PLACES = 3
_SERVICE_PACK = re.compile(r"(?P<major>\d+)\.(?P<pack>[1-9]\d*)")
_SUSE = re.compile(
    r"SUSE:Linux Enterprise (?:Server|Module for [A-Za-z .+-]+?) "
    r"(?P<release>\d+(?:\.\d+| SP\d+)?)(?:-(?:LTSS|ESPOS)[A-Za-z -]*)?"
)
_NOT_THERE: Mapping[str, str] = {
    "arch": "OSV has no records of Arch Linux",
    "fedora": "OSV has no records of Fedora",
    "centos": "OSV has no records of CentOS",
    "rhel": "records of Red Hat are not matched",
}


def _major(version: str) -> str:
    return version.split(".", maxsplit=1)[0]


def _minor(version: str) -> str:
    return "v" + ".".join(version.split(".")[:2])


def _service_pack(version: str) -> str:
    found = _SERVICE_PACK.fullmatch(version)
    if found is None or int(found["major"]) > 15:  # noqa: PLR2004 - SUSE 16 has no service packs
        return version
    return f"{found['major']} SP{found['pack']}"


def _as_it_is(version: str) -> str:
    return version


_NAMES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "debian": ("Debian:", _as_it_is),
    "ubuntu": ("Ubuntu:", _as_it_is),
    "rocky": ("Rocky Linux:", _major),
    "almalinux": ("AlmaLinux:", _major),
    "alpine": ("Alpine:", _minor),
    "opensuse-leap": ("openSUSE:Leap ", _as_it_is),
    "sles": ("SUSE:", _service_pack),
    "sles_sap": ("SUSE:", _service_pack),
}
_ROLLING: Mapping[str, str] = {"opensuse-tumbleweed": "openSUSE:Tumbleweed"}


def by_ecosystem(releases: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """OSV's ecosystem, as `ecosystem` writes it → those of these releases (`rocky|9.4|`) that it is about."""
    found: dict[str, list[str]] = {}
    for release in sorted(set(releases)):
        name = _name(release)
        if name:
            found.setdefault(name, []).append(release)
    return {name: tuple(each) for name, each in found.items()}


def ecosystem(text: str) -> str:
    """OSV's name without what makes several of one release: its support plan, SUSE's modules."""
    suse = _SUSE.fullmatch(text)
    if suse is not None:
        return f"SUSE:{suse['release']}"
    return text.removesuffix(":LTS") if text.startswith("Ubuntu:") else text


def not_there(release: str) -> str:
    """Why no list can be had about this release; empty if one can, or nobody has said."""
    return _NOT_THERE.get(release.split("|", maxsplit=1)[0], "")


def _name(release: str) -> str:
    parts = release.split("|")
    rolling = _ROLLING.get(parts[0])
    if rolling is not None:
        return rolling
    known = _NAMES.get(parts[0])
    if known is None or len(parts) != _PLACES or not parts[1]:
        return ""
    prefix, version = known
    return prefix + version(parts[1])
