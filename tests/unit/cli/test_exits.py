"""The exit code is a function of the rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.cli.exits import LOCKED, Exit, exit_code
from mspctl.model.outcome import Outcome
from mspctl.model.run import HostRun

BAD = [
    Outcome.FAILED,
    Outcome.UNREACHABLE,
    Outcome.TIMED_OUT,
    Outcome.LOST,
    Outcome.BROKEN,
]
GOOD = [Outcome.OK, Outcome.CHANGED, Outcome.HELD, Outcome.SKIPPED]


def row(outcome: Outcome | None, reason: str = "") -> HostRun:
    return HostRun("acme/web1", "hq", outcome=outcome, reason=reason)


@pytest.mark.parametrize("outcome", GOOD)
def test_good_changed_held_and_skipped_are_0(outcome: Outcome) -> None:
    assert exit_code([row(outcome)]) == 0


@pytest.mark.parametrize("outcome", BAD)
def test_each_bad_outcome_is_1_among_good_ones(outcome: Outcome) -> None:
    assert exit_code([row(Outcome.OK), row(outcome), row(Outcome.SKIPPED, LOCKED)]) == 1


def test_a_cancelled_host_is_5() -> None:
    assert exit_code([row(Outcome.OK), row(Outcome.CANCELLED), row(Outcome.FAILED)]) == 5


def test_a_host_skipped_because_it_was_locked_is_3_if_nothing_is_worse() -> None:
    assert exit_code([row(Outcome.OK), row(Outcome.SKIPPED, LOCKED)]) == 3
    assert exit_code([row(Outcome.SKIPPED, "no-step-applied")]) == 0


def test_no_rows_and_pending_rows_are_nobodys_success() -> None:
    assert exit_code([]) == 4
    assert exit_code([row(Outcome.OK), row(None)]) == 4


@given(st.lists(st.sampled_from([*Outcome]), min_size=1))
def test_zero_means_that_no_host_is_bad(outcomes: list[Outcome]) -> None:
    code = exit_code(map(row, outcomes))
    assert (code is Exit.GOOD) == (not any(outcome.bad for outcome in outcomes))


@given(st.permutations([Outcome.OK, Outcome.FAILED, Outcome.HELD, Outcome.SKIPPED]))
def test_the_order_of_the_rows_does_not_matter(outcomes: list[Outcome]) -> None:
    assert exit_code(map(row, outcomes)) == 1
