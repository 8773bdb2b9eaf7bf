"""Versions of rpm and apk stand in the order of their own tools; what has none of them is not compared."""

import itertools
import subprocess

import pytest

from mspctl.model.advisory import Advisory, Fix, Package, PackageList, Span, Vulnerability
from mspctl.report.facts.versionorder import VersionOrder
from mspctl.report.facts.vulnerabilities import Matcher
from tests.integration.modules.here import needs
from tests.unit.report.test_vulnerabilities import AT

ROCKY, ALMA, LEAP, ALPINE = "rocky|9.4|", "almalinux|9.4|", "opensuse-leap|15.6|", "alpine|3.19.1|"
RPM = (
    "1.0", "1.0.1", "1.00", "1.01", "1.1", "1.10", "1.9", "1.0a", "1.0b", "1.a", "1.0~rc1", "1.0~rc2", "1.0~",
    "1.0^git1", "1.0^git2", "1.0^", "1.0.el9", "1.0_1", "1.0+1", "2", "10", "0", "xyz", "1.0.", "20260101",
    "5.14.0", "427.13.1.el9_4", "427.9.1.el9_4", "4.module+el8.6.0", "1.el9_2.10", "1.el9_2.9",
    "1.0~rc1^git1",
)  # fmt: skip
APK = (
    "1.0_alpha1-r0", "1.0_beta1-r0", "1.0_pre1-r0", "1.0_rc1-r0", "1.0-r0", "1.0-r2", "1.0-r10", "1.0_p1-r0",
    "1.0a-r0", "1.0.1-r0", "1.9-r0", "1.10-r0", "8.13.0-r0",
)  # fmt: skip


def found(release: str, version: str, fixed: str, name: str = "a", source: str = "a") -> list[Fix]:
    package = Package(name, version, source, version)
    known = {release: {"a": (Advisory("X-1", "a", (Span(fixed=fixed),)),)}}
    host = PackageList("acme/web1", "r", AT, release, (package,))
    return [each.fix for each in Matcher(known).vulnerabilities(host)]


def test_versions_of_rpm_stand_in_the_order_of_rpm() -> None:
    needs("rpm")
    pairs = list(itertools.product(RPM, RPM))
    asked = "".join(f"%{{lua: print(rpm.vercmp('{one}', '{other}'))}}\n" for one, other in pairs)
    done = subprocess.run(["rpm", "-E", asked], capture_output=True, text=True, check=True, timeout=100)
    order = VersionOrder(ROCKY)
    assert [order.before(*pair) for pair in pairs] == [each == "-1" for each in done.stdout.split()]
    releases = [order.before(f"1-{one}", f"1-{other}") for one, other in pairs]
    assert releases == [order.before(*pair) for pair in pairs]


@pytest.mark.parametrize(
    ("release", "older", "newer", "expected"),
    [
        (ROCKY, "0:9-9", "1:1-1", True),
        (ROCKY, "1:1-1", "9-9", False),
        (ROCKY, "0:1-1.el9", "1-1.el9", False),
        (LEAP, "1:1.2-1", "1.3-1", True),
        (LEAP, "0:1.2-150600.1.1", "1.2-150600.3.2.1", True),
    ],
)
def test_epochs_come_first_but_where_lists_leave_them_out(
    release: str,
    older: str,
    newer: str,
    expected: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    assert VersionOrder(release).before(older, newer) is expected


def test_versions_of_apk_stand_in_the_order_of_its_manual() -> None:
    order = VersionOrder(ALPINE)
    for (place, one), (other_place, other) in itertools.product(enumerate(APK), repeat=2):
        assert order.before(one, other) is (place < other_place), (one, other)


@pytest.mark.parametrize(
    ("release", "text"),
    [(ROCKY, "not a version"), (ROCKY, "x:1"), (ALPINE, "1.0_git20260101-r0"), (ALPINE, "x")],
)
def test_what_is_no_version_is_unknown_not_safe(release: str, text: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        VersionOrder(release).before(text, "1-1")
    assert found(release, text, "1-r1") == [Fix.UNKNOWN]


def test_streams_of_a_module_are_not_compared_with_others() -> None:
    old, new = "1:16.1-1.module+el8.4.0+1+a", "1:18.2-1.module_el8.6.0+2+b"
    assert found(ROCKY, old, new) == [Fix.UNKNOWN]
    assert found(ROCKY, new, old) == []
    assert found(ROCKY, "1:16.1-1.el8", new) == []
    assert found(ROCKY, old, "1:18.2-1.el8") == []
    assert found(ROCKY, "1:16.1-1.el8", "1:18.2-1.el8") == [Fix.UPDATE]


def test_lists_of_one_distribution_name_packages_those_of_others_their_sources() -> None:
    assert found(ROCKY, "0:1-1", "0:2-1", name="a-libs") == [Fix.UPDATE]
    assert found(ROCKY, "0:1-1", "0:2-1", source="b") == []
    assert found(ALMA, "0:1-1", "2-1", name="a-libs") == []
    assert found(ALMA, "0:1-1", "2-1", source="b") == [Fix.UPDATE]


def test_what_is_found_is_named_as_the_list_names_it() -> None:
    known = {ALMA: {"a-libs": (Advisory("ALSA-1", "a-libs", (Span(fixed="2-1"),)),)}}
    host = PackageList("acme/web1", "r", AT, ALMA, (Package("a-libs", "0:1-1", "a", "0:1-2"),))
    (told,) = Matcher(known).vulnerabilities(host)
    assert told == Vulnerability("acme/web1", "ALSA-1", "a-libs", "0:1-1", ("a-libs",), Fix.UPDATE, "2-1")
