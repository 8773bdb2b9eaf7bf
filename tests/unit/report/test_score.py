from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.report.facts.areas import CAPS, CHECKS, WEIGHTS, Area, Light, grade, light, piecewise
from mspctl.report.facts.measured import CapFound, Exempt, Findings, Measured
from mspctl.report.score.formula import Score, score
from mspctl.report.score.ledger import ledger
from mspctl.report.score.tenths import areas_in_tenths, average_in_tenths, in_tenths, shown, total_in_tenths

ONE, ZERO = Fraction(1), Fraction(0)
HOSTS = [f"acme/h{number}" for number in range(4)]
BY_AREA = {
    Area.BACKUP: "backup-age",
    Area.UPDATES: "security-wait",
    Area.PROTECTION: "protection",
    Area.AVAILABILITY: "availability",
    Area.CAPACITY: "disk",
    Area.AGE: "support",
}

parts = st.fractions(0, 1, max_denominator=97)
BY_AREA_OF = {check: area for area, check in BY_AREA.items()}

measured = st.builds(Measured, st.sampled_from(HOSTS), st.sampled_from(sorted(CHECKS)), parts)
fleets = st.dictionaries(
    st.sampled_from(HOSTS), st.sampled_from(["critical", "server", "workstation", "odd"])
)
caps = st.builds(CapFound, st.sampled_from(sorted(CAPS)))
exempt = st.builds(Exempt, st.sampled_from(HOSTS), st.sampled_from(Area))


def unique(found: list[Measured]) -> tuple[Measured, ...]:
    return tuple({(each.host, each.check): each for each in found}.values())


found = st.builds(
    Findings,
    st.lists(measured, max_size=30).map(unique),
    st.lists(exempt, max_size=3).map(tuple),
    st.lists(caps, max_size=2).map(tuple),
)


def everything(part: Fraction = ONE, hosts: Mapping[str, str] | None = None) -> Findings:
    names = hosts or {"acme/web1": "server"}
    return Findings(tuple(Measured(host, check, part) for host in names for check in CHECKS))


def of(findings: Findings, hosts: Mapping[str, str] | None = None) -> Score:
    return score(hosts or {"acme/web1": "server"}, findings)


@given(fleets, found)
def test_the_ledger_adds_up_to_the_last_fraction(fleet: dict[str, str], findings: Findings) -> None:
    result = score(fleet, findings)
    lost = sum((loss.points for loss in result.losses), ZERO)
    if result.total is not None:
        assert result.total + lost + result.cap_loss == 100
        assert 0 <= result.total <= 100
        assert all(loss.points > 0 for loss in result.losses)


@given(fleets, found, st.integers(1, 10))
def test_what_is_shown_adds_up_too(fleet: dict[str, str], findings: Findings, most: int) -> None:
    result = score(fleet, findings)
    lines = ledger(result, most)
    if result.total is None:
        assert lines == ()
        return
    assert total_in_tenths(result) + sum(line.tenths for line in lines) == 1000
    assert all(line.tenths >= 0 for line in lines)
    counted = sum(len(line.found) or line.rest for line in lines)
    assert counted == len(result.losses)
    areas = areas_in_tenths(result)
    assert result.average is not None
    assert sum(earned for earned, _ in areas.values()) == average_in_tenths(result)
    assert abs(average_in_tenths(result) - 10 * result.average) < 1
    assert sum(available for _, available in areas.values()) == 1000
    told: dict[Area, int] = {}
    for line in lines:
        if line.found:
            area = CHECKS[line.found[0].check].area
            told[area] = told.get(area, 0) + line.tenths
    assert all(told.get(area, 0) <= available - earned for area, (earned, available) in areas.items())


@given(fleets, found)
def test_the_tenths_of_an_area_are_near_and_all_of_them_only_without_a_loss(
    fleet: dict[str, str], findings: Findings
) -> None:
    result = score(fleet, findings)
    for area, (earned, available) in areas_in_tenths(result).items():
        part = result.area(area).part
        assert part is not None
        assert 0 <= earned <= available
        assert abs(available - Fraction(1000 * WEIGHTS[area], result.weight)) < 1
        assert abs(earned - part * available) < 3
        assert part < 1 or earned == available


def test_an_area_at_99_has_not_all_its_points_while_another_can_take_the_tenth() -> None:
    near = {
        "backup-age": Fraction(9964, 10000),
        "security-wait": Fraction(98, 100),
        "disk": Fraction(93, 100),
    }
    weak = {
        "protection": Fraction(955, 1000),
        "support": Fraction(914, 1000),
        "availability": Fraction(994, 1000),
    }
    parts = {BY_AREA_OF[each]: part for each, part in (near | weak).items()}
    findings = Findings(
        tuple(
            Measured("acme/web1", check, parts[CHECKS[check].area])
            for check in CHECKS
            if CHECKS[check].weight
        )
    )
    found = areas_in_tenths(of(findings))
    assert found[Area.BACKUP] == (249, 250)
    for area, (got, most) in found.items():
        read = Fraction(100 * got, most)
        assert shown(100 * parts[area]) in {floor(read), shown(read)}


def test_areas_of_which_each_misses_all_or_nothing_add_up() -> None:
    """An area without a point has none to give where those beside it are rounded up."""
    for worth in product((None, ZERO, ONE), repeat=len(Area)):
        parts = dict(zip(Area, worth, strict=True))
        measured = [(check, parts[each.area]) for check, each in CHECKS.items() if each.weight]
        findings = (Measured("acme/web1", check, part) for check, part in measured if part is not None)
        result = of(Findings(tuple(findings)))
        if result.average is not None:
            assert abs(average_in_tenths(result) - 10 * result.average) < 1
            assert sum(available for _, available in areas_in_tenths(result).values()) == 1000
            lost = sum(line.tenths for line in ledger(result))
            assert total_in_tenths(result) + lost == 1000


@given(fleets, found)
def test_a_finding_that_is_mended_gives_back_exactly_its_points(
    fleet: dict[str, str], findings: Findings
) -> None:
    before = score(fleet, findings)
    for loss in before.losses[:3]:
        mended = tuple(
            replace(each, part=ONE) if each is loss.measured else each for each in findings.measured
        )
        after = score(fleet, replace(findings, measured=mended))
        if before.average is not None:
            assert after.average == before.average + loss.points


@given(fleets, found, st.randoms())
def test_order_does_not_matter(fleet: dict[str, str], findings: Findings, random: st.DataObject) -> None:
    shuffled = list(findings.measured)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(fleet, replace(findings, measured=tuple(shuffled))) == score(fleet, findings)


@given(fleets, found, st.sampled_from(Area))
def test_an_area_without_a_measurement_is_neither_0_nor_100(
    fleet: dict[str, str], findings: Findings, area: Area
) -> None:
    without = tuple(each for each in findings.measured if CHECKS[each.check].area is not area)
    result = score(fleet, replace(findings, measured=without))
    assert result.area(area).part is None
    assert result.area(area).measured == 0
    others = {each.area: each.part for each in result.areas if each.area is not area}
    assert others == {each.area: each.part for each in score(fleet, findings).areas if each.area is not area}


def test_the_published_weights_are_100() -> None:
    assert sum(WEIGHTS.values()) == 100
    assert {CHECKS[check].area for check in BY_AREA.values()} == set(Area)


def test_all_good_is_100_and_all_bad_is_0() -> None:
    assert of(everything()).total == 100
    assert of(everything(ZERO)).total == 0


def test_a_critical_computer_counts_five_times_a_workstation() -> None:
    fleet = {"acme/db1": "critical", "acme/pc1": "workstation"}
    findings = everything(hosts=fleet)
    for host, left in (("acme/db1", Fraction(1, 6)), ("acme/pc1", Fraction(5, 6))):
        worse = tuple(
            replace(each, part=ZERO) if (each.host, each.check) == (host, "disk") else each
            for each in findings.measured
        )
        disk = score(fleet, replace(findings, measured=worse)).area(Area.CAPACITY).part
        assert disk == left + (1 - left) * Fraction(1, 4)  # inodes weigh 1 of 4


def test_a_cap_stands_in_the_ledger_and_the_lowest_wins() -> None:
    findings = replace(everything(), caps=(CapFound("no-restore-test"), CapFound("malware")))
    result = of(findings)
    assert result.total == CAPS["malware"] == 49
    assert result.cap == CapFound("malware")
    assert [(line.tenths, line.cap) for line in ledger(result)] == [(510, CapFound("malware"))]
    bad = of(replace(everything(Fraction(1, 4)), caps=findings.caps))
    assert bad.total == 25
    assert bad.cap is None


def test_an_incomplete_area_caps_the_total_at_89() -> None:
    fleet = dict.fromkeys(HOSTS, "server")
    findings = everything(hosts=fleet)
    thin = tuple(each for each in findings.measured if each.host != HOSTS[0] or each.check != "backup-age")
    assert score(fleet, replace(findings, measured=thin)).total == 100  # backup-success still tells of it
    gone = tuple(
        each for each in findings.measured if each.host != HOSTS[0] or CHECKS[each.check].area != Area.BACKUP
    )
    result = score(fleet, replace(findings, measured=gone))
    assert result.total == 89
    assert result.caps[0].details == {"areas": "backup"}
    freed = replace(findings, measured=gone, exempt=(Exempt(HOSTS[0], Area.BACKUP),))
    assert score(fleet, freed).total == 100


def test_too_little_is_no_score() -> None:
    updates = Findings((Measured("acme/web1", "security-wait", ONE),))
    assert of(updates).total is None
    assert ledger(of(updates)) == ()
    assert of(Findings()).total is None
    assert score({}, everything()).total is None
    more = (Measured("acme/web1", "disk", ONE), Measured("acme/web1", "support", ONE))
    assert of(updates + Findings(more)).total == 89  # three areas of six are measured


def test_findings_about_others_do_not_count() -> None:
    stranger = Findings((Measured("bolt/web1", "disk", ZERO),))
    assert of(everything() + stranger).total == 100


@pytest.mark.parametrize(
    ("x", "expected"), [(-5, 1), (14, 1), (22, Fraction(3, 4)), (45, Fraction(1, 4)), (99, 0)]
)
def test_between_the_points_of_a_table_the_line_is_straight(x: int, expected: Fraction) -> None:
    assert piecewise(((14, 1), (30, Fraction(1, 2)), (60, 0)), x) == expected


def test_lights_and_grades_follow_what_is_shown() -> None:
    assert [light(points) for points in (None, 0, 69, 70, 84, 85, 100)] == [
        Light.GREY, Light.RED, Light.RED, Light.AMBER, Light.AMBER, Light.GREEN, Light.GREEN,
    ]  # fmt: skip
    assert [grade(points) for points in (100, 90, 89, 80, 70, 60, 59, 0)] == list("AABBCDFF")
    assert shown(Fraction(845, 10)) == 85
    assert in_tenths(Fraction(8785, 100)) == 879
