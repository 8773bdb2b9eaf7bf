"""Lists of packages of hosts with rpm and pacman, and what lists of vulnerabilities say of them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mspctl.model.advisory import Fix, Package, PackageList
from mspctl.model.outcome import StepStatus
from mspctl.parse.advisories import read_advisories
from mspctl.report.facts.vulnerabilities import Matcher
from mspctl.testing import lab
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]


def _listed(host: lab.Host) -> PackageList:
    result = run_one(host, Use("package-list", {}))
    assert result.status is StepStatus.OK, result.reason
    facts = result.facts
    lines = "".join(value for name, value in facts.items() if name.startswith("packages.list.")).splitlines()
    assert facts["packages.count"] == str(len(lines))
    packages = tuple(Package(*line.split("|")) for line in lines)
    return PackageList("acme/web1", "r", datetime.now(UTC), facts["packages.release"], packages)


def _against(listed: PackageList, ecosystem: str, fixed: str, folder: Path) -> list[tuple[str, Fix, str]]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}]
    affected = [{"package": {"ecosystem": ecosystem, "name": "lab-ssl"}, "ranges": ranges}]
    path = folder / "osv.json"
    path.write_text(json.dumps([{"id": "X-1", "upstream": ["CVE-2026-1"], "affected": affected}]))
    matcher = Matcher(read_advisories(path, [listed.release]))
    assert matcher.knows(listed.release)
    return [(each.id, each.fix, each.fixed) for each in matcher.vulnerabilities(listed)]


@pytest.mark.parametrize(
    ("flavour", "ecosystem"), [("dnf", "Rocky Linux:9"), ("zypper", "openSUSE:Leap 15.6")]
)
def test_hosts_with_rpm_list_what_rpm_has(
    lab_hosts: LabHosts, tmp_path: Path, flavour: FlavourName, ecosystem: str
) -> None:
    host = lab_hosts(lab.HostSpec("web1", ("web", "ssl"), flavour=flavour))
    listed = _listed(host)
    shape = "%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n"
    told = host.run_inside(["rpm", "-qa", "--qf", shape]).stdout.splitlines()
    assert {f"{each.name} {each.version}" for each in listed.packages} == {
        each for each in told if not each.startswith("gpg-pubkey ")
    }
    (ssl,) = [each for each in listed.packages if each.name == "lab-ssl"]
    assert (ssl.source, ssl.source_version) == ("lab-ssl", "0:1.0-1")
    assert _against(listed, ecosystem, "0:1.1-1", tmp_path) == [("CVE-2026-1", Fix.UPDATE, "0:1.1-1")]
    assert _against(listed, ecosystem, "0:1.0-1", tmp_path) == []


def test_hosts_with_pacman_list_what_pacman_has_and_no_list_knows_them(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("web1", ("web", "ssl"), flavour="pacman"))
    listed = _listed(host)
    told = host.run_inside(["pacman", "-Q"]).stdout.splitlines()
    assert {f"{each.name} {each.version}" for each in listed.packages} == set(told)
    assert listed.release.startswith("arch|")


INSTALLED = """C:Q1abc=
P:libcrypto3
V:3.1.4-r1
A:x86_64
o:openssl
F:lib
R:libcrypto.so.3
Z:Q1xyz=

C:Q1def=
P:busybox
V:1.36.1-r15
o:busybox
"""


@pytest.mark.parametrize("place", ["/lib/apk/db", "/usr/lib/apk/db"])
def test_the_list_that_apk_keeps_is_read(lab_hosts: LabHosts, place: str) -> None:
    host = lab_hosts(lab.HostSpec("web1", (), flavour="pacman"))
    plant = f"""rm /usr/bin/pacman; ln -s /bin/true /usr/bin/apk; mkdir -p {place}
    cat > {place}/installed; printf 'ID=alpine\\nVERSION_ID=3.19.1\\n' > /etc/os-release"""
    host.run_inside(["sh", "-c", plant], stdin=INSTALLED)
    listed = _listed(host)
    assert listed.packages == (
        Package("libcrypto3", "3.1.4-r1", "openssl", "3.1.4-r1"),
        Package("busybox", "1.36.1-r15", "busybox", "1.36.1-r15"),
    )
    assert listed.release == "alpine|3.19.1|"
