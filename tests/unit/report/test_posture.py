"""What runs make of findings: new, fixed, open, waived; nothing that nobody measured is well."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from mspctl.model.calendar import Calendar
from mspctl.model.inventory import Access, Client, Host, Site
from mspctl.model.posture import Answer, CheckFinding, Look
from mspctl.model.security import SecurityPolicy, Waiver
from mspctl.report.facts.posture import (
    CheckState,
    HostPosture,
    Result,
    host_postures,
    telling_runs,
    with_words,
)

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
WEB, CHECK = "acme/web1", "ssh-password"
SAID = {"g": Answer.GOOD, "b": Answer.BAD, "u": Answer.UNMEASURED, "a": Answer.ABSENT}


def looks(story: str) -> list[Look]:
    """A look a day up to NOW, a letter each; `.` is one without an answer."""
    found = []
    for back, letter in zip(range(len(story), 0, -1), story, strict=True):
        at = NOW - timedelta(days=back)
        answers = {} if letter == "." else {CHECK: SAID[letter]}
        found.append(Look(f"run-{back}", WEB, "security-ssh", at, answers, "" if answers else "unreachable"))
    return found


def waiver(until: str = "2026-12-31", check: str = CHECK) -> Waiver:
    return Waiver(check, "Anna Berg", "the till needs it", date.fromisoformat(until))


def posture(story: str, *waivers: Waiver, timezone: str = "UTC", now: datetime = NOW) -> HostPosture:
    security = SecurityPolicy(waivers=waivers)
    host = Host("acme", "hq", "web1", Access(), security=security, calendar=Calendar({}, (), timezone))
    client = Client("acme", "Acme", "UTC", (Site("hq", (host,)),))
    (found,) = host_postures(client, looks(story), now)
    return found


def state(story: str, *waivers: Waiver) -> CheckState:
    (found,) = posture(story, *waivers).checks
    return found


@pytest.mark.parametrize(
    ("story", "result", "days"),
    [
        ("b", Result.NEW, 1),
        ("gb", Result.NEW, 1),
        ("ab", Result.NEW, 1),
        ("gbb", Result.OPEN, 2),
        ("bub", Result.OPEN, 3),
        ("gub", Result.NEW, 1),
        ("bg", Result.FIXED, 1),
        ("bug", Result.FIXED, 1),
        ("ba", Result.FIXED, 1),
        ("bgg", Result.GOOD, 2),
        ("bgu", Result.UNMEASURED, 1),
        ("bgug", Result.GOOD, 1),
        ("bgb", Result.NEW, 1),
        ("bu", Result.UNMEASURED, 2),
        ("u", Result.UNMEASURED, 1),
        ("g", Result.GOOD, 1),
        ("a", Result.ABSENT, 1),
        ("bb.", Result.OPEN, 3),
        ("g..", Result.GOOD, 3),
    ],
)
def test_each_story_has_one_result(story: str, result: Result, days: int) -> None:
    found = state(story)
    assert (found.result, found.since) == (result, NOW - timedelta(days=days))
    assert found.silent == len(story) - len(story.rstrip("."))


def test_what_was_bad_is_never_well_because_nobody_looked() -> None:
    found = posture("gb..")
    assert (found.count(Result.NEW), found.silent, found.at) == (1, "unreachable", NOW - timedelta(days=3))
    assert (posture("").at, posture("").checks, posture("g").silent) == (None, (), "")


def test_a_waiver_holds_until_its_last_day_is_over_and_then_the_finding_is_open_again() -> None:
    assert state("bb", waiver()).result is Result.WAIVED
    assert state("bb", waiver("2026-11-29")).result is Result.WAIVED
    assert state("u", waiver()).result is Result.WAIVED
    ended = state("bb", waiver("2026-11-28"))
    assert (ended.result, ended.waiver) == (Result.OPEN, waiver("2026-11-28"))
    renewed = state("bb", waiver("2026-11-28"), waiver())
    assert (renewed.result, renewed.waiver) == (Result.WAIVED, waiver())
    assert state("bb", waiver(check="ssh-kex")).waiver is None


def test_the_day_of_a_waiver_is_that_of_the_host() -> None:
    midnight = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
    ends = waiver("2026-11-28")
    for timezone, result in (("UTC", Result.WAIVED), ("Europe/Berlin", Result.OPEN)):
        (found,) = posture("bb", ends, timezone=timezone, now=midnight).checks
        assert found.result is result


def test_a_waiver_of_what_is_well_or_not_there_is_told_as_idle() -> None:
    mistyped = waiver(check="ssh-pasword")
    assert posture("bb", waiver(), mistyped).idle == (mistyped,)
    assert posture("g", waiver()).idle == (waiver(),)
    assert posture("g", waiver("2026-11-01")).idle == ()
    assert posture("", waiver()).idle == ()


def test_words_come_from_the_run_that_saw_it() -> None:
    fixed, still = posture("bbg"), posture("bb")
    assert telling_runs([fixed]) == {"run-2"}
    assert telling_runs([still]) == {"run-1"}
    assert telling_runs([posture("gg")]) == frozenset()
    said = CheckFinding("run-2", WEB, CHECK, "medium", "Passwords are accepted")
    (one,) = with_words([fixed], [said, CheckFinding("run-2", "acme/web2", CHECK, "low")])
    assert (one.checks[0].words, one.checks[0].severity) == (said, "medium")


def test_the_gravest_open_finding_comes_first_and_what_is_fixed_last() -> None:
    order = [
        CheckState(WEB, "c", result, NOW, NOW, "r", words=CheckFinding("r", WEB, "c", severity))
        for result, severity in (
            (Result.UNMEASURED, "high"),
            (Result.NEW, "medium"),
            (Result.OPEN, "low"),
            (Result.OPEN, ""),
            (Result.WAIVED, "high"),
            (Result.FIXED, "high"),
        )
    ]
    assert all(before.rank < after.rank for before, after in pairwise(order))
