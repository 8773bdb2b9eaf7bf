"""I17: same IP/host in two clients: refused (opt-in `shared: true`): it would cross credentials."""

from pathlib import Path

import pytest

from mspctl.parse.inventory import load_inventory
from tests.hostile.inventory_rows import check_refuses, refused_inventory, write_inventory


def client(name: str, host: str, block: str, site: str = "") -> str:
    return f"client: {name}\nsites:\n  hq:\n    {site or 'notes: x'}\n    hosts:\n      {host}: {{{block}}}\n"


SAME = [
    ("address: 10.0.0.1", "address: 10.0.0.1"),
    ("address: 10.0.0.1", "address: 10.0.0.1, port: 2222"),
    ("address: 2001:db8::1", 'address: "[2001:0DB8:0:0::1]"'),
    ("address: 10.0.0.1", 'address: "::ffff:10.0.0.1"'),
    ("address: gw.example.com", "address: GW.Example.COM."),
    ("address: 10.0.0.1", "address: 10.0.0.1, shared: true"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_one_computer_at_two_clients(tmp_path: Path, one: str, two: str) -> None:
    files = {"acme": client("acme", "a1", one), "bravo": client("bravo", "b1", two)}
    (problem,) = refused_inventory(write_inventory(tmp_path, files))
    assert "bravo/b1 and acme/a1 are the same computer" in problem.problem
    assert "inventory/clients/bravo.yml:6:7" in problem.problem
    assert "inventory/clients/acme.yml:6:7" in problem.problem
    assert "shared: true" in problem.hint


def test_the_same_name_without_an_address(tmp_path: Path) -> None:
    files = {"acme": client("acme", "web1", ""), "bravo": client("bravo", "web1", "")}
    refused_inventory(write_inventory(tmp_path, files))
    check_refuses(tmp_path, "bravo/web1 and acme/web1 are the same computer, web1")


def test_shared_at_both_is_a_yes(tmp_path: Path) -> None:
    block = "address: 10.0.0.1, shared: true"
    files = {"acme": client("acme", "a1", block), "bravo": client("bravo", "b1", block)}
    assert len(load_inventory(write_inventory(tmp_path, files)).hosts) == 2


def test_the_same_name_at_other_addresses_is_fine(tmp_path: Path) -> None:
    files = {
        "acme": client("acme", "web1", "address: 10.0.0.1"),
        "bravo": client("bravo", "web1", "address: 10.0.0.2"),
    }
    assert len(load_inventory(write_inventory(tmp_path, files)).hosts) == 2


def test_behind_different_gateways_it_is_another_computer(tmp_path: Path) -> None:
    block = "address: 192.168.1.10"
    files = {
        "acme": client("acme", "a1", block, "gateway: gw.acme.example"),
        "bravo": client("bravo", "b1", block, "gateway: gw.bravo.example"),
    }
    assert len(load_inventory(write_inventory(tmp_path, files)).hosts) == 2


def test_behind_the_same_gateway_it_is_not(tmp_path: Path) -> None:
    block = "address: 192.168.1.10"
    files = {
        "acme": client("acme", "a1", block, "gateway: gw.example"),
        "bravo": client("bravo", "b1", block, "gateway: GW.example."),
    }
    assert refused_inventory(write_inventory(tmp_path, files))


def test_one_client_alone_reads_no_other_file(tmp_path: Path) -> None:
    files = {"acme": client("acme", "a1", "address: 10.0.0.1"), "bravo": "not: [valid"}
    inventory = load_inventory(write_inventory(tmp_path, files), clients=["acme"])
    assert [host.key for host in inventory.hosts] == ["acme/a1"]
