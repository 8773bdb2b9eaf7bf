"""Packages held against lists of vulnerabilities: in dpkg's order, quickly, and nothing unknown is well."""

import itertools
import subprocess
import time
from datetime import UTC, datetime

import pytest

from mspctl.model.advisory import Advisory, Fix, Package, PackageList, Span, Vulnerability
from mspctl.report.facts.vulnerabilities import Matcher
from tests.integration.modules.here import needs

AT = datetime(2026, 11, 29, tzinfo=UTC)
RELEASE = "debian|12|bookworm"
VERSIONS = (
    "0", "1", "1.0", "1.0-1", "1.0-1+b1", "1.0-1+deb12u1", "1.0-1~bpo12+1", "1.0~rc1-1", "1.0~~",
    "1.0+dfsg-1", "1.0.1-1", "1.10-1", "1.9-1", "1:0.9-1", "2:1.0-1", "1.0a-1", "1.0-1a", "1.0-01", "1.00-1",
    "20260101-1",
    "9.18.28-1~deb12u2", "9.18.28-1~deb12u10", "1.0-1.1", "1.0-1ubuntu0.24.04.1", "1.0-1-1",
)  # fmt: skip


def installed(*packages: tuple[str, str, str, str]) -> PackageList:
    return PackageList("acme/web1", "r", AT, RELEASE, tuple(Package(*each) for each in packages))


def advisory(name: str, *spans: Span, package: str = "openssl", undecided: bool = False) -> Advisory:
    return Advisory(name, package, spans, "high", undecided, frozenset({name}))


def found(version: str, *known: Advisory, exploited: tuple[str, ...] = ()) -> tuple[Vulnerability, ...]:
    matcher = Matcher({RELEASE: {"openssl": known}}, exploited)
    return matcher.vulnerabilities(installed(("libssl3", version, "openssl", version)))


def test_versions_stand_in_the_order_of_dpkg() -> None:
    needs("dpkg")
    pairs = list(itertools.permutations(VERSIONS, 2))
    lines = "".join(f"dpkg --compare-versions {one} lt {other} && echo 1 || echo 0\n" for one, other in pairs)
    done = subprocess.run(["sh"], input=lines, capture_output=True, text=True, check=True, timeout=100)
    ours = [bool(found(one, advisory("CVE-1", Span(fixed=other)))) for one, other in pairs]
    assert ours == [line == "1" for line in done.stdout.split()]


@pytest.mark.parametrize(
    ("version", "span", "fix"),
    [
        ("1.1-1", Span(fixed="1.2-1"), Fix.UPDATE),
        ("1.2-1", Span(fixed="1.2-1"), None),
        ("1.2-1", Span(), Fix.NONE),
        ("1.1-1", Span("1.2-1"), None),
        ("1.2-1", Span("1.2-1", fixed="1.3"), Fix.UPDATE),
        ("1.2-1", Span(last="1.2-1"), Fix.NONE),
        ("1.3-1", Span(last="1.2-1"), None),
        ("not a version", Span(fixed="1"), Fix.UNKNOWN),
        ("1.1-1", Span(fixed="what?"), Fix.UNKNOWN),
    ],
)
def test_a_span_holds_what_is_in_it(version: str, span: Span, fix: Fix | None) -> None:
    told = found(version, advisory("CVE-2026-1", span))
    assert [each.fix for each in told] == ([] if fix is None else [fix])
    if fix is Fix.UPDATE:
        assert told[0].fixed == span.fixed


def test_any_of_several_spans_is_enough_and_undecided_stays_undecided() -> None:
    spans = (Span(fixed="1.0"), Span("2.0", fixed="2.1"))
    assert [each.fixed for each in found("2.0-1", advisory("CVE-2026-1", *spans))] == ["2.1"]
    assert found("1.5-1", advisory("CVE-2026-1", *spans)) == ()
    (told,) = found("1.5-1", advisory("CVE-2026-1", Span(), undecided=True))
    assert told.fix is Fix.UNDECIDED


def test_what_is_exploited_comes_first_by_whichever_name() -> None:
    own = Advisory("DSA-1-1", "openssl", (Span(),), names=frozenset({"DSA-1-1", "CVE-2026-7"}))
    told = found("1.0", advisory("CVE-2026-1", Span(fixed="2")), own, exploited=("CVE-2026-7",))
    assert [(each.id, each.exploited, each.fix) for each in told] == [
        ("CVE-2026-7", True, Fix.NONE),
        ("CVE-2026-1", False, Fix.UPDATE),
    ]


def test_it_is_the_version_of_the_source_that_counts_and_packages_of_it_are_one_finding() -> None:
    known = {RELEASE: {"openssl": (advisory("CVE-2026-1", Span(fixed="3.0-2")),)}}
    host = installed(
        ("libssl3", "3.0-1+b9", "openssl", "3.0-1"),
        ("openssl", "3.0-1", "openssl", "3.0-1"),
        ("libssl1.1", "99", "openssl1.1", "99"),
    )
    (told,) = Matcher(known).vulnerabilities(host)
    assert (told.packages, told.installed) == (("libssl3", "openssl"), "3.0-1")
    assert not Matcher(known).knows("debian|11|bullseye")


def test_three_thousand_packages_and_fifty_thousand_advisories_are_a_matter_of_seconds() -> None:
    known: dict[str, tuple[Advisory, ...]] = {
        f"src{number}": tuple(
            advisory(f"CVE-2026-{number}-{each}", Span(fixed=f"1.{each}-{number}"), package=f"src{number}")
            for each in range(25)
        )
        for number in range(2000)
    }
    host = installed(*((f"p{n}", "1.12-1", f"src{n % 2000}", "1.12-1") for n in range(3000)))
    began = time.process_time()
    matcher = Matcher({RELEASE: known})
    assert len(matcher.vulnerabilities(host)) > 20_000
    assert time.process_time() - began < 25
    again = time.process_time()
    matcher.vulnerabilities(host)
    assert time.process_time() - again < 12
