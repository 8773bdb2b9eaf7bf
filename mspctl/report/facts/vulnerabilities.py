"""Matches packages with lists of vulnerabilities, by the versions and in the order of their distribution."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mspctl.model.advisory import Advisories, Advisory, Fix, Package, PackageList, Span, Vulnerability
from mspctl.report.facts.versionorder import VersionOrder

_Judged: TypeAlias = tuple[Advisory, Fix, str]


@dataclass(slots=True)
class Matcher:
    """Holds lists against hosts; what many hosts have in common is compared once."""

    advisories: Mapping[str, Advisories]
    """By release."""
    exploited: Collection[str] = ()
    _orders: dict[str, VersionOrder] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], tuple[_Judged, ...]] = field(default_factory=dict)

    def knows(self, release: str) -> bool:
        """True if the list says anything about this release; otherwise its hosts are not measured."""
        return release in self.advisories

    def vulnerabilities(self, host: PackageList) -> tuple[Vulnerability, ...]:
        """What the host has, those that are exploited and those with a fix first."""
        order = self._order(host.release)
        sources: dict[tuple[str, str], list[Package]] = {}
        for package in host.packages:
            built = (package.source, package.source_version)
            sources.setdefault((package.name, package.version) if order.by_binary else built, []).append(
                package
            )
        found = [
            _vulnerability(host.host, (source, version), packages, judged, self.exploited)
            for (source, version), packages in sources.items()
            for judged in self._of(host.release, source, version)
        ]
        return tuple(sorted(found, key=_most_urgent_first))

    def _of(self, release: str, source: str, version: str) -> tuple[_Judged, ...]:
        key = (release, source, version)
        if key not in self._known:
            known = self.advisories.get(release, {}).get(source, ())
            self._known[key] = tuple(_judged(known, version, self._order(release)))
        return self._known[key]

    def _order(self, release: str) -> VersionOrder:
        return self._orders.setdefault(release, VersionOrder(release))


def _judged(known: Iterable[Advisory], version: str, order: VersionOrder) -> Iterator[_Judged]:
    for advisory in known:
        try:
            span = next((each for each in advisory.spans if _inside(each, version, order)), None)
        except ValueError:
            yield advisory, Fix.UNKNOWN, ""
            continue
        if span is None:
            continue
        if advisory.undecided:
            yield advisory, Fix.UNDECIDED, ""
        elif order.comparable(version, span.fixed or span.last or version) is None:
            yield advisory, Fix.UNKNOWN, ""
        else:
            yield advisory, Fix.UPDATE if span.fixed else Fix.NONE, span.fixed


def _inside(span: Span, version: str, order: VersionOrder) -> bool:
    if order.comparable(version, span.fixed or span.last or version) is False:
        return False
    if span.introduced and order.before(version, span.introduced):
        return False
    if span.fixed:
        return order.before(version, span.fixed)
    return not span.last or not order.before(span.last, version)


def _vulnerability(
    host: str, source: tuple[str, str], packages: list[Package], judged: _Judged, exploited: Collection[str]
) -> Vulnerability:
    advisory, fix, fixed = judged
    names = sorted(each for each in advisory.names if each.startswith("CVE-"))
    return Vulnerability(
        host,
        names[0] if len(names) == 1 else advisory.id,
        *source,
        tuple(sorted({each.name for each in packages})),
        fix,
        fixed,
        advisory.urgency,
        any(each in exploited for each in advisory.names),
    )


def _most_urgent_first(found: Vulnerability) -> tuple[bool, int, str, str]:
    return (not found.exploited, tuple(Fix).index(found.fix), found.source, found.id)
