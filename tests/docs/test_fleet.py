"""The page that publishes how risk is counted says what the code computes with."""

import re

from mspctl.report.facts.areas import CRITICALITY
from mspctl.report.staff.concern import POINTS
from mspctl.report.staff.site import WORDS
from mspctl.wiring.exemptions import SOON
from tests.architecture.source import ROOT

PAGE = (ROOT / "docs" / "howto" / "fleet.md").read_text(encoding="utf-8")


def test_the_published_points_are_those_of_the_code() -> None:
    assert [int(each) for each in re.findall(r"^\| [^|]+ \| (\d+) \|$", PAGE, re.MULTILINE)] == list(
        POINTS.values()
    )
    counted = re.search(r"(\d) times on a critical one,\s(\d) on a server, (\d) on network", PAGE)
    assert counted is not None
    weights = list(CRITICALITY.values())
    assert ([int(each) for each in counted.groups()], weights[3]) == (weights[:3], 1)
    assert f"ends within {SOON.days} days" in PAGE


def test_each_state_is_explained() -> None:
    assert re.findall(r"^\| ([a-z ]+) \| [a-z]", PAGE, re.MULTILINE)[: len(WORDS)] == list(WORDS.values())
