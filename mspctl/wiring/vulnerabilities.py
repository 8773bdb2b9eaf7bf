"""`mspctl security vulnerabilities`: the last lists of packages, held against files of the user's."""

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mspctl.model.advisory import Fix, PackageList, Vulnerability
from mspctl.parse.ecosystems import not_there
from mspctl.wiring.app import App

if TYPE_CHECKING:
    from mspctl.report.facts.vulnerabilities import Matcher


@dataclass(frozen=True, slots=True)
class HostVulnerabilities:
    """One host of the inventory; `trouble` says why nobody knows what it has."""

    host: str
    site: str
    found: tuple[Vulnerability, ...] = ()
    packages: int = 0
    at: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Sources:
    """The files: lists of vulnerabilities, and the one of those that are known to be exploited."""

    advisories: Path
    exploited: Path | None = None


def host_vulnerabilities(
    app: App, clients: Collection[str], sources: Sources, days: int
) -> tuple[HostVulnerabilities, ...]:
    """The hosts of these clients (all if none is named), by lists and files of so many days at most.

    Raises:
        ConfigurationError: a file cannot be read, or is not what it should be.
        UsageError: a client has no file.
        StorageError: the run log cannot be read.
    """
    from mspctl.parse.advisories import read_advisories, read_exploited  # noqa: PLC0415 - few commands read them
    from mspctl.report.facts.vulnerabilities import Matcher  # noqa: PLC0415 - as above

    inventory = app.inventory(clients or None)
    now = app.clock.now()
    since, until = now - timedelta(days=days), now + timedelta(days=1)
    with closing(app.open_store(write=False)) as store:
        lists = {
            each.host: each
            for client in inventory.clients
            for each in store.package_lists(client.slug, since, until)
        }
    exploited = read_exploited(sources.exploited) if sources.exploited else frozenset[str]()
    releases = {each.release for each in lists.values()}
    matcher = Matcher(read_advisories(sources.advisories, releases), exploited)
    old = _old(sources, since)
    return tuple(
        _held_against(matcher, host.key, host.site, lists[host.key], old)
        if host.key in lists
        else HostVulnerabilities(
            host.key,
            host.site,
            trouble=f"no list of its packages in {days} days: run `mspctl security packages`",
        )
        for host in inventory.hosts
    )


def _old(sources: Sources, since: datetime) -> str:
    """What is to be fetched anew: an old file tells nothing of what was found since."""
    for file in filter(None, (sources.advisories, sources.exploited)):
        written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        if written < since:
            return f"{file.name} was written on {written:%Y-%m-%d}: fetch it anew"
    return ""


def _held_against(
    matcher: "Matcher", host: str, site: str, known: PackageList, old: str
) -> HostVulnerabilities:
    trouble = known.trouble or old
    if not trouble and not matcher.knows(known.release):
        name = (
            " ".join(part for part in known.release.split("|") if part not in {"", "unknown"})
            or "a release without a name"
        )
        trouble = f"the list of vulnerabilities says nothing about {name}"
        why = not_there(known.release)
        trouble += f": {why}" if why else ""
    if trouble:
        return HostVulnerabilities(host, site, at=known.at, trouble=trouble)
    return HostVulnerabilities(host, site, matcher.vulnerabilities(known), len(known.packages), known.at)


def needing_somebody(hosts: Sequence[HostVulnerabilities]) -> tuple[HostVulnerabilities, ...]:
    """Hosts that nobody knows of, that have what is exploited, or what an update mends."""
    return tuple(
        each
        for each in hosts
        if each.trouble or any(one.exploited or one.fix is Fix.UPDATE for one in each.found)
    )
