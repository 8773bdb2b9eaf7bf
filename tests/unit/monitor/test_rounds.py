"""A round as a whole: what hangs on what, what is watched no more, how stretches of time go on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from mspctl.model.monitoring import (
    IncidentRecord,
    IncidentWord,
    Phase,
    Sample,
    Seen,
    Span,
    Standing,
)
from mspctl.monitor.incidents import Incident, folded
from mspctl.monitor.rounds import Round, Subject, judge_round, spans_of

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
CHAIN = {
    "gw": Subject("gw", 1),
    "reach@web1": Subject("reach@web1", 1, ("gw",)),
    "disks@web1": Subject("disks@web1", 1, ("reach@web1",)),
    "shop": Subject("shop", 1),
    "shop:certificate": Subject("shop:certificate", 1, ("shop",)),
}


class Story:
    """Rounds one after the other, five minutes apart."""

    def __init__(self, subjects: dict[str, Subject] | None = None) -> None:
        self.subjects = subjects or CHAIN
        self.at = START
        self.standings: dict[str, Standing] = {}
        self.records: list[IncidentRecord] = []

    def round(self, *order: str, **seen: str) -> Round:
        keys = order or tuple(self.subjects)
        samples = [
            Sample(key, Seen(seen.get(key.partition("@")[0].replace(":", "_"), "up")), "x") for key in keys
        ]
        made = judge_round("acme", samples, self.subjects, self.standings, self.open, self.at)
        for record in made.records:
            number = record.number or 1 + max((each.number for each in self.records), default=0)
            self.records.append(replace(record, number=number, seq=len(self.records) + 1))
        self.standings = {each.key: each for each in made.standings}
        self.at += timedelta(minutes=5)
        return made

    @property
    def open(self) -> dict[str, Incident]:
        return {each.key: each for each in folded(self.records) if each.closed is None}


@pytest.mark.parametrize("order", list(permutations(("gw", "reach@web1", "disks@web1"))))
def test_what_lies_behind_is_hidden_in_whatever_order_it_was_asked(order: tuple[str, ...]) -> None:
    story = Story()
    story.round(*order, gw="down", reach="down", disks="unknown")
    phases = {key: each.phase.value for key, each in story.standings.items()}
    assert phases == {"gw": "down", "reach@web1": "hidden", "disks@web1": "hidden"}
    assert list(story.open) == ["gw"]
    assert story.standings["disks@web1"].detail == "behind reach@web1: x"


def test_a_warning_in_front_hides_nothing() -> None:
    story = Story()
    story.round(gw="warning", reach="down")
    assert sorted(story.open) == ["gw", "reach@web1"]


def test_what_is_watched_no_more_is_forgotten_and_its_incident_closed() -> None:
    story = Story()
    story.round(gw="down")
    story.subjects = {"shop": CHAIN["shop"]}
    story.round("shop")
    assert story.open == {}
    assert (story.records[-1].word, story.records[-1].text) == (
        IncidentWord.CLOSED,
        "it is not watched any more",
    )
    assert list(story.standings) == ["shop"]


def test_what_was_not_seen_this_time_stays_as_it_was() -> None:
    story = Story()
    story.round(shop_certificate="warning")
    story.round("shop", shop="down")
    assert story.standings["shop:certificate"].at == START
    assert sorted(story.open) == ["shop", "shop:certificate"]
    story.round("shop", "shop:certificate")
    assert story.open == {}


def test_becoming_worse_calls_for_somebody_again() -> None:
    story = Story()
    story.round(disks="warning")
    (incident,) = story.open.values()
    taken = IncidentRecord(
        incident.number, "acme", incident.key, IncidentWord.ACKNOWLEDGED, START, incident.seen
    )
    story.records.append(replace(taken, author="ann"))
    assert story.open["disks@web1"].acknowledged is not None
    story.round(disks="down")
    again = story.open["disks@web1"]
    assert (again.acknowledged or "nobody", again.seen) == ("nobody", Seen.DOWN)
    story.round(disks="warning")
    assert [each.word.value for each in story.records] == ["opened", "acknowledged", "worsened"]


def standing(seen: Seen, at: datetime, phase: Phase = Phase.UP) -> Standing:
    return Standing("web", phase, seen, at, at)


@pytest.mark.parametrize(
    ("minutes", "seen", "phase", "expected"),
    [
        (5, Seen.UP, Phase.UP, [("up", 0, 15)]),
        (5, Seen.DOWN, Phase.PENDING, [("up", 0, 15), ("down", 15, 15)]),
        (5, Seen.DOWN, Phase.MAINTENANCE, [("up", 0, 15), ("maintenance", 15, 15)]),
        (5, Seen.DOWN, Phase.HIDDEN, [("up", 0, 15), ("hidden", 15, 15)]),
        (31, Seen.UP, Phase.UP, [("up", 41, 41)]),
        (-20, Seen.UP, Phase.UP, [("up", -10, -10)]),
    ],
)
def test_stretches_of_time_go_on_unless_nobody_looked(
    minutes: int, seen: Seen, phase: Phase, expected: list[tuple[str, int, int]]
) -> None:
    last = Span("acme", "web", "up", START, START + timedelta(minutes=10))
    at = last.ends + timedelta(minutes=minutes)
    found = spans_of("acme", [standing(seen, at, phase)], {"web": last}, at)
    told = [
        (each.seen, *(int((end - START).total_seconds() // 60) for end in (each.begins, each.ends)))
        for each in found
    ]
    assert told == expected


def test_what_a_host_never_had_is_not_watched_and_what_it_had_is_missed() -> None:
    subjects = {"raid@web1": Subject("raid@web1", 1)}
    absent = Sample("raid@web1", Seen.UNKNOWN, "there is none", absent=True)
    never = judge_round("acme", [absent], subjects, {}, {}, START)
    assert (never.standings, never.records) == ((), ())
    before = {"raid@web1": Standing("raid@web1", Phase.UP, Seen.UP, START, START)}
    (opened,) = judge_round("acme", [absent], subjects, before, {}, START).records
    assert (opened.word, opened.seen) == (IncidentWord.OPENED, Seen.UNKNOWN)


def test_what_was_not_asked_leaves_no_stretch() -> None:
    at = START + timedelta(minutes=5)
    assert list(spans_of("acme", [standing(Seen.UP, START)], {}, at)) == []


@pytest.mark.parametrize("order", [("gw", "core"), ("core", "gw")])
def test_a_gate_that_depends_on_a_host_behind_it_is_judged_all_the_same(order: tuple[str, ...]) -> None:
    circle = {"gw": Subject("gw", 1, ("core",)), "core": Subject("core", 1, ("gw",))}
    made = Story(circle).round(*order, gw="down", core="down")
    assert sorted(each.phase for each in made.standings) == [Phase.DOWN, Phase.HIDDEN]
    assert len(made.records) == 1
