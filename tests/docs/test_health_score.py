"""The page that publishes the health score says what the code computes with."""

import re
from fractions import Fraction

from mspctl.report.facts.areas import (
    AVAILABILITY,
    CAPS,
    CHECKS,
    CRITICALITY,
    ENOUGH_WEIGHT,
    GRAVE_AT_MOST,
    OPEN_COSTS,
    SCORE_VERSION,
    WEIGHTS,
)
from tests.architecture.source import ROOT

PAGE = (ROOT / "docs" / "explanation" / "health-score.md").read_text(encoding="utf-8")


def rows(pattern: str) -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(pattern, PAGE, re.MULTILINE)}


def test_the_published_terms_are_those_of_the_code() -> None:
    assert f"version {SCORE_VERSION} of it" in PAGE
    assert rows(r"^\| (\w+) \| (\d+) \| [a-z]") == {area.value: weight for area, weight in WEIGHTS.items()}
    published = rows(r"^\| `([\w-]+)` \| \w+ \| (\d+) \|")
    assert published == {name: check.weight for name, check in CHECKS.items()}
    assert sorted(map(int, re.findall(r"^\| [^|]+ \| (\d+) \|$", PAGE, re.MULTILINE))) == sorted(
        CAPS.values()
    )
    counted = re.search(
        r"critical computer counts (\d), a server (\d), a network device (\d), a workst\w+ (\d)", PAGE
    )
    assert counted is not None
    assert [int(each) for each in counted.groups()] == list(CRITICALITY.values())
    assert f"less than {ENOUGH_WEIGHT} of 100" in PAGE


def test_the_published_costs_of_findings_are_those_of_the_code() -> None:
    (row,) = re.findall(r"^\| `protection` .*$", PAGE, re.MULTILINE)
    costs = re.findall(r"1/(\d+)[^,;]*?(high|medium|low)", row)
    assert {severity: Fraction(1, int(part)) for part, severity in costs} == OPEN_COSTS
    assert f"at most {float(GRAVE_AT_MOST)}" in row


def test_the_published_worth_of_an_uptime_is_that_of_the_code() -> None:
    (row,) = re.findall(r"^\| `availability` .*$", PAGE, re.MULTILINE)
    told = re.findall(r"([\d.]+) % → ([1½0])", row)
    worths = {"1": 1.0, "½": 0.5, "0": 0.0}
    published = sorted((round(100 * float(percent)), worths[worth]) for percent, worth in told)
    assert published == [(percent, float(worth)) for percent, worth in AVAILABILITY]
