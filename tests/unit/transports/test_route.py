"""The way to a host."""

from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.inventory import Access, Host
from mspctl.model.secret import SecretRef
from mspctl.transports.ssh.route import route_to

KEY, WORD = SecretRef("file", "keys/acme"), SecretRef("env", "WORD")


def host(name: str, **access: object) -> Host:
    base = Access(address=f"{name}.example", user="ops", identity=KEY, password=WORD)
    return Host("acme", "hq", name, replace(base, **access))  # type: ignore[arg-type]


def way(target: Host, *others: Host) -> list[str]:
    names = {other.name: other for other in (target, *others)}
    return [f"{hop.user}@{hop.address}:{hop.port}" for hop in route_to(target, names.get)]


def test_straight() -> None:
    assert way(host("web1", port=2222)) == ["ops@web1.example:2222"]


def test_a_written_chain() -> None:
    target = host("web1", gateway="jump@gate:2200, [fe80::1]:22,last")
    assert way(target) == ["jump@gate:2200", "ops@fe80::1:22", "ops@last:22", "ops@web1.example:22"]


def test_a_written_gateway_gets_the_key_and_never_the_password() -> None:
    gate = route_to(host("web1", gateway="gate"), lambda _: None)[0]
    assert (gate.identity, gate.password) == (KEY, None)


def test_a_named_gateway_has_its_own_access_and_its_own_gateway() -> None:
    outer, inner = host("outer", user="o"), host("inner", user="i", gateway="outer", password=None)
    assert way(host("web1", gateway="inner"), outer, inner) == [
        "o@outer.example:22",
        "i@inner.example:22",
        "ops@web1.example:22",
    ]


def test_a_circle_is_refused() -> None:
    one, two = host("one", gateway="two"), host("two", gateway="one")
    with pytest.raises(ConfigurationError, match="circle"):
        way(one, two)


@pytest.mark.parametrize("spec", ["a b", "user@", "host:port", "u@h:123456", "@h"])
def test_nonsense_is_refused(spec: str) -> None:
    with pytest.raises(ConfigurationError, match="neither"):
        way(host("web1", gateway=spec))


def test_ssh_config_fills_what_the_inventory_leaves_open(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        "Host web1.example\n  HostName 10.0.0.7\n  Port 2022\n  User other\n  ProxyJump gate\n"
        "  IdentityFile /keys/one\nHost proxied.example\n  ProxyCommand nc %h %p\n"
    )
    found = route_to(host("web1", ssh_config=str(config), user=""), lambda _: None)
    assert [f"{hop.user}@{hop.address}:{hop.port}" for hop in found] == [
        "other@gate:22",
        "other@10.0.0.7:2022",
    ]
    assert found[-1].identity_file is None, "the inventory names a key"
    bare = host("web1", ssh_config=str(config), identity=None, password=None, port=99)
    assert (route_to(bare, lambda _: None)[-1].identity_file, route_to(bare, lambda _: None)[-1].port) == (
        "/keys/one",
        99,
    )
    proxied = route_to(host("proxied", ssh_config=str(config)), lambda _: None)
    assert proxied[-1].proxy_command == "nc proxied.example 22"


def test_a_missing_ssh_config_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ssh_config"):
        way(host("web1", ssh_config=str(tmp_path / "none")))
