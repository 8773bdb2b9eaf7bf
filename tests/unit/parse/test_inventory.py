"""How settings and variables flow from the provider to the host; what is checked of a whole client."""

from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError, UsageError
from mspctl.model.inventory import BecomeMethod, ConnectionKind, Deadlines, Host, Inventory
from mspctl.parse.explain import Explained, explain_host, find_host, written
from mspctl.parse.inventory import load_inventory
from mspctl.parse.layers import Level

PROVIDER = """
name: The Provider
forks: 20
timezone: Europe/Vienna
defaults: {user: root, timeouts: {connect: 5, run: 2h}, tags: [managed]}
vars: {a: provider, b: provider, m: {x: 1, y: 2}}
groups:
  web: {vars: {a: provider-web, w: provider-web}}
  win: {defaults: {user: Administrator, connection: winrm}}
"""
CLIENT = """
client: acme
name: Acme Dental GmbH
contract: {plan: managed, notes: by hand}
defaults: {connection: ssh, user: ops, port: 2200, identity: "file:keys/acme", become: sudo}
windows: {patch: "Sun 02:00-05:00"}
vars: {b: client, c: client}
groups:
  web: {vars: {w: client-web}, defaults: {timeouts: {step: 90s}}}
sites:
  hq:
    gateway: gw
    max_parallel: 4
    vars: {c: site}
    defaults: {timeouts: {connect: 7.5}}
    hosts:
      gw: {address: 192.0.2.1, gateway: null}
      web1: {address: 10.0.0.11, os: debian, tags: [web], vars: {m: {z: 3}}}
      dc1: {address: 10.0.0.20, connection: winrm, os: windows, tags: [win]}
  home:
    hosts:
      pc1:
      pc2: {become: null, identity: null, port: 22, criticality: workstation}
"""


def write(folder: Path, client: str = CLIENT, provider: str = PROVIDER) -> Path:
    inventory = folder / "inventory"
    (inventory / "clients").mkdir(parents=True, exist_ok=True)
    (inventory / "mspctl.yml").write_text(provider)
    (inventory / "clients" / "acme.yml").write_text(client)
    return inventory


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path)


@pytest.fixture
def inventory(folder: Path) -> Inventory:
    return load_inventory(folder)


def test_the_client_and_the_provider(inventory: Inventory) -> None:
    assert inventory.provider.name == "The Provider"
    assert inventory.provider.forks == 20
    (client,) = inventory.clients
    assert (client.slug, client.name, client.contract_plan) == ("acme", "Acme Dental GmbH", "managed")
    assert client.timezone == "Europe/Vienna"
    assert [site.name for site in client.sites] == ["hq", "home"]
    assert [site.max_parallel for site in client.sites] == [4, None]
    assert [host.key for host in client.hosts] == ["acme/gw", "acme/web1", "acme/dc1", "acme/pc1", "acme/pc2"]


def test_settings_flow_down(inventory: Inventory) -> None:
    access = find_host(inventory, "web1").access
    assert (access.connection, access.address, access.port) == (ConnectionKind.SSH, "10.0.0.11", 2200)
    assert (access.user, str(access.identity), access.become) == ("ops", "file:keys/acme", BecomeMethod.SUDO)
    assert access.gateway == "gw"
    assert access.deadlines == Deadlines(connect=7.5, run=7200.0, step=90.0)


def test_null_takes_a_setting_back(inventory: Inventory) -> None:
    assert find_host(inventory, "gw").access.gateway is None
    access = find_host(inventory, "pc2").access
    assert (access.become, access.identity, access.port) == (BecomeMethod.NONE, None, 22)


def test_a_port_belongs_to_its_connection(inventory: Inventory) -> None:
    access = find_host(inventory, "dc1").access
    assert (access.connection, access.port, access.user) == (ConnectionKind.WINRM, 5986, "Administrator")


def test_a_host_without_an_address_is_reached_by_its_name(inventory: Inventory) -> None:
    assert find_host(inventory, "pc1").access.address == "pc1"


def test_variables_flow_down_and_are_not_mixed(inventory: Inventory) -> None:
    assert dict(find_host(inventory, "web1").variables) == {
        "a": "provider-web",
        "b": "client",
        "c": "site",
        "w": "client-web",
        "m": {"z": 3},
    }
    assert find_host(inventory, "pc1").variables["m"] == {"x": 1, "y": 2}


def test_tags_add_up(inventory: Inventory) -> None:
    assert find_host(inventory, "web1").tags == {"managed", "web"}
    assert find_host(inventory, "pc1").tags == {"managed"}


def test_hosts_know_where_they_were_written(inventory: Inventory) -> None:
    assert str(find_host(inventory, "web1").place) == "inventory/clients/acme.yml:18:7"


def test_a_gateway_in_its_own_site_is_reached_directly(tmp_path: Path) -> None:
    text = CLIENT.replace("{address: 192.0.2.1, gateway: null}", "{address: 192.0.2.1}")
    assert find_host(load_inventory(write(tmp_path, text)), "gw").access.gateway is None


def test_gateways_in_a_circle(tmp_path: Path) -> None:
    text = CLIENT.replace("gateway: null", "gateway: web1")
    with pytest.raises(ConfigurationError, match="the gateways form a circle: gw → web1 → gw"):
        load_inventory(write(tmp_path, text))


def test_the_digest_covers_every_byte(tmp_path: Path) -> None:
    first = load_inventory(write(tmp_path)).digest
    assert load_inventory(write(tmp_path)).digest == first
    assert load_inventory(write(tmp_path, CLIENT + "\n")).digest != first
    assert load_inventory(write(tmp_path, provider=PROVIDER + "\n")).digest != first


def test_only_the_clients_asked_for_are_read(folder: Path) -> None:
    (folder / "clients" / "bravo.yml").write_text("broken: [")
    assert [client.slug for client in load_inventory(folder, clients=["acme"]).clients] == ["acme"]
    with pytest.raises(ConfigurationError):
        load_inventory(folder)
    with pytest.raises(UsageError, match=r"no client `acmee` \(did you mean acme\?\)"):
        load_inventory(folder, clients=["acmee"])


def test_problems_of_all_files_come_together(folder: Path) -> None:
    (folder / "mspctl.yml").write_text("name: x\nforks: 0\n")
    (folder / "clients" / "bravo.yml").write_text("broken: [")
    (folder / "clients" / "charly.yml").write_text(
        CLIENT.replace("acme", "charly").replace("hosts:", "hots:")
    )
    with pytest.raises(ConfigurationError) as caught:
        load_inventory(folder)
    files = {problem.place.file for problem in caught.value.problems if problem.place}
    assert files == {"inventory/mspctl.yml", "inventory/clients/bravo.yml", "inventory/clients/charly.yml"}


@pytest.mark.parametrize(
    "window", ["Sun 02:00-05:00", "Mon-Fri 22:00-04:00", "Sat,Sun 00:00-24:00", "01:00-02:00"]
)
def test_windows(tmp_path: Path, window: str) -> None:
    assert load_inventory(write(tmp_path, CLIENT.replace("Sun 02:00-05:00", window))).hosts


@pytest.mark.parametrize(
    "window", ["Son 02:00-05:00", "Sun 2-5", "Sun 25:00-26:00", "sometimes", "Sun 02:00-24:30"]
)
def test_windows_that_are_none(tmp_path: Path, window: str) -> None:
    with pytest.raises(ConfigurationError, match=r"windows\.patch"):
        load_inventory(write(tmp_path, CLIENT.replace("Sun 02:00-05:00", window)))


@pytest.mark.parametrize("zone", ["Europe/Berln", "../../etc/passwd", "/etc/localtime", "x" * 300, "Europe"])
def test_time_zones_that_are_none(tmp_path: Path, zone: str) -> None:
    with pytest.raises(ConfigurationError, match="timezone"):
        load_inventory(write(tmp_path, f"timezone: {zone}\n{CLIENT}"))


def explained(folder: Path, name: str) -> dict[str, Explained]:
    inventory = load_inventory(folder)
    return {one.name: one for one in explain_host(folder, find_host(inventory, name))}


@pytest.mark.parametrize(
    ("host", "setting", "value", "level", "source", "place"),
    [
        ("web1", "user", "ops", Level.CLIENT, "acme", "clients/acme.yml:5:35"),
        ("web1", "gateway", "gw", Level.SITE, "hq", "clients/acme.yml:12:14"),
        ("gw", "gateway", "-", Level.HOST, "gw", "clients/acme.yml:17:32"),
        ("web1", "timeouts.connect", "7.5", Level.SITE, "hq", "clients/acme.yml:15:36"),
        ("web1", "timeouts.run", "7200", Level.PROVIDER, "", "mspctl.yml:5:52"),
        ("web1", "timeouts.step", "90", Level.GROUP, "web", "clients/acme.yml:9:60"),
        ("web1", "timeouts.banner", "10", Level.DEFAULT, "", "None"),
        ("web1", "vars.w", "client-web", Level.GROUP, "web", "clients/acme.yml:9:19"),
        ("web1", "vars.a", "provider-web", Level.GROUP, "web", "mspctl.yml:8:19"),
        ("web1", "identity", "file:keys/acme", Level.CLIENT, "acme", "clients/acme.yml:5:62"),
        ("dc1", "user", "Administrator", Level.GROUP, "win", "mspctl.yml:9:26"),
        ("dc1", "port", "5986", Level.DEFAULT, "", "None"),
        ("pc1", "address", "pc1", Level.DEFAULT, "", "None"),
    ],
)
def test_explain_says_where_each_value_came_from(
    folder: Path, host: str, setting: str, value: str, level: Level, source: str, place: str
) -> None:
    one = explained(folder, host)[setting]
    assert (written(one.value), one.level, one.source) == (value, level, source)
    assert str(one.place).removeprefix("inventory/") == place


def test_explain_agrees_with_what_was_loaded(folder: Path) -> None:
    for host in load_inventory(folder).hosts:
        assert isinstance(host, Host)
        one = explained(folder, host.name)
        assert one["user"].value == host.access.user
        assert one["port"].value == host.access.port
        assert {name.removeprefix("vars.") for name in one if name.startswith("vars.")} == set(host.variables)


def test_hosts_are_found_by_name_or_key(inventory: Inventory) -> None:
    assert find_host(inventory, "acme/web1") is find_host(inventory, "web1")
    with pytest.raises(UsageError, match="did you mean web1"):
        find_host(inventory, "wbe1")
