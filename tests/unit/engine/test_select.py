"""Selecting hosts: what each option leaves, why each other host is out, and what is an error."""

import pytest

from mspctl.engine.select import select
from mspctl.errors import EmptySelection, UsageError
from mspctl.model.inventory import Access, Client, Host, Inventory, Provider, Site
from mspctl.model.selection import Selection


def host(client: str, site: str, name: str, *tags: str) -> Host:
    return Host(client, site, name, Access(address=name), tags=frozenset(tags))


def client(name: str, **sites: tuple[Host, ...]) -> Client:
    return Client(name, name, "UTC", tuple(Site(site, hosts) for site, hosts in sites.items()))


INVENTORY = Inventory(
    Provider("MSP"),
    (
        client(
            "acme",
            hq=(host("acme", "hq", "web1", "web", "prod"), host("acme", "hq", "web2", "web", "test")),
            home=(host("acme", "home", "db1", "db", "prod"),),
        ),
        client("bravo", hq=(host("bravo", "hq", "web1", "web"),)),
    ),
    "digest",
)


def keys(selection: Selection) -> list[str]:
    return [one.key for one in selection.hosts]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["acme/web1", "acme/web2", "acme/db1", "bravo/web1"]),
        ({"clients": ["acme"]}, ["acme/web1", "acme/web2", "acme/db1"]),
        ({"clients": ["acme"], "site": "home"}, ["acme/db1"]),
        ({"tags": ["web"]}, ["acme/web1", "acme/web2", "bravo/web1"]),
        ({"tags": ["web", "prod"]}, ["acme/web1"]),
        ({"limit": "web1"}, ["acme/web1", "bravo/web1"]),
        ({"limit": "WEB*"}, ["acme/web1", "acme/web2", "bravo/web1"]),
        ({"limit": "acme/web?"}, ["acme/web1", "acme/web2"]),
        ({"limit": "*/web1, db1"}, ["acme/web1", "acme/db1", "bravo/web1"]),
        ({"limit": "web*,!web2"}, ["acme/web1", "bravo/web1"]),
        ({"limit": "!web*"}, ["acme/db1"]),
        ({"limit": "!bravo/*,!@test"}, ["acme/web1", "acme/db1"]),
        ({"limit": "@db,@test"}, ["acme/web2", "acme/db1"]),
        ({"limit": "web[2-9]"}, ["acme/web2"]),
        ({"limit": "web*,nothing*"}, ["acme/web1", "acme/web2", "bravo/web1"]),
    ],
)
def test_what_is_chosen(options: dict[str, object], expected: list[str]) -> None:
    assert keys(select(INVENTORY, **options)) == expected  # type: ignore[arg-type] # a table of options


@pytest.mark.parametrize(
    ("options", "key", "reason"),
    [
        ({"clients": ["acme"]}, "bravo/web1", "client bravo not asked for"),
        ({"site": "home"}, "acme/web1", "site hq is not home"),
        ({"tags": ["web", "prod"]}, "acme/web2", "tag prod not set"),
        ({"limit": "db1"}, "acme/web1", "not in the limit"),
        ({"limit": "!web2"}, "acme/web2", "taken out by the limit !web2"),
    ],
)
def test_every_other_host_has_its_reason(options: dict[str, object], key: str, reason: str) -> None:
    selection = select(INVENTORY, **options)  # type: ignore[arg-type] # a table of options
    reasons = {one.host.key: one.reason for one in selection.excluded}
    assert reasons[key] == reason
    assert len(selection.hosts) + len(selection.excluded) == len(INVENTORY.hosts)
    assert all(reasons.values())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"clients": ["acmee"]}, r"no host of client acmee \(did you mean acme\?\)"),
        ({"site": "hqq"}, r"no site `hqq` \(did you mean hq\?\)"),
        ({"clients": ["bravo"], "site": "home"}, r"no site `home` \(known: hq\)"),
        ({"tags": ["webb"]}, r"no host with the tag `webb` \(did you mean web\?\)"),
        ({"tags": ["db", "test"]}, r"no host with the tag `test`"),
        ({"limit": "x*"}, r"the limit leaves no host \(it chooses among: db1, web1, web2\)"),
        ({"limit": "web1,!web*"}, "the limit leaves no host"),
    ],
)
def test_an_empty_selection_is_an_error(options: dict[str, object], said: str) -> None:
    with pytest.raises(EmptySelection, match=said) as caught:
        select(INVENTORY, **options)  # type: ignore[arg-type] # a table of options
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("web1,wbe2", r"a host that is not there: `wbe2` \(did you mean web2\?\)"),
        ("web*,!dbb1", r"a host that is not there: `dbb1` \(did you mean db1\?\)"),
        ("@webb", r"a tag that is not there: `@webb` \(did you mean @web\?\)"),
        ("acme/db2", r"did you mean acme/db1\?"),
    ],
)
def test_a_misspelled_name_is_an_error_even_beside_others(limit: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        select(INVENTORY, limit=limit)


@pytest.mark.parametrize("limit", ["", " ", ",", "web1,", "!", "@", "!@", "web1,,db1"])
def test_an_empty_item_is_an_error(limit: str) -> None:
    with pytest.raises(UsageError, match="empty item"):
        select(INVENTORY, limit=limit)


def test_an_inventory_without_hosts() -> None:
    with pytest.raises(EmptySelection, match="no hosts"):
        select(Inventory(Provider("MSP"), (), ""))
