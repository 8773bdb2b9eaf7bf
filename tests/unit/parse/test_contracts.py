"""Contracts in the client's file: what is read, and what is refused where."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.contract import Counting, Holiday, Opening, Plan, PriceTier, Target, contract_on
from mspctl.parse.inventory import load_inventory
from tests.unit.parse.test_inventory import write

SITES = "sites: {hq: {hosts: {a: {}}}}\n"
BOTH = (
    """
client: acme
timezone: Europe/Berlin
contract:
  - plan: break_fix
    from: 2026-01-01
    currency: EUR
    labour: {rate: 95.00, skills: {senior: 120}, work: {project: 1.25}, increment: 15m, minimum: 30m,
      per: day}
    surcharges: {after_hours: 1.5, holiday: 2}
    travel: {fee: 40, per_km: 0.42, time: 0.5}
    hours:
      business: "Mon-Fri 08:00-17:30; Sat 09:00-12:00"
      holidays: [2026-12-24, 12-25, easter+1]
    sla: {P1: {respond: 30m, resolve: 4h, clock: 24x7}}
  - plan: hybrid
    from: 2026-07-15
    covers: [patching]
    currency: EUR
    labour: {rate: 90}
    managed: {per: {server: 85.00}, tiers: {workstation: [{above: 0, price: 30}, {above: 10, price: 25}]}}
    included: {hours: 3, rollover_months: 1}
"""
    + SITES
)


def test_contracts_hold_one_after_the_other(tmp_path: Path) -> None:
    (client,) = load_inventory(write(tmp_path, BOTH)).clients
    first, second = client.contracts
    assert (first.plan, first.until, second.plan, second.until) == (
        Plan.BREAK_FIX, date(2026, 7, 15), Plan.HYBRID, None,
    )  # fmt: skip
    assert first.labour is not None
    assert first.labour.rate == Decimal("95.00")
    assert (first.labour.increment, first.labour.minimum, first.labour.per) == (900, 1800, Counting.DAY)
    assert first.hours.timezone == "Europe/Berlin"
    assert first.hours.openings[-1] == Opening(5, 540, 720)
    assert first.hours.holidays == (Holiday(2026, 12, 24), Holiday(None, 12, 25), Holiday(easter=1))
    assert first.targets["P1"] == Target(1800, 14400, around_the_clock=True)
    assert second.subscription is not None
    assert second.subscription.per["workstation"] == (
        PriceTier(0, Decimal(30)),
        PriceTier(10, Decimal(25)),
    )
    assert contract_on(client.contracts, date(2025, 12, 31)) is None
    assert contract_on(client.contracts, date(2026, 7, 15)) is second
    assert client.services(date(2026, 7, 14)) == frozenset()
    assert client.services(date(2026, 7, 15)) == frozenset({"patching"})


WRONG = [
    ("{plan: gold, currency: EUR}", "prices need one of the plans"),
    ("{plan: break_fix, currency: EUR, labour: {rate: 1}}", "needs `from`"),
    ("{plan: break_fix, from: 2026-01-01, currency: EUR}", "needs `labour`"),
    ("{plan: managed, from: 2026-01-01, currency: EUR, managed: {}, included: {hours: 1}}", "`labour`"),
    ("{plan: break_fix, from: 2026-01-01, currency: EUR, labour: {rate: 1}, managed: {}}", "not part of"),
    ("{plan: break_fix, from: 2026-01-01, currency: EUX, labour: {rate: 1}}", "`EUX` is no currency"),
    ("{plan: managed, labour: {rate: 1,5}}", "3:44: contract.labour.5: the key `5` is not known"),
    ('{plan: managed, labour: {rate: "1,5"}}', "3:42: contract.labour.rate: expected an amount, found `1,5`"),
    ("{plan: managed, surcharges: {holiday: 0.5}}", "a factor is from 1 to 10"),
    ('{plan: managed, hours: {business: "Mon-Fri 17:00-08:00"}}', "ends before it begins"),
    ('{plan: managed, hours: {business: "Mon-Fri 08:00-12:00; Fri 11:00-13:00"}}', "of Fri overlap"),
    ("{plan: managed, hours: {holidays: [02-30]}}", "`02-30` is no holiday"),
    ("{plan: managed, hours: {region: DE-XX}}", "`DE-XX` is no region"),
    ("{plan: managed, managed: {tiers: {user: [{above: 1, price: 2}]}}}", "do not begin at 0"),
    ("{plan: managed, managed: {per: {server: 9, user: 2}}}", "nobody says how many there are"),
    ("{plan: managed, managed: {tiers: {user: [{above: 0, price: 2}]}}}", "nobody says how many there are"),
    ("{plan: managed, labuor: {rate: 1}}", "the key `labuor` is not known here (did you mean labour?)"),
    ("{plan: managed, sla: {P1: {resolve: 4h}}}", "`sla` says nothing in a contract without prices"),
    ("{plan: gold, hours: {region: AT}}", "`hours` says nothing in a contract without prices"),
    ("{plan: managed, low_hours: 2}", "`low_hours` says nothing in a contract without prices"),
    ("{plan: gold, third_parties: [{name: x, cost: 1}]}", "`third_parties` says nothing"),
    ("[{plan: managed}, {plan: break_fix}]", "a contract after another needs `from`"),
    ("[{plan: a, from: 2026-02-01}, {plan: b, from: 2026-01-01}]", "not in the order"),
]  # fmt: skip


@pytest.mark.parametrize(("contract", "problem"), WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, contract: str, problem: str) -> None:
    folder = write(tmp_path, f"client: acme\n# in line 3\ncontract: {contract}\n{SITES}")
    with pytest.raises(ConfigurationError) as refused:
        load_inventory(folder)
    assert problem in str(refused.value)


FLEET = """
sites:
  hq: {hosts: {web1: {tags: [web]}, db1: {}, old1: {}}}
  branch: {hosts: {web9: {tags: [web]}, pc1: {}}}
"""
TERMS = "plan: managed, from: 2026-01-01, currency: EUR, managed: {flat: 1}, labour: {rate: 1}"


@pytest.mark.parametrize(
    ("hosts", "names"),
    [
        ("{sites: [branch]}", "pc1 web9"),
        ("{tags: [web]}", "web1 web9"),
        ("{names: [db1, 'w*']}", "db1 web1 web9"),
        ("{sites: [hq], except: [old1]}", "db1 web1"),
        ("{except: [old1, pc*]}", "db1 web1 web9"),
        ("{sites: [branch], tags: [web], names: [old1]}", "old1 pc1 web1 web9"),
    ],
)
def test_a_contract_is_about_the_hosts_that_it_names(tmp_path: Path, hosts: str, names: str) -> None:
    text = f"client: acme\ncontract: {{{TERMS}, hosts: {hosts}}}\n{FLEET}"
    (client,) = load_inventory(write(tmp_path, text)).clients
    assert client.contracts[0].hosts == frozenset(names.split())
    left_out = {host.name for host in client.outside(date(2026, 1, 1))}
    assert left_out == {"web1", "web9", "db1", "old1", "pc1"} - frozenset(names.split())


@pytest.mark.parametrize(
    ("contract", "problem"),
    [
        ("{hosts: {names: [wbe1]}}", "contract.hosts.names[0]: no host `wbe1` here (did you mean web1?)"),
        (
            "{hosts: {sites: [hq, brnch]}}",
            "3:32: contract.hosts.sites[1]: no site `brnch` here (did you mean",
        ),
        ("{hosts: {tags: [wbe]}}", "no tag `wbe` here (did you mean web?)"),
        ("{hosts: {except: [lod1]}}", "contract.hosts.except[0]: no host `lod1` here (did you mean old1?)"),
        ("{hosts: {names: ['x*']}}", "`x*` is no host's name"),
        ("{hosts: {except: ['*']}}", "the contract is about no host"),
        (
            "[{plan: a, from: 2026-01-01}, {plan: b, from: 2026-02-01, hosts: {names: [wbe1]}}]",
            "contract[1].",
        ),
        (
            "{plan: break_fix, from: 2026-01-01, currency: EUR, labour: {rate: 1}, hosts: {names: [web1]}}",
            "`hosts` is not part of the plan break_fix",
        ),
        ("{plan: managed, from: 2026-01-01, currency: EUR, managed: {}, hosts: {names: [web1]}}", "`labour`"),
        ("{plan: managed, from: 2026-01-01, currency: EUR, managed: {}, excludes: [project]}", "`labour`"),
    ],
)
def test_hosts_that_are_not_there_are_refused(tmp_path: Path, contract: str, problem: str) -> None:
    folder = write(tmp_path, f"client: acme\n# in line 3\ncontract: {contract}\n{FLEET}")
    with pytest.raises(ConfigurationError) as refused:
        load_inventory(folder)
    assert problem in str(refused.value)


def test_a_contract_that_has_ended_may_name_a_host_that_has_gone(tmp_path: Path) -> None:
    both = f"[{{{TERMS}, hosts: {{names: [web1, gone1]}}}}, {{plan: managed, from: 2026-05-01}}]"
    (client,) = load_inventory(write(tmp_path, f"client: acme\ncontract: {both}\n{FLEET}")).clients
    assert client.contracts[0].hosts == frozenset({"web1", "gone1"})
    assert client.outside(date(2026, 5, 1)) == ()


def test_hosts_that_have_gone_are_for_past_fees_only(tmp_path: Path) -> None:
    gone1 = "gone1: {from: 2025-03-01, until: 2026-04-01, tags: [web]}"
    gone = f"  lab: {{hosts: {{x1: {{from: 2026-02-03}}}}, former: {{{gone1}}}}}"
    text = f"client: acme\ncontract: {{{TERMS}, hosts: {{tags: [web], names: [gone1]}}}}\n{FLEET}{gone}\n"
    (client,) = load_inventory(write(tmp_path, text)).clients
    assert client.contracts[0].hosts == frozenset({"web1", "web9", "gone1"})
    assert "gone1" not in {host.name for host in client.hosts}
    assert [(host.name, host.since) for host in client.hosts if host.since] == [("x1", date(2026, 2, 3))]
    (former,) = client.former
    assert (former.name, former.since, former.until) == ("gone1", date(2025, 3, 1), date(2026, 4, 1))
    for old, new, problem in (
        ("gone1: {from", "web1: {from", "`web1` is there twice"),
        ("2026-04-01", "2025-03-01", "gone before it came"),
        (
            "gone1: {from: 2025-03-01, until: 2026-04-01",
            "x1: {until: 2026-02-04",
            "say `from: 2026-02-04` where it is",
        ),
    ):
        with pytest.raises(ConfigurationError) as refused:
            load_inventory(write(tmp_path, text.replace(", names: [gone1]", "").replace(old, new)))
        assert problem in str(refused.value)


def test_a_host_that_moved_is_of_each_contract_what_it_was_then(tmp_path: Path) -> None:
    """From hq to lab on 3 February, as the second contract begins, and with another tag."""
    first = f"{{{TERMS}, hosts: {{sites: [hq]}}}}"
    second = f"{{{TERMS}, hosts: {{tags: [web]}}}}".replace("from: 2026-01-01", "from: 2026-02-03")
    sites = """
  hq: {hosts: {web1: {tags: [web]}}, former: {x1: {until: 2026-02-03, tags: [web]}}}
  lab: {hosts: {x1: {from: 2026-02-03}}}
"""
    text = f"client: acme\ncontract: [{first}, {second}]\nsites:{sites}"
    (client,) = load_inventory(write(tmp_path, text)).clients
    assert [contract.hosts for contract in client.contracts] == [
        frozenset({"web1", "x1"}),
        frozenset({"web1"}),
    ]
    assert [each.hosts for each in client.coverage] == [contract.hosts for contract in client.contracts]
