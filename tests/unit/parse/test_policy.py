"""Patching, windows and blackouts: how they flow to hosts, where they come from, what is refused."""

from datetime import date
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.calendar import ALWAYS_OPEN
from mspctl.model.inventory import Host
from mspctl.model.patching import NO_POLICY, Approval, Hold, RebootPolicy, Scope, Wave
from mspctl.parse.explain import Explained, explain_host, find_host
from mspctl.parse.inventory import load_inventory
from tests.unit.parse.test_inventory import write

PROVIDER = """
name: The Provider
timezone: Europe/Vienna
patching: {scope: security, exclude: [linux-*], defer: {days: 7}, reboot: if-needed}
windows: {patch: "Sat 22:00-24:00"}
blackouts:
  - {from: 2026-12-20, to: 2027-01-06, reason: holidays}
groups:
  db: {patching: {defer: {days: 14}, hooks: {drain: pcs standby}}, windows: {patch: "Sun 04:00-05:00"}}
"""
CLIENT = """
client: acme
contract: {plan: managed}
windows: {reboot: "Sun 02:00-05:00"}
patching:
  scope: null
  approval: feature
  exclude: [docker*]
  hold:
    - {package: mysql*, version: 8.4*, reason: till breaks, owner: ops, until: 2026-12-31}
  probes: [{service: nginx}, {url: "http://localhost/"}]
  waves: [{name: canary, tags: [canary]}, {name: rest, min_success: 90, pause: 10m}]
sites:
  hq:
    blackouts: [{rrule: "FREQ=MONTHLY;BYMONTHDAY=-1", reason: month end}]
    hosts:
      web1: {}
      db1:
        tags: [db]
        after: [web1]
        never_together: cluster
        patching: {exclude: [mariadb-*], defer: {security_days: 2}, hooks: {before: "true"}, warn_users: 5m}
      hv1: {patching: {exclude: null, reboot: window, allow_removals: true}, windows: {patch: null}}
  ny:
    timezone: America/New_York
    hosts:
      vm1: {runs_on: hv1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, CLIENT, PROVIDER)


def host(folder: Path, name: str) -> Host:
    return find_host(load_inventory(folder), name)


def test_keys_merge_one_by_one_and_lists_add_up(folder: Path) -> None:
    policy = host(folder, "db1").patching
    assert policy.scope is Scope.ALL  # the client has taken it back
    assert (policy.defer_days, policy.defer_security_days) == (14, 2)
    assert (policy.approval, policy.reboot) == (Approval.FEATURE, RebootPolicy.IF_NEEDED)
    assert policy.exclude == ("linux-*", "docker*", "mariadb-*")
    assert (policy.before, policy.drain, policy.undrain) == ("true", "pcs standby", "")
    assert (policy.probes, policy.warn_users) == (("service:nginx", "url:http://localhost/"), 300)
    assert policy.holds == (Hold("mysql*", "8.4*", "till breaks", "ops", date(2026, 12, 31)),)
    assert str(policy.holds[0].place) == "inventory/clients/acme.yml:10:7"
    assert policy.waves == (Wave("canary", frozenset({"canary"})), Wave("rest", min_success=90, pause=600))


def test_null_begins_a_list_anew(folder: Path) -> None:
    policy = host(folder, "hv1").patching
    assert policy.exclude == ()
    assert (policy.reboot, policy.allow_removals) == (RebootPolicy.WINDOW, True)


def test_windows_replace_each_other_by_name_and_blackouts_add_up(folder: Path) -> None:
    web, db, hv, vm = (host(folder, name).calendar for name in ("web1", "db1", "hv1", "vm1"))
    assert {name: spans[0].text for name, spans in web.windows.items()} == {
        "patch": "Sat 22:00-24:00",
        "reboot": "Sun 02:00-05:00",
    }
    assert db.windows["patch"][0].text == "Sun 04:00-05:00"
    assert set(hv.windows) == {"reboot"}
    assert [each.reason for each in web.blackouts] == ["holidays", "month end"]
    assert [each.reason for each in vm.blackouts] == ["holidays"]
    assert (web.timezone, vm.timezone) == ("Europe/Vienna", "America/New_York")


def test_hosts_with_the_same_groups_share_policy_and_calendar(tmp_path: Path) -> None:
    folder = write(tmp_path, "client: acme\nsites: {hq: {hosts: {a: {}, b: {}}}}\n", PROVIDER)
    assert host(folder, "a").patching == host(folder, "b").patching
    first, second = load_inventory(folder).hosts
    assert first.patching is second.patching
    assert first.calendar is second.calendar


def test_without_policy_nothing_changes(tmp_path: Path) -> None:
    folder = write(tmp_path, "client: acme\nsites: {hq: {hosts: {a: {}}}}\n", "name: x\n")
    (made,) = load_inventory(folder).hosts
    assert made.patching is NO_POLICY
    assert made.calendar is ALWAYS_OPEN


def test_dependencies(folder: Path) -> None:
    order = host(folder, "db1").dependencies
    assert (order.after, order.never_together, order.runs_on) == (("web1",), "cluster", "")
    assert host(folder, "vm1").dependencies.runs_on == "hv1"


def explained(folder: Path, name: str) -> list[Explained]:
    return list(explain_host(folder, host(folder, name)))


@pytest.mark.parametrize(
    ("setting", "value", "source", "place"),
    [
        ("patching.defer.days", 14, "db", "mspctl.yml:9:33"),
        ("patching.defer.security_days", 2, "db1", "clients/acme.yml:22:65"),
        ("patching.approval", "feature", "acme", "clients/acme.yml:7:13"),
        ("patching.reboot", "if-needed", "", "mspctl.yml:4:75"),
        ("windows.patch", "Sun 04:00-05:00", "db", "mspctl.yml:9:85"),
        ("windows.reboot", "Sun 02:00-05:00", "acme", "clients/acme.yml:4:19"),
        ("after", ("web1",), "db1", "clients/acme.yml:20:16"),
    ],
)
def test_each_value_says_where_it_comes_from(
    folder: Path, setting: str, value: object, source: str, place: str
) -> None:
    (found,) = (each for each in explained(folder, "db1") if each.name == setting)
    assert (found.value, found.source, str(found.place)) == (value, source, f"inventory/{place}")


def test_each_item_of_a_list_that_adds_up_says_so_too(folder: Path) -> None:
    found = [each for each in explained(folder, "db1") if each.name == "patching.exclude"]
    assert [(each.value, str(each.level)) for each in found] == [
        ("linux-*", "provider"),
        ("docker*", "client"),
        ("mariadb-*", "host"),
    ]
    (hold,) = (each for each in explained(folder, "web1") if each.name == "patching.hold")
    assert hold.value == "mysql* (till breaks, ops)"


@pytest.mark.parametrize(
    ("contract", "services"),
    [
        ("", None),
        ("contract: {plan: managed}\n", None),
        ("contract: {plan: break_fix}\n", frozenset()),
        ("contract: {plan: break_fix, covers: [patching]}\n", {"patching"}),
        ("contract: {plan: managed, covers: [monitoring]}\n", {"monitoring"}),
    ],
)
def test_what_a_contract_covers(tmp_path: Path, contract: str, services: frozenset[str] | None) -> None:
    folder = write(tmp_path, f"client: acme\n{contract}sites: {{hq: {{hosts: {{a: {{}}}}}}}}\n")
    assert load_inventory(folder).clients[0].services(date(2026, 11, 29)) == services


HOST = "client: acme\n%s\nsites: {hq: {hosts: {web1: {}, web2: {}}}}\n"
WRONG = [
    ("patching: {scop: all}", "2:12: patching.scop: the key `scop` is not known here", "mean scope?"),
    ("patching: {scope: securty}", "2:19: patching.scope: `securty` is not one of", "mean security?"),
    ("patching: {defer: {days: -1}}", "2:26: patching.defer.days: `-1` is too small", ""),
    ("patching: {exclude: linux}", "2:21: patching.exclude: expected a list, found text", ""),
    ("patching: {exclude: ['a|b']}", "2:22: patching.exclude[0]: `a|b` holds characters", ""),
    ("patching: {hold: [{package: a}]}", "2:19: patching.hold[0].reason: `reason` is missing", ""),
    (
        "patching: {hold: [{package: a, reason: b, owner: c, until: 31.12.2026}]}",
        "2:60: patching.hold[0].until: `31.12.2026` is no date",
        "2026-12-31",
    ),
    ("patching: {probes: [{service: a, port: b}]}", "2:21: patching.probes[0]: a probe has exactly", ""),
    ("patching: {waves: [{name: a, count: 1, percent: 5}]}", "2:20: patching.waves[0]: a wave is", ""),
    ("windows: {patch: 'Son 02:00-05:00'}", "2:18: windows.patch: `Son` is no day", "mean Sun?"),
    ("windows: {patch: 'Sun 2-5'}", "2:18: windows.patch: `Sun 2-5` is no window", "Sun 02:00-05:00"),
    ("windows: {patch: 'Sun 25:00-26:00'}", "2:18: windows.patch: `25:00` is no time", ""),
    ("windows: {patch: '02:00-02:00'}", "2:18: windows.patch: `02:00-02:00` begins when it", "24:00"),
    ("windows: {patch: {rrule: FREQ=HOURLY, start: 02:00, duration: 1h}}", "FREQ is not one of", ""),
    ("windows: {patch: {rrule: FREQ=WEEKLY, start: 02:00, duration: 1h}}", "on which days", "BYDAY"),
    ("windows: {patch: {rrule: FREQ=DAILY;COUNT=3, start: 02:00, duration: 1h}}", "`COUNT` cannot", ""),
    ("windows: {patch: {rrule: FREQ=DAILY;INTERVAL=0, start: 02:00, duration: 1h}}", "INTERVAL is not", ""),
    ("windows: {patch: {rrule: FREQ=DAILY;BYDAY=XX, start: 02:00, duration: 1h}}", "is no rule of RFC", ""),
    ("windows: {patch: {rrule: FREQ=DAILY, start: 02:00, duration: 8d}}", "`8d` is no length", ""),
    (
        "windows: {patch: {rrule: FREQ=DAILY, strt: 02:00, duration: 1h}}",
        "`strt` is not known",
        "mean start?",
    ),
    (
        "blackouts: [{from: 2026-12-20, to: 2026-12-19, reason: a}]",
        "2:13: blackouts[0]: the blackout ends",
        "",
    ),
    ("blackouts: [{from: 2026-12-20, to: 2026-12-24}]", "`reason` is missing", ""),
    ("blackouts: {from: 2026-12-20}", "2:12: blackouts: expected a list, found a map", ""),
]


@pytest.mark.parametrize(("line", "problem", "hint"), WRONG)
def test_wrong_values_are_refused_with_their_place(
    tmp_path: Path, line: str, problem: str, hint: str
) -> None:
    folder = write(tmp_path, HOST % line, "name: x\n")
    with pytest.raises(ConfigurationError) as caught:
        load_inventory(folder)
    (found,) = [each for each in caught.value.problems if each.problem in problem or problem in str(each)]
    assert str(found.place).startswith("inventory/clients/acme.yml:2:")
    assert hint in found.hint


@pytest.mark.parametrize(
    ("hosts", "problem", "hint"),
    [
        ("{a: {after: [b2]}, b1: {}}", "sites.hq.hosts.a.after[0]: no host `b2` here", "known: b1"),
        ("{a: {after: [a]}, b: {}}", "sites.hq.hosts.a.after[0]: `a` is the host itself", ""),
        ("{a: {runs_on: hv}, hv1: {}}", "sites.hq.hosts.a.runs_on: no host `hv` here", "did you mean hv1?"),
        ("{a: {after: [b]}, b: {after: [c]}, c: {after: [a]}}", "the hosts wait for each other: ", "remove"),
        ("{a: {runs_on: b, after: [b]}, b: {}}", "the hosts wait for each other: ", "remove"),
    ],
)
def test_an_order_that_cannot_be(tmp_path: Path, hosts: str, problem: str, hint: str) -> None:
    folder = write(tmp_path, f"client: acme\nsites: {{hq: {{hosts: {hosts}}}}}\n", "name: x\n")
    with pytest.raises(ConfigurationError) as caught:
        load_inventory(folder)
    (found,) = caught.value.problems
    assert problem in str(found)
    assert hint in found.hint


def test_each_circle_is_told(tmp_path: Path) -> None:
    hosts = "{a: {after: [b]}, b: {after: [a]}, c: {after: [d]}, d: {after: [c]}}"
    folder = write(tmp_path, f"client: acme\nsites: {{hq: {{hosts: {hosts}}}}}\n", "name: x\n")
    with pytest.raises(ConfigurationError) as caught:
        load_inventory(folder)
    told = [each.problem for each in caught.value.problems]
    assert [sorted(set(text.rpartition(": ")[2].split(" → "))) for text in told] == [["a", "b"], ["c", "d"]]
