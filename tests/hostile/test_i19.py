"""I19: IPv6, zone id, IDN, 0x7f.1, trailing dot: canonicalised or refused; duplicates found afterwards."""

from pathlib import Path

import pytest

from tests.hostile.inventory_rows import ONE_HOST, accepted, check_refuses, refused


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("2001:0DB8:0000:0:0:0:0:0001", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::1", "::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("FE80::1%eth0.100", "fe80::1%eth0.100"),
        ("WEB.Example.COM", "web.example.com"),
        ("web.example.com.", "web.example.com"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("under_score.example", "under_score.example"),
        ("10.0.0.1", "10.0.0.1"),
    ],
)
def test_one_spelling(tmp_path: Path, written: str, address: str) -> None:
    inventory = accepted(tmp_path, ONE_HOST.replace("10.0.0.1", f'"{written}"'))
    assert inventory.hosts[0].access.address == address


@pytest.mark.parametrize(
    "written",
    [
        "0x7f.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "010.0.0.1",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1.",
        "10.0.0.1/24",
        "1.2.3.4.5",
        "bücher.example",
        "\u0430cme.example",
        "10\uff0e0\uff0e0\uff0e1",
        "fe80::1",
        "fe80::1%",
        "fe80::1%a b",
        "fe80::1%-x",
        "2001:db8::1%eth0",
        "2001:db8::1::2",
        "[::1",
        "10.0.0.1:22",
        "web..example",
        ".web",
        "web-.example",
        "-web.example",
        "a" * 64 + ".example",
        ".".join(["a" * 60] * 5),
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "::",
        "ff02::1",
    ],
)
def test_refused(tmp_path: Path, written: str) -> None:
    (problem,) = refused(tmp_path, ONE_HOST.replace("10.0.0.1", f'"{written}"'))
    assert problem.path == "sites.hq.hosts.web1.address"
    assert "is refused" in problem.problem


@pytest.mark.parametrize(
    ("one", "two"),
    [("2001:db8::1", "2001:DB8:0::0:1"), ("web.example", "WEB.example."), ("10.0.0.1", "::ffff:a00:1")],
)
def test_duplicates_are_found_after_canonicalisation(tmp_path: Path, one: str, two: str) -> None:
    text = ONE_HOST.replace("10.0.0.1", f'"{one}"') + f'      web2: {{address: "{two}"}}\n'
    (problem,) = refused(tmp_path, text)
    assert "`web2` is the same computer as `web1`" in problem.problem
    assert "acme.yml:5:7" in problem.problem
    assert "acme.yml:6:7" in problem.problem


def test_another_port_is_another_computer(tmp_path: Path) -> None:
    assert len(accepted(tmp_path, ONE_HOST + "      web2: {address: 10.0.0.1, port: 2222}\n").hosts) == 2


@pytest.mark.parametrize(
    ("written", "gateway"),
    [
        ("ops@GW.example.:22", "ops@gw.example:22"),
        ("a,[2001:DB8::1]:22", "a,[2001:db8::1]:22"),
        ("u@[2001:DB8::1]", "u@2001:db8::1"),
    ],
)
def test_gateways_too(tmp_path: Path, written: str, gateway: str) -> None:
    inventory = accepted(tmp_path, ONE_HOST.replace("address: 10.0.0.1", f'gateway: "{written}"'))
    assert inventory.hosts[0].access.gateway == gateway


def test_the_command_says_so(tmp_path: Path) -> None:
    refused(tmp_path, ONE_HOST.replace("10.0.0.1", "0x7f.1"))
    check_refuses(tmp_path, "sites.hq.hosts.web1.address: `0x7f.1` is refused")
