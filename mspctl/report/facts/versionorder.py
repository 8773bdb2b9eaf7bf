"""Which of two versions is older: as dpkg, rpm, or apk orders them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_RPM = re.compile(r"(?:\d+:)?[A-Za-z0-9._+~^]+(?:-[A-Za-z0-9._+~^]+)?")
_MODULE = re.compile(r"\.module[_+]")


@dataclass(slots=True)
class VersionOrder:
    """The versions of one distribution, each parsed once."""

    release: str
    """`rocky|9.4|`: id, version and codename, as the host says."""
    _parsed: dict[str, object] = field(default_factory=dict)

    @property
    def by_binary(self) -> bool:
        """True if lists name the packages themselves, not the sources that they are built from."""
        return self._distribution == "almalinux"

    def before(self, one: str, other: str) -> bool:
        """True if the one is older. Raises ValueError: one of them is no version of the distribution's."""
        return bool(self._parse(one) < self._parse(other))  # type: ignore[operator]

    def comparable(self, installed: str, fixed: str) -> bool | None:
        """False: built from another branch, so this is not about it. None: nobody can tell.

        Streams of a module have orders of their own, and a version does not say its stream.
        """
        modules = bool(_MODULE.search(installed)), bool(_MODULE.search(fixed))
        return None if all(modules) else not any(modules)

    @property
    def _distribution(self) -> str:
        return self.release.split("|", maxsplit=1)[0]

    def _parse(self, text: str) -> object:
        found = self._parsed.get(text)
        if found is None:
            found = self._parsed[text] = _PARSERS.get(self._distribution, _debian)(text)
        return found


def _debian(text: str) -> object:
    from univers.debian import Version  # noqa: PLC0415 - few commands compare versions

    found: object = Version.from_string(text)  # type: ignore[no-untyped-call]
    return found


def _rpm(text: str) -> object:
    from univers.rpm import RpmVersion  # noqa: PLC0415 - as above

    if not _RPM.fullmatch(text):
        message = f"no version of rpm's: {text}"
        raise ValueError(message)
    found: object = RpmVersion.from_string(text)  # type: ignore[no-untyped-call]
    return found


def _rpm_without_epoch(text: str) -> object:
    """SUSE's lists leave epochs out."""
    return _rpm(text.rpartition(":")[2])


def _apk(text: str) -> object:
    from univers.versions import AlpineLinuxVersion  # noqa: PLC0415 - as above

    if not AlpineLinuxVersion.is_valid(text):  # type: ignore[no-untyped-call]
        message = f"no version of apk's: {text}"
        raise ValueError(message)
    return AlpineLinuxVersion(text)


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "rocky": _rpm,
    "almalinux": _rpm,
    "opensuse-leap": _rpm_without_epoch,
    "opensuse-tumbleweed": _rpm_without_epoch,
    "sles": _rpm_without_epoch,
    "sles_sap": _rpm_without_epoch,
    "alpine": _apk,
}
