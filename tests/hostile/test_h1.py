"""H1: a changed host key gives `host-key-changed`; no authentication byte was sent, nothing was mended."""

from pathlib import Path

from paramiko.common import MSG_SERVICE_REQUEST, MSG_USERAUTH_REQUEST

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, Host
from mspctl.model.outcome import Outcome
from mspctl.model.secret import SecretRef
from mspctl.testing.lab import HostSpec
from mspctl.testing.pytest_lab import LabHosts
from mspctl.testing.sshd import Sshd, asked_to_be_let_in, make_key
from tests.e2e.cli import Cli
from tests.e2e.fixtures import cli as cli  # noqa: PLC0414 - fixtures
from tests.e2e.fixtures import sshd as sshd  # noqa: PLC0414
from tests.hostile.ssh_rows import LIMITS, client_host, linked, refusal, transport_to
from tests.integration.ssh.liars import FakeServer, Liar


def test_a_changed_key_on_a_real_host(tmp_path: Path, lab_hosts: LabHosts) -> None:
    lab_host = lab_hosts(HostSpec("h1"))
    host = client_host(lab_host)
    linked(tmp_path, lab_host, host).close()
    with lab_host.faults.host_key_changed():
        transport = transport_to(tmp_path, [lab_host.known_hosts_line])
        before, logged = (tmp_path / "known_hosts").read_bytes(), len(lab_host.sshd_log)
        failure = refusal(transport.connect(host))
        assert (failure.outcome, failure.reason) == (Outcome.UNREACHABLE, "host-key-changed")
        assert failure.detail.count("SHA256:") == 2
        assert "mspctl trust --client acme --replace h1" in failure.remedy
        assert (tmp_path / "known_hosts").read_bytes() == before
        assert asked_to_be_let_in(lab_host.sshd_log[logged:]) == []
        assert "Connection from" in lab_host.sshd_log[logged:]


def test_no_authentication_byte_goes_out_before_the_key_is_verified(tmp_path: Path) -> None:
    server = FakeServer()
    make_key(tmp_path / "key", "ed25519")
    with Liar(server.serve) as liar:
        access = Access(
            address="127.0.0.1", port=liar.port, user="x", identity=SecretRef("file", str(tmp_path / "key"))
        )
        other = f"[127.0.0.1]:{liar.port} {(tmp_path / 'key.pub').read_text()}"
        failure = refusal(transport_to(tmp_path, [other]).connect(Host("acme", "hq", "web1", access)))
    assert failure.reason == "host-key-changed"
    assert server.seen, "the server saw the key exchange"
    assert not {MSG_SERVICE_REQUEST, MSG_USERAUTH_REQUEST} & set(server.seen)
    assert server.attempts == []


def test_a_refused_key_is_in_the_audit_log(cli: Cli, tmp_path: Path) -> None:
    make_key(tmp_path / "other", "ed25519")
    pins = cli.project / "inventory" / "known_hosts" / "acme"
    name = pins.read_text().split()[0]
    pins.write_text(f"{name} {' '.join((tmp_path / 'other.pub').read_text().split()[:2])}\n")
    assert cli("exec", "--client", "acme", "--", "true").returncode == 1
    refused = [each for each in cli.json("audit", "list")["entries"] if each["event"] == "host-key-refused"]
    assert [each["fields"]["host"] for each in refused] == ["acme/local1"]
    assert refused[0]["fields"]["reason"] == "host-key-changed"


def test_the_same_server_is_reached_with_its_key_pinned(tmp_path: Path) -> None:
    with Sshd(tmp_path / "sshd") as sshd:
        link = sshd.transport().connect(sshd.host())
        assert not isinstance(link, Failure), link
        link.close()
        make_key(sshd.folder / "other", "ed25519")
        other = f"[{sshd.address}]:{sshd.port} {(sshd.folder / 'other.pub').read_text()}"
        assert refusal(sshd.transport(pins=[other]).connect(sshd.host())).reason == "host-key-changed"
    assert LIMITS.connect == 5
