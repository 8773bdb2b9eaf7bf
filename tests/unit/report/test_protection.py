"""What open findings cost of the score; what nobody measured lately is grey, never green."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from mspctl.model.posture import CheckFinding
from mspctl.report.facts.areas import Area, Light, light
from mspctl.report.facts.posture import CheckState, HostPosture, Result
from mspctl.report.facts.protection import lines, protection_findings
from mspctl.report.pages.html import html
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.pages.protectionpage import ProtectionPage
from mspctl.report.score.formula import score
from mspctl.report.score.tenths import percent
from mspctl.report.wording.speech import speech_of
from mspctl.testing.healthcase import health

UNTIL = datetime(2026, 11, 30, tzinfo=UTC)
WEB = "acme/web1"


def state(result: Result, severity: str = "high", *, days: int = 1, check: str = "a") -> CheckState:
    at = UNTIL - timedelta(days=days)
    words = CheckFinding("r", WEB, check, severity, "Something is so") if severity else None
    return CheckState(WEB, check, result, at, at, "r", words=words)


GOOD = state(Result.GOOD, "", check="good")


def part(*states: CheckState) -> Fraction | None:
    found = protection_findings([HostPosture(WEB, "hq", states)], UNTIL, 35)
    return found.measured[0].part if found.measured else None


@pytest.mark.parametrize(
    ("states", "worth"),
    [
        ((GOOD,), Fraction(1)),
        ((GOOD, state(Result.FIXED)), Fraction(1)),
        ((GOOD, state(Result.WAIVED)), Fraction(1)),
        ((GOOD, state(Result.OPEN, "low")), Fraction(399, 400)),
        ((GOOD, state(Result.NEW, "medium")), Fraction(99, 100)),
        ((GOOD, state(Result.NEW)), Fraction(69, 100)),
        ((GOOD, state(Result.UNMEASURED)), Fraction(69, 100)),
        ((GOOD, *(state(Result.OPEN) for _ in range(5))), Fraction(1, 2)),
        ((GOOD, *(state(Result.OPEN) for _ in range(50))), Fraction(0)),
        ((GOOD, state(Result.OPEN, "")), Fraction(9, 10)),
        ((GOOD, state(Result.GOOD, "", days=40)), Fraction(9, 10)),
        ((GOOD, state(Result.WAIVED, days=40)), Fraction(1)),
        ((state(Result.GOOD, "", days=40),), None),
        ((), None),
    ],
)
def test_what_is_open_costs(states: tuple[CheckState, ...], worth: Fraction | None) -> None:
    assert part(*states) == worth


def test_a_computer_with_a_grave_finding_is_at_risk_and_one_that_nobody_asked_is_grey() -> None:
    found = protection_findings(
        [HostPosture(WEB, "hq", (GOOD, state(Result.OPEN))), HostPosture("acme/web2", "hq")], UNTIL, 35
    )
    assert found.measured[0].details == {"high": "1", "open": "1", "waived": "0", "unmeasured": "0"}
    made = score({WEB: "server", "acme/web2": "server"}, found)
    parts = {each.host: each.part for each in made.hosts if each.area is Area.PROTECTION}
    assert light(percent(parts[WEB])) is Light.RED
    assert light(percent(parts["acme/web2"])) is Light.GREY
    assert (made.area(Area.PROTECTION).measured, made.area(Area.PROTECTION).complete) == (1, False)


def test_findings_and_waivers_are_told_in_the_readers_language() -> None:
    german = speech_of("de", report_folder() / "locale")
    page = ProtectionPage(health(), german)
    assert page.title("No firewall is at work") == "Keine Firewall ist in Betrieb"
    assert [page.title(each) for each in ("A check of the house", "")] == ["A check of the house", ""]
    waived = [each.waiver for each in page.accepted_findings if each.waiver is not None]
    assert [page.waived(each) for each in waived] == [
        "the plotters know no keys, Robin Alder, bis 31. März 2027"
    ]
    assert "until 20" not in html(health(), Look(german))


def test_a_finding_is_one_line_for_all_computers() -> None:
    def on(host: str, result: Result, severity: str) -> HostPosture:
        at = UNTIL - timedelta(days=len(host))
        words = CheckFinding("r", host, "a", severity, "Something is so")
        return HostPosture(host, "hq", (CheckState(host, "a", result, at, at, "r", words=words),))

    found = lines(
        [
            on("acme/b", Result.NEW, "low"),
            on("acme/aa", Result.OPEN, "low"),
            on("acme/c", Result.UNMEASURED, "high"),
            on("acme/d", Result.FIXED, "high"),
        ],
        *(each for each in Result if each.open),
    )
    assert [(each.severity, each.hosts) for each in found] == [
        ("high", ("acme/c",)),
        ("low", ("acme/aa", "acme/b")),
    ]
    assert found[1].since == UNTIL - timedelta(days=7)
