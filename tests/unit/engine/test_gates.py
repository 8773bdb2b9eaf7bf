"""Whose turn it is: the order is kept, every host has one end, nobody waits for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mspctl.engine.gates import End, Gates
from mspctl.engine.waves import Order, Stage, policy_order
from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome
from mspctl.model.patching import Dependencies, PatchPolicy, Wave
from tests.unit.engine.bundles import host

OUTCOMES = [Outcome.OK, Outcome.CHANGED, Outcome.FAILED, Outcome.UNREACHABLE, Outcome.HELD, Outcome.SKIPPED]
OK = End(Outcome.OK)
FAILED = End(Outcome.FAILED, "step-failed")
NAMES = [f"h{i}" for i in range(8)]
dependencies = st.builds(
    Dependencies,
    after=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    never_together=st.sampled_from(["", "", "pair", "ring"]),
    runs_on=st.sampled_from(["", "", *NAMES]),
)
waves = st.lists(
    st.builds(
        Wave,
        st.sampled_from(["canary", "early"]),
        count=st.integers(1, 3),
        min_success=st.sampled_from([0.0, 50.0, 100.0]),
        pause=st.sampled_from([0.0, 5.0]),
    ),
    max_size=3,
).map(tuple)


def stages(*sizes: int, min_success: float = 100.0, pause: float = 0.0) -> Order:
    made, names = [], iter(NAMES)
    for number, size in enumerate(sizes):
        keys = tuple(f"acme/{next(names)}" for _ in range(size))
        made.append(Stage(f"wave {number + 1}", keys, min_success, pause))
    return Order((tuple(made),))


def gates_of(order: Order, ended: Mapping[str, End] | None = None, at_work: Sequence[str] = ()) -> Gates:
    done = ended or {}
    waiting = [host for lane in order.lanes for stage in lane for host in stage.hosts if host not in done]
    return Gates(order, waiting, done, at_work)


def test_the_next_wave_begins_after_all_of_this_one_ended_well() -> None:
    gates = gates_of(stages(2, 1))
    assert gates.turn(0).go == ("acme/h0", "acme/h1")
    gates.ended("acme/h0", OK)
    assert gates.turn(1).go == ()
    gates.ended("acme/h1", OK)
    assert gates.turn(2).go == ("acme/h2",)
    assert not gates.left


def test_a_bad_canary_ends_it_for_all_others() -> None:
    gates = gates_of(stages(1, 2))
    gates.turn(0)
    gates.ended("acme/h0", FAILED)
    turn = gates.turn(1)
    assert turn.go == ()
    assert [(key, word.outcome, word.reason) for key, word in turn.away] == [
        ("acme/h1", Outcome.SKIPPED, "gate"),
        ("acme/h2", Outcome.SKIPPED, "gate"),
    ]
    assert turn.away[0][1].detail == (
        "1 of 1 hosts of the wave wave 1 ended badly, 100% have to end well (h0: failed (step-failed))"
    )


def test_within_a_wave_who_has_not_begun_is_not_touched_once_the_gate_cannot_open() -> None:
    gates = gates_of(stages(4, 1, min_success=75))
    gates.turn(0)
    gates.ended("acme/h0", FAILED)
    gates.turn(1)
    assert gates.refusal("acme/h3") is None
    gates.ended("acme/h1", End(Outcome.UNREACHABLE, "refused"))
    gates.turn(2)
    refusal = gates.refusal("acme/h3")
    assert refusal is not None
    assert "h1: unreachable (refused)" in refusal.detail


def test_the_last_wave_has_no_gate() -> None:
    gates = gates_of(stages(3))
    gates.turn(0)
    gates.ended("acme/h0", FAILED)
    gates.turn(1)
    assert gates.refusal("acme/h1") is None


def test_a_wave_of_which_every_host_was_held_has_proven_nothing() -> None:
    gates = gates_of(stages(2, 1))
    gates.turn(0)
    gates.ended("acme/h0", End(Outcome.HELD, "window"))
    gates.ended("acme/h1", End(Outcome.HELD, "window"))
    ((_, word),) = gates.turn(1).away
    assert word.detail == "the wave wave 1 has proven nothing: 2 held (window)"


def test_held_hosts_do_not_count_beside_good_ones() -> None:
    gates = gates_of(stages(2, 1))
    gates.turn(0)
    gates.ended("acme/h0", End(Outcome.HELD, "window"))
    gates.ended("acme/h1", OK)
    assert gates.turn(1).go == ("acme/h2",)


def test_the_pause_after_a_wave_is_kept() -> None:
    gates = gates_of(stages(1, 1, pause=60))
    gates.turn(100)
    gates.ended("acme/h0", OK)
    assert gates.turn(110).go == ()
    assert gates.turn(169.9).go == ()
    assert gates.turn(170).go == ("acme/h1",)


def test_hosts_at_work_since_before_are_let_in_whatever_their_wave() -> None:
    gates = gates_of(stages(1, 1, 1), {"acme/h0": FAILED}, at_work=["acme/h2"])
    turn = gates.turn(0)
    assert turn.go == ("acme/h2",)
    assert [key for key, _ in turn.away] == ["acme/h1"]
    assert gates.refusal("acme/h2") is None


def related(**each: Dependencies) -> Order:
    return policy_order([replace(host(name), dependencies=given) for name, given in each.items()])


def test_after_waits_for_the_good_end_and_is_skipped_after_a_bad_one() -> None:
    order = related(web1=Dependencies(after=("db1", "db2")), db1=Dependencies(), db2=Dependencies())
    gates = gates_of(order)
    assert gates.turn(0).go == ("acme/db1", "acme/db2")
    gates.ended("acme/db1", OK)
    assert gates.turn(1).go == ()
    gates.ended("acme/db2", End(Outcome.UNREACHABLE, "refused"))
    ((key, word),) = gates.turn(2).away
    assert (key, word.outcome, word.reason) == ("acme/web1", Outcome.SKIPPED, "dependency")
    assert word.detail == "it comes after db2, which ended unreachable (refused)"


def test_never_together_goes_on_after_a_good_end_only() -> None:
    pair = Dependencies(never_together="ha")
    gates = gates_of(related(a=pair, b=pair, c=pair, d=Dependencies()))
    assert gates.turn(0).go == ("acme/d", "acme/a")
    gates.ended("acme/a", OK)
    assert gates.turn(1).go == ("acme/b",)
    gates.ended("acme/b", FAILED)
    ((key, word),) = gates.turn(2).away
    assert (key, word.reason) == ("acme/c", "dependency")
    assert word.detail == "b of the same group, ha, ended failed (step-failed)"


def test_a_group_spoilt_before_the_interruption_stays_spoilt() -> None:
    pair = Dependencies(never_together="ha")
    ((key, word),) = gates_of(related(a=pair, b=pair), {"acme/a": FAILED}).turn(0).away
    assert (key, word.reason) == ("acme/b", "dependency")


def test_hosts_that_wait_for_each_other_are_told_so() -> None:
    gates = gates_of(related(a=Dependencies(after=("b",)), b=Dependencies(after=("a",))))
    turn = gates.turn(0)
    assert {key: word.reason for key, word in turn.away} == {"acme/a": "dependency", "acme/b": "dependency"}
    assert turn.away[0][1].detail == "it waits for b, which wait for it"


@given(st.lists(dependencies, min_size=8, max_size=8), waves, st.data())
def test_every_host_ends_once_and_the_order_is_kept(
    each: list[Dependencies], made: tuple[Wave, ...], data: st.DataObject
) -> None:
    policy = PatchPolicy(waves=made)
    hosts = [
        replace(host(name), patching=policy, dependencies=given)
        for name, given in zip(NAMES, each, strict=True)
    ]
    order = policy_order(hosts)
    record = play(order, [each.key for each in hosts], data)
    assert sorted(record.ends) == sorted(host.key for host in hosts)
    assert_order(order, record, hosts)


class Record:
    """What happened in a simulated run, in steps of time."""

    def __init__(self) -> None:
        self.began: dict[str, int] = {}
        self.ended_at: dict[str, int] = {}
        self.ends: dict[str, End] = {}

    def end(self, key: str, at: int, end: End) -> None:
        assert key not in self.ends
        self.ends[key], self.ended_at[key] = end, at


def play(order: Order, keys: Sequence[str], data: st.DataObject) -> Record:
    gates, record, running = Gates(order, keys, {}), Record(), list[str]()
    now = 0
    while gates.left or running:
        now += 1
        assert now < 200, "the run does not come to its end"
        turn = gates.turn(now)
        for key, word in turn.away:
            record.end(key, now, End(word.outcome, word.reason))
        for key in turn.go:
            record.began[key] = now
            running.append(key)
        if running:
            key = running.pop(data.draw(st.integers(0, len(running) - 1)))
            end = End(data.draw(st.sampled_from(OUTCOMES)), "")
            record.end(key, now, end)
            gates.ended(key, end)
    return record


def assert_order(order: Order, record: Record, hosts: Sequence[Host]) -> None:
    for key, before in order.after.items():
        if key in record.began:
            assert all(
                record.ends[each].good and record.ended_at[each] < record.began[key] for each in before
            )
    for lane in order.lanes:
        for this, following in pairwise(lane):
            begun = [record.began[key] for key in following.hosts if key in record.began]
            assert all(record.ended_at[key] + this.pause <= min(begun, default=999) for key in this.hosts)
            if begun and this.min_success:
                good = sum(record.ends[key].good for key in this.hosts)
                bad = sum(record.ends[key].outcome.bad for key in this.hosts)
                assert good
                assert good * 100 >= this.min_success * (good + bad)
    for key, group in order.groups.items():
        for other, theirs in order.groups.items():
            both = key in record.began and other in record.began
            if other != key and theirs == group and both and record.began[other] <= record.began[key]:
                assert record.ended_at[other] < record.began[key]
                assert not record.ends[other].outcome.bad
    assert len(record.ends) == len(hosts)


def test_a_failure_value_names_the_remedy() -> None:
    word = gates_of(stages(1, 1), {"acme/h0": FAILED}).turn(0).away[0][1]
    assert isinstance(word, Failure)
    assert word.remedy
