"""Matches packages with lists of vulnerabilities, by their sources' versions, as dpkg orders them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mspctl.model.advisory import Advisories, Advisory, Fix, Package, PackageList, Span, Vulnerability


@dataclass(slots=True)
class _Versions:
    """Versions as dpkg orders them, each parsed once."""

    _parsed: dict[str, object] = field(default_factory=dict)

    def before(self, one: str, other: str) -> bool:
        """True if the one is older. Raises ValueError: one of them is no version of Debian's."""
        return bool(self._parse(one) < self._parse(other))  # type: ignore[operator]

    def _parse(self, text: str) -> object:
        from univers.debian import Version  # noqa: PLC0415 - few commands compare versions

        found = self._parsed.get(text)
        if found is None:
            found = self._parsed[text] = Version.from_string(text)  # type: ignore[no-untyped-call]
        return found


@dataclass(slots=True)
class Matcher:
    """Holds lists against hosts; what many hosts have in common is compared once."""

    advisories: Mapping[str, Advisories]
    """By release."""
    exploited: Collection[str] = ()
    _versions: _Versions = field(default_factory=_Versions)
    _known: dict[tuple[str, str, str], tuple[tuple[Advisory, Fix, str], ...]] = field(default_factory=dict)

    def knows(self, release: str) -> bool:
        """True if the list says anything about this release; otherwise its hosts are not measured."""
        return release in self.advisories

    def vulnerabilities(self, host: PackageList) -> tuple[Vulnerability, ...]:
        """What the host has, those that are exploited and those with a fix first."""
        sources: dict[tuple[str, str], list[Package]] = {}
        for package in host.packages:
            sources.setdefault((package.source, package.source_version), []).append(package)
        found = [
            _vulnerability(host.host, packages, advisory, fix, fixed, self.exploited)
            for (source, version), packages in sources.items()
            for advisory, fix, fixed in self._of(host.release, source, version)
        ]
        return tuple(sorted(found, key=_most_urgent_first))

    def _of(self, release: str, source: str, version: str) -> tuple[tuple[Advisory, Fix, str], ...]:
        key = (release, source, version)
        if key not in self._known:
            known = self.advisories.get(release, {}).get(source, ())
            self._known[key] = tuple(self._judged(known, version))
        return self._known[key]

    def _judged(self, known: Iterable[Advisory], version: str) -> Iterator[tuple[Advisory, Fix, str]]:
        for advisory in known:
            try:
                span = next((each for each in advisory.spans if self._inside(each, version)), None)
            except ValueError:
                yield advisory, Fix.UNKNOWN, ""
                continue
            if span is None:
                continue
            if advisory.undecided:
                yield advisory, Fix.UNDECIDED, ""
            else:
                yield advisory, Fix.UPDATE if span.fixed else Fix.NONE, span.fixed

    def _inside(self, span: Span, version: str) -> bool:
        before = self._versions.before
        if span.introduced and before(version, span.introduced):
            return False
        if span.fixed:
            return before(version, span.fixed)
        return not span.last or not before(span.last, version)


def _vulnerability(
    host: str, packages: list[Package], advisory: Advisory, fix: Fix, fixed: str, exploited: Collection[str]
) -> Vulnerability:
    first = packages[0]
    names = sorted(each for each in advisory.names if each.startswith("CVE-"))
    return Vulnerability(
        host,
        names[0] if len(names) == 1 else advisory.id,
        first.source,
        first.source_version,
        tuple(sorted({each.name for each in packages})),
        fix,
        fixed,
        advisory.urgency,
        any(each in exploited for each in advisory.names),
    )


def _most_urgent_first(found: Vulnerability) -> tuple[bool, int, str, str]:
    return (not found.exploited, tuple(Fix).index(found.fix), found.source, found.id)
