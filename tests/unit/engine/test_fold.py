from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mspctl.engine.fold import Fold
from mspctl.engine.runid import is_run_id, run_id
from mspctl.errors import InternalError
from mspctl.model.event import (
    Event,
    HostEnded,
    HostStarted,
    Report,
    ReportKind,
    StepEnded,
    StepOutput,
    StepReported,
    StepStarted,
)
from mspctl.model.hostfold import MAX_REPORTS
from mspctl.model.outcome import Forecast, Outcome, StepStatus
from mspctl.model.window import HEAD, TAIL, NoSecrets, Window
from mspctl.runstore import open_run_store
from mspctl.testing.runs import START, ended, made_plan, made_run, story

HOSTS = ("acme/a", "acme/b", "acme/c")
hosts = st.sampled_from(HOSTS)
indexes = st.integers(-2, 4)
texts = st.text(max_size=12)
reports = st.builds(
    Report,
    st.sampled_from(ReportKind),
    texts,
    texts,
    st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
)
times = st.integers(0, 10**12).map(lambda micros: START + timedelta(microseconds=micros))
chunks = st.one_of(
    st.binary(max_size=40), st.integers(60_000, 200_000).map(lambda size: b"\xc3z" * (size // 2))
)
seconds = st.floats(0, 1e9)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(HostStarted, hosts, times, st.integers(1, 3)),
    st.builds(StepStarted, hosts, indexes, seconds),
    st.builds(StepOutput, hosts, indexes, chunks),
    st.builds(StepReported, hosts, indexes, reports),
    st.builds(
        StepEnded,
        hosts,
        indexes,
        st.sampled_from(StepStatus),
        texts,
        seconds,
        st.sampled_from([*Forecast, None]),
    ),
    st.builds(
        HostEnded, hosts, times, st.sampled_from(Outcome), texts, texts, texts, seconds, st.integers(0, 9)
    ),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(stream=st.lists(st.tuples(events, st.sampled_from(["add", "add", "write", "reopen"])), max_size=40))
def test_the_live_run_equals_the_one_read_back(
    stream: list[tuple[Event, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('log')}/runs.db"
    plan = made_plan("a", "b", "c", steps=4)
    store, fold = open_run_store(url), Fold(made_run(plan))
    store.plan(fold.run, plan)
    batch: list[Event] = []
    for event, then in stream:
        fold.apply([event])
        batch.append(event)
        if then != "add":
            store.record(fold.run.id, batch)
            batch = []
            assert store.load(fold.run.id) == fold.run
        if then == "reopen":
            store.close()
            store = open_run_store(url)
    store.record(fold.run.id, batch)
    assert store.load(fold.run.id) == fold.run
    # A stream may say "ok" with no link nor steps; that this is found (F2), and nothing else, is right.
    assert {found.invariant for found in store.verify()} <= {"F2"}
    store.close()


@given(parts=st.lists(st.integers(0, 90_000), max_size=12))
def test_a_window_keeps_head_and_tail_of_any_cut_of_the_stream(parts: list[int]) -> None:
    whole = bytes(index * 7 % 251 for index in range(100_000)) * 12
    whole, window, at = whole[: sum(parts)], Window(), 0
    for part in parts:
        window.add(whole[at : at + part])
        at += part
    output = window.output(NoSecrets())
    assert output.head == whole[:HEAD]
    assert output.tail == whole[max(HEAD, len(whole) - TAIL) :]
    assert len(output.head) + len(output.tail) + output.dropped == len(whole)


def test_events_after_the_terminal_word_are_refused_and_counted() -> None:
    fold = Fold(made_run(made_plan("web1")))
    fold.apply(story("acme/web1"))
    before = fold.run
    fold.apply(story("acme/web1", outcome=Outcome.FAILED))
    assert fold.run == before
    assert fold.refused == len(list(story("acme/web1")))


def test_an_unplanned_host_is_our_bug() -> None:
    with pytest.raises(InternalError, match="acme/other"):
        Fold(made_run(made_plan("web1"))).apply([ended("acme/other", Outcome.OK)])


def test_a_run_finishes_when_no_host_is_pending() -> None:
    fold = Fold(made_run(made_plan("web1", "db1")))
    fold.apply([ended("acme/web1", Outcome.OK)])
    assert fold.pending == ["acme/db1"]
    with pytest.raises(InternalError):
        fold.finish(START)
    fold.apply([ended("acme/db1", Outcome.LOST)])
    fold.finish(START)
    fold.finish(START + timedelta(days=1))
    assert fold.run.finished == START


def test_a_step_without_a_verdict_has_none() -> None:
    fold = Fold(made_run(made_plan("web1")))
    fold.apply([StepStarted("acme/web1", 0, 1.0), ended("acme/web1", Outcome.TIMED_OUT)])
    (step,) = fold.run.hosts[0].steps
    assert (step.name, step.module, step.status) == ("step 0", "packages", None)


def test_a_flood_of_reports_is_counted_not_kept() -> None:
    fold = Fold(made_run(made_plan("web1")))
    report = StepReported("acme/web1", 0, Report(ReportKind.NOTE, "n" * 9999, "v" * 99_999))
    fold.apply([report] * (MAX_REPORTS + 7))
    (step,) = fold.run.hosts[0].steps
    assert (len(step.reports), step.unkept) == (MAX_REPORTS, 7)
    assert (len(step.reports[0].name), len(step.reports[0].value)) == (256, 8192)


def test_a_released_host_keeps_its_verdicts_and_forgets_its_output() -> None:
    fold = Fold(made_run(made_plan("web1")))
    with pytest.raises(InternalError):
        fold.release("acme/web1")
    fold.apply(story("acme/web1"))
    whole = fold.release("acme/web1")
    kept = fold.host("acme/web1")
    assert whole.steps[0].output.text == "Reading package lists...\n"
    assert [step.output.text for step in kept.steps] == ["", ""]
    assert replace(kept, steps=whole.steps) == whole
    fold.apply([ended("acme/web1", Outcome.FAILED)])
    assert fold.refused == 1


def test_run_ids_sort_by_time_and_are_safe_file_names() -> None:
    first = run_id(datetime(2026, 11, 23, 23, 26, tzinfo=UTC), "acme", "patch", b"\x7f\x3a")
    assert first == "20261123T2326Z-acme-patch-7f3a"
    later = run_id(datetime(2027, 1, 1, tzinfo=UTC), "../../x", "Über/Patch\n", b"\0\1")
    assert first < later == "20270101T0000Z-x-ber-patch-0001"
    assert is_run_id(first)
    assert is_run_id(later)
    assert not is_run_id("../x")
    assert not is_run_id(first + "\n")
