"""What the inventory declares and waives: how it flows to hosts, where it comes from, what is refused."""

from datetime import date
from pathlib import Path

import pytest

from mspctl.engine.patchrules import PolicyBook
from mspctl.errors import ConfigurationError
from mspctl.model.inventory import Host
from mspctl.model.security import NO_SECURITY, SecurityPolicy, Waiver
from mspctl.parse.explain import explain_host, find_host
from mspctl.parse.inventory import load_inventory
from mspctl.testing.runs import START
from tests.unit.parse.test_inventory import write

CLIENT = """
client: acme
security:
  ports: [22]
  waivers:
    - {check: ssh-password, owner: Anna Berg, reason: the till needs it, until: 2026-12-31}
sites:
  hq:
    hosts:
      web1: {security: {ports: [443, udp/123], router: true, suid: [/opt/a]}}
      db1: {security: {waivers: [{check: ssh-kex, owner: ops, reason: old, until: 2026-01-31}]}}
      new1: {security: null}
      dc1: {os: windows, security: {administrators: [ops, "ACME/Domain Admins"]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, CLIENT, "name: The Provider\n")


def hosts(folder: Path) -> dict[str, Host]:
    return {host.name: host for host in load_inventory(folder).hosts}


def test_lists_add_up_and_null_takes_everything_back(folder: Path) -> None:
    found = hosts(folder)
    till = Waiver("ssh-password", "Anna Berg", "the till needs it", date(2026, 12, 31))
    assert found["web1"].security == SecurityPolicy(
        ("22", "443", "udp/123"), ("/opt/a",), router=True, waivers=(till,)
    )
    assert [each.check for each in found["db1"].security.waivers] == ["ssh-password", "ssh-kex"]
    assert str(found["db1"].security.waivers[0].place) == "inventory/clients/acme.yml:6:7"
    assert found["new1"].security is NO_SECURITY
    assert found["dc1"].security.administrators == ("ops", "ACME/Domain Admins")


def test_a_host_is_told_the_checks_that_are_waived_that_day(folder: Path) -> None:
    found, names = hosts(folder), PolicyBook(START).names
    assert START.date() == date(2026, 11, 23)
    assert names(found["db1"]).security.waived == ("ssh-password",)
    assert names(found["web1"]).security.ports == ("22", "443", "udp/123")
    assert names(found["new1"]).security.waived == ()
    assert names(found["dc1"]).security.administrators == ("ops", "ACME/Domain Admins")


def test_each_value_says_where_it_comes_from(folder: Path) -> None:
    told = [
        (each.name, each.value, each.source)
        for each in explain_host(folder, find_host(load_inventory(folder), "web1"))
        if each.name.startswith("security.")
    ]
    assert ("security.router", True, "web1") in told
    assert ("security.ports", "22", "acme") in told
    waived = "ssh-password (the till needs it, Anna Berg, until 2026-12-31)"
    assert ("security.waivers", waived, "acme") in told


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{waivers: [{check: a, owner: b, reason: c}]}", "`until` is missing"),
        ("{waivers: [{check: a, owner: b, until: 2026-12-31}]}", "`reason` is missing"),
        ("{waivers: [{check: a, reason: b, until: 2026-12-31}]}", "`owner` is missing"),
        ("{waivers: [{check: a, owner: b, reason: c, until: soon}]}", "`soon` is no date"),
        ("{waivers: [{check: 'A b', owner: b, reason: c, until: 2026-12-31}]}", "waivers[0].check"),
        ("{ports: [ssh]}", "security.ports[0]"),
        ("{suid: ['/usr/*']}", "security.suid[0]"),
        ("{superuser: [a]}", "superuser"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, written: str, problem: str) -> None:
    text = f"client: acme\nsecurity: {written}\nsites: {{hq: {{hosts: {{a: {{}}}}}}}}\n"
    with pytest.raises(ConfigurationError) as refused:
        load_inventory(write(tmp_path, text, "name: x\n"))
    assert problem in str(refused.value)
    assert "acme.yml:2:" in str(refused.value)
