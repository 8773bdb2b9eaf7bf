"""The order of hosts: each host in exactly one stage, waves as asked for, nobody before whom it waits for."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mspctl.engine.policy import Share
from mspctl.engine.waves import Order, policy_order, serial_order
from mspctl.model.inventory import Host
from mspctl.model.patching import Dependencies, PatchPolicy, Wave
from tests.unit.engine.bundles import host


def fleet(*waves: Wave, count: int = 10, tags: dict[int, str] | None = None) -> list[Host]:
    policy = PatchPolicy(waves=waves)
    marked = tags or {}
    return [
        replace(host(f"h{i}"), patching=policy, tags=frozenset({marked[i]}) if i in marked else frozenset())
        for i in range(count)
    ]


def shape(order: Order) -> list[list[tuple[str, list[str]]]]:
    return [
        [(stage.name, [key.partition("/")[2] for key in stage.hosts]) for stage in lane]
        for lane in order.lanes
    ]


@given(st.integers(0, 40), st.lists(st.builds(Share, st.integers(0, 100), st.booleans()), max_size=4))
def test_serial_waves_hold_every_host_once_in_order(count: int, serial: list[Share]) -> None:
    hosts = fleet(count=count)
    stages = [stage for lane in serial_order(hosts, serial).lanes for stage in lane]
    assert [key for stage in stages for key in stage.hosts] == [each.key for each in hosts]
    assert all(stage.hosts for stage in stages)


def test_waves_by_tag_count_and_percent_and_the_rest() -> None:
    hosts = fleet(
        Wave("canary", tags=frozenset({"canary"})),
        Wave("early", percent=20, min_success=90, pause=5),
        Wave("next", count=1),
        tags={4: "canary", 7: "canary"},
    )
    order = policy_order(hosts)
    assert shape(order) == [
        [
            ("canary", ["h4", "h7"]),
            ("early", ["h0", "h1"]),
            ("next", ["h2"]),
            ("rest", ["h3", "h5", "h6", "h8", "h9"]),
        ]
    ]
    assert (order.lanes[0][1].min_success, order.lanes[0][1].pause) == (90, 5)
    assert order.stage_names["acme/h7"] == "canary"


def test_serial_takes_the_place_of_waves_but_not_of_dependencies() -> None:
    hosts = fleet(Wave("canary", count=1), count=2)
    hosts[0] = replace(hosts[0], dependencies=Dependencies(after=("h1",)))
    order = policy_order(hosts, [Share(1)])
    assert shape(order) == [[("wave 2", ["h0", "h1"])]]
    assert order.after == {"acme/h0": ("acme/h1",)}


def test_a_hypervisor_comes_after_its_guests_and_hosts_out_of_the_run_are_not_waited_for() -> None:
    hosts = fleet(Wave("canary", count=1), count=4)
    hosts[0] = replace(hosts[0], dependencies=Dependencies(after=("elsewhere",)))
    hosts[2] = replace(hosts[2], dependencies=Dependencies(runs_on="h0", never_together="pair"))
    hosts[3] = replace(hosts[3], dependencies=Dependencies(runs_on="h0", never_together="pair"))
    order = policy_order(hosts)
    assert order.after == {"acme/h0": ("acme/h2", "acme/h3")}
    assert order.groups == {"acme/h2": "acme/pair", "acme/h3": "acme/pair"}
    assert shape(order) == [[("rest", ["h0", "h1", "h2", "h3"])]]


def test_each_client_has_its_own_lane() -> None:
    hosts = fleet(Wave("canary", count=1), count=2)
    hosts += [replace(each, client="beta") for each in hosts]
    assert [[name for name, _ in lane] for lane in shape(policy_order(hosts))] == [["canary", "rest"]] * 2


def test_even_hosts_that_wait_for_each_other_are_in_one_stage() -> None:
    hosts = fleet(Wave("canary", count=1), count=3)
    hosts[0] = replace(hosts[0], dependencies=Dependencies(after=("h1",)))
    hosts[1] = replace(hosts[1], dependencies=Dependencies(after=("h0",)))
    (lane,) = policy_order(hosts).lanes
    assert sorted(key for stage in lane for key in stage.hosts) == ["acme/h0", "acme/h1", "acme/h2"]
