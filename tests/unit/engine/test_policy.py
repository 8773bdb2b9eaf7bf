"""Limits."""

from mspctl.engine.policy import MaxFail, Share
from mspctl.model.outcome import Outcome


def test_max_fail_counts_unreachable_hosts_too() -> None:
    assert MaxFail(Share(0)).exceeded({Outcome.UNREACHABLE: 1}, 10)
    assert MaxFail(Share(10, percent=True)).exceeded({Outcome.FAILED: 1}, 10) is None
    assert MaxFail(Share(10, percent=True)).exceeded({Outcome.FAILED: 1, Outcome.LOST: 1}, 10)


def test_max_fail_per_outcome() -> None:
    limit = MaxFail(each={Outcome.UNREACHABLE: Share(2)})
    assert limit.exceeded({Outcome.FAILED: 9, Outcome.UNREACHABLE: 2}, 20) is None
    assert limit.exceeded({Outcome.UNREACHABLE: 3}, 20)
