"""The known vulnerabilities of hosts, as tables or a document; a host of which nobody knows says so."""

from collections import Counter
from collections.abc import Sequence

from mspctl.cli.console import Console, Document
from mspctl.cli.rundoc import utc_text
from mspctl.model.advisory import Fix, Vulnerability
from mspctl.wiring.vulnerabilities import HostVulnerabilities

HOSTS = ("host", "exploited", "update", "no fix", "undecided", "unknown", "packages", "list of", "remark")
FOUND = ("host", "vulnerability", "exploited", "source", "installed", "what to do", "urgency", "packages")
_NAMED = 4


def show_vulnerabilities(console: Console, hosts: Sequence[HostVulnerabilities], *, everything: bool) -> None:
    """A line for each host; then each vulnerability that somebody can do something about, or all."""
    if console.wants_json:
        console.json({"hosts": [_document(each) for each in hosts]})
        return
    if not hosts:
        return
    console.table("", HOSTS, [_host_row(each) for each in hosts])
    rows = [
        _row(one)
        for each in hosts
        for one in each.found
        if everything or one.exploited or one.fix is Fix.UPDATE
    ]
    if rows:
        console.table("", FOUND, rows)


def _host_row(each: HostVulnerabilities) -> Sequence[str]:
    made = "" if each.at is None else f"{each.at:%Y-%m-%d}"
    if each.trouble:
        return (each.host, *("" for _ in HOSTS[1:-2]), made, f"not measured: {each.trouble}")
    counts = Counter(one.fix for one in each.found)
    exploited = sum(one.exploited for one in each.found)
    return (each.host, str(exploited), *(str(counts[fix]) for fix in Fix), str(each.packages), made, "")


def _row(one: Vulnerability) -> Sequence[str]:
    more = len(one.packages) - _NAMED
    names = ", ".join(one.packages[:_NAMED]) + (f" and {more} more" if more > 0 else "")
    do = f"update to {one.fixed}" if one.fix is Fix.UPDATE else one.fix.value
    return (
        one.host, one.id, "YES" if one.exploited else "", one.source, one.installed, do, one.urgency, names,
    )  # fmt: skip


def _document(each: HostVulnerabilities) -> Document:
    return {
        "host": each.host,
        "site": each.site,
        "measured": not each.trouble,
        "trouble": each.trouble or None,
        "list_of": utc_text(each.at),
        "packages": each.packages,
        "vulnerabilities": [
            {
                "id": one.id,
                "source": one.source,
                "installed": one.installed,
                "packages": list(one.packages),
                "fix": one.fix.value,
                "fixed_version": one.fixed or None,
                "urgency": one.urgency or None,
                "exploited": one.exploited,
            }
            for one in each.found
        ],
    }
