"""What is said of a host that was told to reboot."""

from datetime import UTC, datetime

import pytest

from mspctl.engine.follow import SameBoot
from mspctl.engine.rebootwatch import RebootWatch
from mspctl.model.event import RebootSeen, RebootState, StepReported
from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome

AT = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)


def away(reason: str, detail: str = "") -> Failure:
    return Failure(Outcome.UNREACHABLE, reason, detail)


def test_down_is_told_once_and_up_with_the_seconds() -> None:
    watch = RebootWatch("acme/web1", 4, 100.0, AT)
    assert list(watch.miss(SameBoot("b"), AT, 101.0)) == []
    (down,) = watch.miss(away("refused", "no"), AT, 102.0)
    assert down == RebootSeen("acme/web1", AT, RebootState.DOWN, "refused: no")
    assert list(watch.miss(away("timeout-connect"), AT, 103.0)) == []
    up, seconds = watch.back(AT, 141.5)
    assert isinstance(up, RebootSeen)
    assert isinstance(seconds, StepReported)
    assert (seconds.index, seconds.report.name, seconds.report.value) == (4, "reboot.seconds", "41.5")


def test_who_was_told_by_an_earlier_mspctl_has_no_seconds() -> None:
    watch = RebootWatch("acme/web1", 4, 100.0)
    assert len(list(watch.back(AT, 141.5))) == 1


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("timeout-connect", "the machine does not answer at all (timeout-connect: x)"),
        ("unreachable-net", "the machine does not answer at all (unreachable-net: x)"),
        ("refused", "the machine is up, but no sshd listens (refused: x)"),
        ("auth", "something answers, but does not let us work (auth: x)"),
    ],
)
def test_a_host_that_is_not_back_is_said_with_what_was_last_seen(reason: str, state: str) -> None:
    watch = RebootWatch("acme/web1", 4, 100.0, AT)
    list(watch.miss(away(reason, "x"), AT, 103.0))
    word = watch.given_up(away(reason, "x"), 700.0)
    assert (word.outcome, word.reason) == (Outcome.LOST, "not-back")
    assert word.detail == f"told to reboot at 02:00:05Z, away since 3 s later, not back after 600 s: {state}"
    assert "console" in word.remedy
    watch.drained = True
    assert watch.given_up(away(reason, "x"), 700.0).detail == f"{word.detail}; it is out of service (drained)"


def test_a_host_that_never_went_down_ignored_it() -> None:
    word = RebootWatch("acme/web1", 4, 100.0, AT).given_up(SameBoot("b"), 700.0)
    assert (word.outcome, word.reason) == (Outcome.FAILED, "reboot-ignored")
    assert word.detail == "told to reboot at 02:00:05Z, the host is still on the same boot 600 s later"
