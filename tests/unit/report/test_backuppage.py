"""The page about backups says what is proven, and never more; the strips say what was seen of each day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mspctl.model.uptime import Uptime
from mspctl.report.drawing.strips import MOST, StripMaker
from mspctl.report.facts.areas import Light
from mspctl.report.facts.availability import DaySeen, day_seen
from mspctl.report.facts.backups import HostBackup, Tries, Try
from mspctl.report.pages.backuppage import BackupPage
from mspctl.report.pages.html import html
from mspctl.report.score.health import Health
from mspctl.report.wording.speech import Speech
from mspctl.testing.healthcase import backups, health

OURS = backups()


def told(*hosts: HostBackup) -> BackupPage:
    return BackupPage(replace(health(), backups=hosts), Speech())


def without_proof(host: HostBackup) -> HostBackup:
    return replace(host, proofs=Tries())


def never_good(host: HostBackup) -> HostBackup:
    return replace(host, backups=Tries().and_then(Try(host.now, "run9", good=False, why="disk <full>")))


def test_what_is_proven_is_said_with_its_day_and_how_long_it_takes() -> None:
    page = told(*OURS)
    assert (
        page.answer == "Could we bring your work back? Yes: a restore of web1 was proven on 14 October 2026."
    )
    assert [(each.value, each.rest) for each in page.figures] == [
        ("42 min", "the longest, of backup1; agreed: 4 h"),
        ("22 h", "since the last good backup of web2; agreed: 26 h"),
        ("9 of 9", "computers, in the last 90 days"),
    ]
    assert page.without == ("cad1", "cad2", "front1", "laptop3")
    ((goals, hosts),) = page.agreements
    assert hosts.startswith("web1, web2")
    assert goals.endswith("and a proven restore every 90 days")


@pytest.mark.parametrize(
    ("change", "answer", "values"),
    [
        (without_proof, "It is not proven", ["", "22 h", "0 of 9"]),
        (lambda host: replace(host, backups=Tries(), proofs=Tries()), "Nobody can say", ["", "", ""]),
        (never_good, "Yes", ["42 min", "", "9 of 9"]),
        (
            lambda host: replace(host, now=host.now + timedelta(days=80)),
            "It is not proven",
            ["42 min", "81 days", "0 of 9"],
        ),
    ],
)
def test_what_is_not_proven_is_never_a_number(
    change: Callable[[HostBackup], HostBackup], answer: str, values: list[str]
) -> None:
    page = told(*map(change, OURS))
    assert answer in page.answer
    assert [each.value for each in page.figures] == values


def test_each_computer_stands_with_its_light_the_worst_first() -> None:
    rows = told(without_proof(never_good(OURS[0])), *OURS[1:3]).rows
    assert [(row.name, row.light) for row in rows] == [
        ("web1", Light.RED),
        ("db1", Light.GREEN),
        ("web2", Light.GREEN),
    ]
    assert rows[0].state == "the last one failed: disk <full>"
    assert (rows[0].made, rows[0].restore) == (None, "")


def test_a_number_from_an_older_run_has_its_evidence_in_the_report() -> None:
    page = html(health())
    assert page.count('id="run-20261014T0300Z-alder-backup-proof-0000"') == 1
    assert 'href="#run-20261014T0300Z-alder-backup-proof-0000"' in page


def test_a_client_without_backups_is_told_that_nothing_is_known() -> None:
    page = html(replace(health(others=False), backups=()))
    assert "No backups by us are agreed, so nothing is known about them." in page


WHOLE = 36_000


@pytest.mark.parametrize(
    ("uptimes", "seen"),
    [
        ([Uptime(WHOLE, 0, 0, WHOLE)], DaySeen.UP),
        ([Uptime(WHOLE, 0, 0, WHOLE), Uptime(WHOLE - 900, 900, 0, WHOLE)], DaySeen.SHORT),
        ([Uptime(WHOLE - 901, 901, 0, WHOLE)], DaySeen.DOWN),
        ([Uptime(0, 1, 0, WHOLE)], DaySeen.SHORT),
        ([Uptime(WHOLE // 2 - 1, 0, 0, WHOLE)], DaySeen.NOT_WATCHED),
        ([Uptime(WHOLE, 0, 0, WHOLE), Uptime(0, 0, 0, WHOLE)], DaySeen.NOT_WATCHED),
        ([Uptime(WHOLE - 60, 0, 60, WHOLE)], DaySeen.MAINTENANCE),
        ([Uptime(0, 0, 0, 0)], DaySeen.OFF),
        ([], DaySeen.NOT_WATCHED),
    ],
)
def test_a_day_is_never_better_than_what_was_seen(uptimes: list[Uptime], seen: DaySeen) -> None:
    assert day_seen(uptimes) is seen


def crowd(count: int) -> Health:
    days = {f"alder/h{number:03}": (DaySeen.UP,) * 31 for number in range(count)}
    return replace(health(), watched=days)


def test_of_many_computers_those_with_trouble_are_drawn_and_the_rest_is_counted() -> None:
    of = replace(crowd(MOST + 5), backups=OURS)
    assert (len(StripMaker(of, Speech()).uptime.rows), StripMaker(of, Speech()).uptime.more) == (MOST, 5)
    assert "5 more computers are not drawn" in html(of)
    assert StripMaker(of, Speech()).backups.rows[0].name == "db1"


def test_a_failed_backup_that_was_made_again_on_the_same_day_is_neither_good_nor_failed() -> None:
    at = datetime(2026, 10, 5, 2, tzinfo=UTC)
    made = Tries().and_then(Try(at, "a", good=False)).and_then(Try(at + timedelta(hours=1), "b", good=True))
    (row,) = StripMaker(replace(health(), backups=(replace(OURS[0], backups=made),)), Speech()).backups.rows
    assert row.told == "1 / 2"
    assert row.strip.count("f-late") == 1
    assert "f-risk" not in row.strip


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 min"),
        (5940, "99 min"),
        (5941, "1.7 h"),
        (7200, "2 h"),
        (172_799, "2 days"),
        (90 * 86_400, "90 days"),
    ],
)
def test_a_length_is_told_as_people_say_it_and_never_shorter(seconds: int, words: str) -> None:
    assert Speech().length(seconds) == words
