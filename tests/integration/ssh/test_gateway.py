"""Through gateways: each hop strict, one root cause."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Host
from mspctl.testing.sshd import Sshd, free_port, make_key
from mspctl.transports.ssh.link import SshLink


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Sshd, Sshd]]:
    with Sshd(tmp_path / "gate") as gate, Sshd(tmp_path / "inner") as inner:
        (inner.folder / "authorized_keys").write_text((gate.folder / "client_key.pub").read_text())
        yield gate, inner


def behind(gate: Sshd, inner: Sshd, gateway: str) -> Host:
    access = replace(inner.access, identity=gate.access.identity, gateway=gateway)
    return Host("acme", "hq", "inner", access)


def spec(gate: Sshd) -> str:
    return f"{gate.user}@{gate.address}:{gate.port}"


def test_through_a_written_gateway(pair: tuple[Sshd, Sshd]) -> None:
    gate, inner = pair
    transport = gate.transport(pins=[gate.known_hosts_line, inner.known_hosts_line])
    link = transport.connect(behind(gate, inner, spec(gate)))
    assert isinstance(link, SshLink), link
    assert link.fingerprint == inner.fingerprint
    channel = link.start(b"echo through; head -c 3000000 /dev/zero; exit 5\n")
    assert not isinstance(channel, Failure)
    size = 0
    while (chunk := channel.read(10)) != b"":
        assert isinstance(chunk, bytes)
        size += len(chunk)
    assert size == 3_000_008
    assert channel.exit_status(5) == 5
    link.close()


def test_through_a_host_of_the_client(pair: tuple[Sshd, Sshd]) -> None:
    gate, inner = pair
    transport = gate.transport(
        pins=[gate.known_hosts_line, inner.known_hosts_line], hosts=[gate.host("gate")]
    )
    link = transport.connect(behind(gate, inner, "gate"))
    assert isinstance(link, SshLink), link
    link.close()


@pytest.mark.parametrize("which", ["unknown", "changed", "down", "forbids"])
def test_a_bad_gateway_is_one_root_cause(tmp_path: Path, pair: tuple[Sshd, Sshd], which: str) -> None:
    gate, inner = pair
    pins, gateway = [gate.known_hosts_line, inner.known_hosts_line], spec(gate)
    if which == "unknown":
        pins = pins[1:]
    if which == "changed":
        make_key(tmp_path / "other", "ed25519")
        pins[0] = f"[{gate.address}]:{gate.port} {(tmp_path / 'other.pub').read_text().strip()}"
    if which == "down":
        gateway = f"{gate.user}@127.0.0.1:{free_port()}"
    if which == "forbids":
        gate.stop()
        gate.options = ("AllowTcpForwarding no",)
        gate.start()
    answer = gate.transport(pins=pins).connect(behind(gate, inner, gateway))
    assert isinstance(answer, Failure)
    assert answer.reason == "jump"
    expected = {
        "unknown": "host-key-unknown",
        "changed": "host-key-changed",
        "down": "refused",
        "forbids": "forwards nothing",
    }
    assert expected[which] in answer.detail
    assert "Accepted" not in inner.log


def test_the_host_behind_is_verified_too(pair: tuple[Sshd, Sshd]) -> None:
    gate, inner = pair
    answer = gate.transport(pins=[gate.known_hosts_line]).connect(behind(gate, inner, spec(gate)))
    assert isinstance(answer, Failure)
    assert answer.reason == "host-key-unknown"
    assert "Accepted" not in inner.log


def test_the_host_behind_is_down(pair: tuple[Sshd, Sshd]) -> None:
    gate, inner = pair
    inner.stop()
    answer = gate.transport(pins=[gate.known_hosts_line]).connect(behind(gate, inner, spec(gate)))
    assert isinstance(answer, Failure)
    assert answer.reason == "unreachable-net"


def test_a_proxy_command(tmp_path: Path, pair: tuple[Sshd, Sshd]) -> None:
    gate, inner = pair
    config = tmp_path / "ssh_config"
    relay = (
        "import socket,sys,threading,os\ns=socket.create_connection((sys.argv[1],int(sys.argv[2])))\n"
        "def up():\n while (b:=os.read(0,65536)): s.sendall(b)\n"
        "threading.Thread(target=up,daemon=True).start()\nwhile (b:=s.recv(65536)): os.write(1,b)\n"
    )
    (tmp_path / "relay.py").write_text(relay)
    config.write_text(f"Host *\n  ProxyCommand python3 {tmp_path}/relay.py %h %p\n")
    host = behind(gate, inner, "")
    host = replace(host, access=replace(host.access, gateway=None, ssh_config=str(config)))
    link = gate.transport(pins=[inner.known_hosts_line]).connect(host)
    assert isinstance(link, SshLink), link
    channel = link.start(b"echo hello; exit 2\n")
    assert not isinstance(channel, Failure)
    assert channel.read(5) == b"hello\n"
    assert channel.exit_status(5) == 2
    link.close()
