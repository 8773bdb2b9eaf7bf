"""Which hosts a month had: as written down, as runs knew them, and what is only a guess."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mspctl.desk.billing import bill
from mspctl.desk.headcount import Device, Headcount, Presence
from mspctl.model.billing import Work
from mspctl.model.contract import Contract, Plan, PriceTier, Subscription

JUNE, JULY, AUGUST = date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 1)
BEGINS = date(2026, 5, 20)
FEE = Subscription(per={"server": (PriceTier(0, Decimal(80)),)})
CARE = Contract(Plan.MANAGED, date(2026, 1, 1), "EUR", subscription=FEE)


@pytest.mark.parametrize(
    ("device", "begins", "found"),
    [
        (Device("a", "server", since=date(2026, 6, 30)), BEGINS, Presence.THERE),
        (Device("a", "server", since=JULY), BEGINS, Presence.AWAY),
        (
            Device("a", "server", since=JULY, seen=BEGINS),
            BEGINS,
            Presence.AWAY,
        ),  # what is written goes before
        (Device("a", "server", since=BEGINS, seen=JULY), BEGINS, Presence.THERE),
        (Device("a", "server", until=JUNE), BEGINS, Presence.AWAY),
        (Device("a", "server", until=date(2026, 6, 2), seen=BEGINS), BEGINS, Presence.THERE),
        (Device("a", "server", until=date(2026, 6, 2)), BEGINS, Presence.GUESSED),
        (Device("a", "server", seen=date(2026, 6, 30)), BEGINS, Presence.THERE),
        (Device("a", "server", seen=JULY), BEGINS, Presence.LATER),
        (Device("a", "server", seen=JULY), JULY, Presence.GUESSED),  # the run log does not reach back so far
        (Device("a", "server"), BEGINS, Presence.GUESSED),
        (Device("a", "server"), None, Presence.GUESSED),
    ],
)
def test_whether_a_host_was_there_in_june(device: Device, begins: date | None, found: Presence) -> None:
    assert Headcount((device,), begins).presence(device, JUNE, JULY) is found


HOSTS = Headcount(
    (
        Device("old", "server", seen=BEGINS),
        Device("new", "server", seen=date(2026, 7, 3)),
        Device("dull", "server"),
        Device("sold", "server", since=BEGINS, until=date(2026, 7, 10)),
        Device("pc", "workstation", seen=BEGINS),
    ),
    BEGINS,
    {"gone": (BEGINS, date(2026, 6, 20))},
)


@pytest.mark.parametrize(("month", "count"), [(JUNE, 3), (JULY, 4), (AUGUST, 3)])
def test_the_fee_of_a_month_is_for_the_hosts_of_that_month(month: date, count: int) -> None:
    (found,) = bill((CARE,), Work(), HOSTS, month)
    assert [(int(line.quantity), str(line.net)) for line in found.lines] == [(count, f"{80 * count}.00")]


def test_a_host_counts_in_the_days_of_its_contract_only() -> None:
    first, second = replace(CARE, until=date(2026, 7, 15)), replace(CARE, since=date(2026, 7, 15))
    (found,) = bill((first, second), Work(), HOSTS, JULY)
    assert [line.quantity for line in found.lines] == [4, 3]  # one was sold before the second began


def test_the_fee_is_for_the_hosts_that_the_contract_is_about() -> None:
    (found,) = bill((replace(CARE, hosts=frozenset({"old", "sold", "pc"})),), Work(), HOSTS, JULY)
    assert [line.quantity for line in found.lines] == [2]


def test_what_is_not_known_is_said() -> None:
    assert list(HOSTS.doubts(JUNE, JULY, AUGUST)) == [
        "counted as today, because no run says since when they are there: dull",
        "not counted, because no run knew them before: new",
        "not counted, because the inventory does not know them any more: gone (last on 2026-06-20)",
    ]
    assert list(HOSTS.doubts(JULY, AUGUST, date(2026, 7, 20))) == []
    assert list(HOSTS.about(frozenset({"old"})).doubts(JUNE, JULY, AUGUST)) == [
        "not counted, because the inventory does not know them any more: gone (last on 2026-06-20)"
    ]
    assert list(HOSTS.doubts(JULY, AUGUST, AUGUST)) == [
        "counted as today, because no run says since when they are there: dull"
    ]


@pytest.mark.parametrize(
    ("month", "kinds"), [(JUNE, {"workstation": 1}), (JULY, {"server": 1}), (AUGUST, {"server": 1})]
)
def test_a_host_that_became_another_kind_counts_once(month: date, kinds: dict[str, int]) -> None:
    moved = date(2026, 7, 10)
    both = (
        Device("a", "server", since=moved, seen=BEGINS),
        Device("a", "workstation", until=moved, seen=BEGINS),
    )
    after = {JUNE: JULY, JULY: AUGUST, AUGUST: date(2026, 9, 1)}[month]
    for devices in (both, both[::-1]):
        assert Headcount(devices, BEGINS).kinds(month, after) == kinds
