"""The page on onboarding says which minutes are assumed."""

import re

from mspctl.model.onboarding import Minutes
from mspctl.report.onboarding.plan import EFFORT
from tests.architecture.source import ROOT

LINE = re.compile(r"^\| `([a-z-]+)` \| (\d+) \| (\d+) \|", re.MULTILINE)


def test_the_minutes_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "howto" / "onboarding.md").read_text(encoding="utf-8")
    assert {kind: Minutes(int(once), int(each)) for kind, once, each in LINE.findall(text)} == dict(EFFORT)
