"""One probe's answers, one after the other, and what becomes of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.model.monitoring import Phase, Sample, Seen, Span, Standing
from mspctl.model.uptime import all_seconds, uptime
from mspctl.monitor.judge import Circumstances, Judgement, judge

START = datetime(2026, 11, 24, 8, tzinfo=UTC)
WORDS = {"U": Seen.UP, "W": Seen.WARNING, "D": Seen.DOWN, "?": Seen.UNKNOWN}


def told(letters: str, down_after: int = 2) -> list[tuple[str, str]]:
    """Phase and event after each answer; `b` is bad behind something, `m` bad in maintenance."""
    before: Standing | None = None
    open_as: Seen | None = None
    found = []
    for number, letter in enumerate(letters):
        around = Circumstances(down_after, "gw" if letter == "b" else "", letter == "m", open_as)
        sample = Sample("web", WORDS.get(letter, Seen.DOWN), "x")
        judged = judge(before, sample, START + timedelta(minutes=number), around)
        if judged.opens or judged.worsens:
            open_as = sample.seen
        if judged.closes:
            open_as = None
        before = judged.standing
        found.append((before.phase.value, event(judged)))
    return found


def event(judged: Judgement) -> str:
    words = [word for word in ("opens", "worsens", "closes") if getattr(judged, word)]
    assert len(words) <= 1
    return words[0] if words else ""


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("UUU", "up up up"),
        ("UDU", "up pending up"),
        ("UDDDU", "up pending down:opens down up:closes"),
        ("D?U", "pending down:opens up:closes"),
        ("WWDDU", "pending down:opens down:worsens down up:closes"),
        ("??", "pending down:opens"),
        ("UbbDD", "up hidden hidden pending down:opens"),
        ("DDbbU", "pending down:opens hidden hidden up:closes"),
        ("DDbD", "pending down:opens hidden down"),
        ("UmmmDD", "up maintenance maintenance maintenance pending down:opens"),
        ("DmD", "pending maintenance pending"),
    ],
)
def test_the_way_of_a_probe(letters: str, expected: str) -> None:
    assert " ".join(":".join(filter(None, each)) for each in told(letters)) == expected


def test_it_may_be_told_at_once_or_late() -> None:
    assert told("D", down_after=1) == [("down", "opens")]
    assert [word for word, _ in told("DDDD", down_after=4)] == ["pending", "pending", "pending", "down"]


def test_one_that_goes_to_and_fro_is_one_incident() -> None:
    found = told("UUDUDUDUDUDUDU" + "U" * 25)
    events = [event for _, event in found if event]
    assert events == ["opens", "closes"]
    phases = [phase for phase, _ in found]
    assert phases[8] == "flapping"
    assert phases[-1] == "up"
    assert phases.index("up", 9) > 20, "it has been calm before it is well"


def test_since_is_when_the_phase_began() -> None:
    first = judge(None, Sample("web", Seen.UP), START, Circumstances()).standing
    later = judge(first, Sample("web", Seen.UP), START + timedelta(hours=1), Circumstances()).standing
    assert (later.since, later.at) == (START, START + timedelta(hours=1))
    assert judge(later, Sample("web", Seen.DOWN), later.at, Circumstances(behind="gw")).standing.detail == (
        "behind gw: "
    )


@given(st.text("UWD?bm", max_size=80), st.integers(1, 4))
def test_incidents_open_and_close_in_turn_and_nothing_bad_is_up(letters: str, down_after: int) -> None:
    found = told(letters, down_after)
    turns = [event for _, event in found if event in {"opens", "closes"}]
    assert turns == (["opens", "closes"] * len(turns))[: len(turns)]
    for letter, (phase, _) in zip(letters, found, strict=True):
        assert (phase == Phase.UP) <= (letter == "U")
        assert (letter in "bm") == (phase in {Phase.HIDDEN, Phase.MAINTENANCE})


def span(seen: str, begins: int, ends: int) -> Span:
    return Span("acme", "web", seen, START + timedelta(minutes=begins), START + timedelta(minutes=ends))


def test_uptime_counts_what_was_seen_and_says_how_much_that_is() -> None:
    spans = [span("up", -30, 30), span("down", 30, 40), span("warning", 40, 50), span("unknown", 50, 60)]
    spans += [span("maintenance", 60, 80), span("up", 90, 130)]
    found = uptime(spans, START, START + timedelta(minutes=120), all_seconds)
    assert (found.up, found.down, found.maintenance, found.whole) == (4200, 600, 1200, 7200)
    assert found.share == pytest.approx(4200 / 4800)
    assert found.coverage == pytest.approx(6000 / 7200)
    nothing = uptime([], START, START + timedelta(minutes=1), all_seconds)
    assert (nothing.share, nothing.coverage) == (None, 0.0)
    mornings = uptime(
        spans, START, START + timedelta(minutes=120), lambda begins, ends: int(begins < ends) * 7
    )
    assert mornings.whole == 7
