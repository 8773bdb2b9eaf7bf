"""Waves and limits."""

from hypothesis import given
from hypothesis import strategies as st

from mspctl.engine.policy import MaxFail, Share, waves
from mspctl.model.outcome import Outcome
from tests.unit.engine.bundles import bundle, host


@given(st.integers(0, 40), st.lists(st.builds(Share, st.integers(0, 100), st.booleans()), max_size=4))
def test_waves_hold_every_host_once_in_order(count: int, serial: list[Share]) -> None:
    bundles = tuple(bundle(at=host(f"h{i}")) for i in range(count))
    made = waves(bundles, serial)
    assert tuple(one for wave in made for one in wave) == bundles
    assert all(made)


def test_max_fail_counts_unreachable_hosts_too() -> None:
    assert MaxFail(Share(0)).exceeded({Outcome.UNREACHABLE: 1}, 10)
    assert MaxFail(Share(10, percent=True)).exceeded({Outcome.FAILED: 1}, 10) is None
    assert MaxFail(Share(10, percent=True)).exceeded({Outcome.FAILED: 1, Outcome.LOST: 1}, 10)


def test_max_fail_per_outcome() -> None:
    limit = MaxFail(each={Outcome.UNREACHABLE: Share(2)})
    assert limit.exceeded({Outcome.FAILED: 9, Outcome.UNREACHABLE: 2}, 20) is None
    assert limit.exceeded({Outcome.UNREACHABLE: 3}, 20)
