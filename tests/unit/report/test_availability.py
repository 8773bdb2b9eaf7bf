"""What uptimes are worth in the score, and what nobody watched."""

from fractions import Fraction

import pytest

from mspctl.model.uptime import Uptime
from mspctl.report.facts.areas import Area
from mspctl.report.facts.availability import Watched, availability_findings, watched_in_all
from mspctl.report.facts.measured import Exempt, Findings
from mspctl.report.wording.areawords import AreaWords
from mspctl.report.wording.figures import figures
from mspctl.report.wording.findingwords import FindingWords
from mspctl.report.wording.speech import Speech
from mspctl.testing.healthcase import health

WEB = "acme/web1"
MONTH = 720_000


def seen(down: int, covered: int = MONTH, maintenance: int = 0) -> Uptime:
    return Uptime(covered - down - maintenance, down, maintenance, MONTH)


def worth(*uptimes: Uptime) -> Fraction | None:
    found = availability_findings({WEB: uptimes}, {}).measured
    return found[0].part if found else None


@pytest.mark.parametrize(
    ("down", "part"), [(0, 1), (720, 1), (3960, Fraction(3, 4)), (7200, Fraction(1, 2)), (36_000, 0)]
)
def test_it_is_worth_by_the_share_of_the_agreed_hours(down: int, part: Fraction) -> None:
    assert worth(seen(down)) == part


def test_of_several_the_worst_counts_and_what_cannot_be_praised_hides_none() -> None:
    assert worth(seen(0), seen(7200)) == worth(seen(7200), seen(0)) == Fraction(1, 2)
    assert worth(seen(7200), seen(10, covered=100)) == Fraction(1, 2)


def test_announced_maintenance_is_no_downtime() -> None:
    assert worth(seen(0, maintenance=72_000)) == 1


def test_what_was_hardly_watched_earns_nothing_but_an_outage_costs() -> None:
    assert worth(seen(0, covered=0)) is None
    assert worth(seen(0, covered=MONTH // 2)) == 1
    assert worth(seen(0, covered=MONTH // 2 - 1)) is None
    assert worth(seen(700, covered=1000)) is None  # a month with these may still have been a good one
    assert worth(seen(7200, covered=10_000)) == Fraction(1, 2)
    assert worth(Uptime(0, 0, 0, 0)) is None  # the month has had no agreed hour yet


def test_only_a_workstation_that_nobody_watches_is_exempt_and_only_where_others_are_watched() -> None:
    kinds = {WEB: "server", "acme/pc1": "workstation", "acme/pc2": "workstation", "acme/db1": "critical"}
    assert availability_findings({}, kinds) == Findings()
    found = availability_findings({WEB: (seen(0),), "acme/pc2": (seen(0, covered=0),)}, kinds)
    assert found.exempt == (Exempt("acme/pc1", Area.AVAILABILITY),)
    assert [each.host for each in found.measured] == [WEB]


def test_the_report_says_the_share_and_how_much_of_it_was_watched() -> None:
    found = availability_findings({WEB: (seen(1, covered=400_000),), "acme/db1": (seen(0),)}, {})
    assert watched_in_all(found.measured) == Watched(1_119_999, 1, 1_120_000, 2 * MONTH)
    assert watched_in_all(found.measured).share == Fraction(9999, 10_000)  # type: ignore[union-attr]
    of, words = health(), FindingWords(Speech())
    told = AreaWords(of, Speech(), words).fact(of.score.area(Area.AVAILABILITY))
    assert told == "Up 99.97% of the agreed hours, of which 100.00% were watched"
    assert [each.value for each in figures(of, Speech()) if each.name == "Availability"] == ["99.97%"]
    bad = availability_findings({WEB: (seen(7201),)}, {}).measured
    assert words.finding(bad) == "Down for up to 121 minutes of the agreed hours: web1"
    assert watched_in_all(health(others=False).measured) is None
