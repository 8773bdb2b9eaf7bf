"""Releases and OSV's names for them: what is about a host is kept, whatever it is called there."""

import json
from pathlib import Path

import pytest

from mspctl.model.advisory import Advisory, Span
from mspctl.parse.advisories import read_advisories
from mspctl.parse.ecosystems import by_ecosystem, ecosystem, not_there


@pytest.mark.parametrize(
    ("release", "name"),
    [
        ("debian|12|bookworm", "Debian:12"),
        ("ubuntu|24.04|noble", "Ubuntu:24.04"),
        ("ubuntu|24.04|noble", "Ubuntu:24.04:LTS"),
        ("rocky|9.4|", "Rocky Linux:9"),
        ("almalinux|10.1|", "AlmaLinux:10"),
        ("alpine|3.19.1|", "Alpine:v3.19"),
        ("opensuse-leap|15.6|", "openSUSE:Leap 15.6"),
        ("opensuse-tumbleweed|20261128|", "openSUSE:Tumbleweed"),
        ("sles|15.6|", "SUSE:Linux Enterprise Server 15 SP6"),
        ("sles|15.6|", "SUSE:Linux Enterprise Module for Basesystem 15 SP6"),
        ("sles|15.5|", "SUSE:Linux Enterprise Server 15 SP5-LTSS"),
        ("sles|12.5|", "SUSE:Linux Enterprise Server 12 SP5"),
        ("sles|16.0|", "SUSE:Linux Enterprise Server 16.0"),
    ],
)
def test_a_release_is_found_by_each_of_its_names(release: str, name: str) -> None:
    assert by_ecosystem([release])[ecosystem(name)] == (release,)


@pytest.mark.parametrize(
    ("release", "name"),
    [
        ("ubuntu|22.04|jammy", "Ubuntu:Pro:22.04:LTS"),
        ("rocky|9.4|", "Rocky Linux:8"),
        ("rocky|9.4|", "AlmaLinux:9"),
        ("sles|15.6|", "SUSE:Linux Enterprise Server 15 SP5"),
        ("sles|15.6|", "SUSE:Linux Enterprise Desktop 15 SP6"),
        ("opensuse-leap|15.6|", "openSUSE:Leap 15.5"),
        ("alpine|3.19.1|", "Alpine:v3.1"),
        ("rhel|9.4|", "Red Hat:enterprise_linux:9::baseos"),
        ("arch||", "Arch"),
        ("rocky||", "Rocky Linux:"),
    ],
)
def test_what_is_about_another_release_is_not(release: str, name: str) -> None:
    assert ecosystem(name) not in by_ecosystem([release])


def test_who_has_no_list_is_told_so() -> None:
    assert "Arch" in not_there("arch||")
    assert not_there("fedora|43|")
    assert not_there("rocky|9.4|") == ""


def _record(name: str, *ecosystems: str, **more: object) -> dict[str, object]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2-1"}]}]
    affected = [{"package": {"ecosystem": each, "name": "openssl"}, "ranges": ranges} for each in ecosystems]
    return {"id": name, "affected": affected, **more}


def test_records_are_for_all_hosts_of_a_release_once_and_only_those_that_mend_holes(tmp_path: Path) -> None:
    suse = ("SUSE:Linux Enterprise Server 15 SP6", "SUSE:Linux Enterprise Module for Basesystem 15 SP6")
    records = [
        _record("RLSA-1", "Rocky Linux:9", related=["CVE-2026-1", "RHSA-1"]),
        _record("SUSE-SU-1", *suse, upstream=["CVE-2026-1"]),
        _record("SUSE-RU-1", *suse),
        _record("ALBA-1", "AlmaLinux:9"),
        _record("ALBA-2", "AlmaLinux:9", related=["CVE-2026-2"]),
    ]
    path = tmp_path / "osv.json"
    path.write_text(json.dumps(records))
    hosts = ("rocky|9.3|", "rocky|9.4|", "sles|15.6|", "almalinux|9.4|", "alpine|3.19.1|")
    told = read_advisories(path, hosts)
    assert {release: [each.id for each in known["openssl"]] for release, known in told.items()} == {
        "rocky|9.3|": ["RLSA-1"],
        "rocky|9.4|": ["RLSA-1"],
        "sles|15.6|": ["SUSE-SU-1"],
        "almalinux|9.4|": ["ALBA-2"],
    }
    names = frozenset({"RLSA-1", "CVE-2026-1"})
    assert told["rocky|9.4|"]["openssl"] == (
        Advisory("RLSA-1", "openssl", (Span(fixed="1.2-1"),), names=names),
    )
