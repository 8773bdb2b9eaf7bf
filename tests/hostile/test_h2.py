"""H2: an unknown key is refused like a changed one; the failure shows the fingerprint and how to pin it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from paramiko.common import MSG_USERAUTH_REQUEST

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, Host
from mspctl.testing.sshd import Sshd, asked_to_be_let_in, make_key
from tests.hostile.ssh_rows import refusal, transport_to
from tests.integration.ssh.liars import FakeServer, Liar


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with Sshd(tmp_path / "sshd") as server:
        yield server


def test_an_unknown_key_is_shown_and_not_trusted(sshd: Sshd) -> None:
    failure = refusal(sshd.transport(pins=[]).connect(sshd.host()))
    assert failure.reason == "host-key-unknown"
    assert sshd.fingerprint in failure.detail
    assert failure.remedy.endswith("mspctl trust --client acme web1")
    assert "Connection from" in sshd.log
    assert asked_to_be_let_in(sshd.log) == []


def test_a_pin_of_another_port_or_name_does_not_count(sshd: Sshd) -> None:
    key = sshd.known_hosts_line.split(" ", 1)[1]
    for name in ("127.0.0.1", f"[127.0.0.2]:{sshd.port}", f"[127.0.0.1]:{sshd.port + 1}"):
        assert (
            refusal(sshd.transport(pins=[f"{name} {key}"]).connect(sshd.host())).reason == "host-key-unknown"
        )


def test_a_hashed_pin_counts(sshd: Sshd) -> None:
    file = sshd.folder / "hashed"
    file.write_text(sshd.known_hosts_line + "\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    assert file.read_text().startswith("|1|")
    link = sshd.transport(pins=file.read_text().splitlines()).connect(sshd.host())
    assert not isinstance(link, Failure), link
    link.close()


def test_a_revoked_key_is_refused_even_if_it_is_pinned(sshd: Sshd) -> None:
    key = sshd.known_hosts_line.split(" ", 1)[1]
    pins = [sshd.known_hosts_line, f"@revoked * {key}"]
    assert refusal(sshd.transport(pins=pins).connect(sshd.host())).reason == "host-key-revoked"


@pytest.mark.parametrize(
    ("options", "good"),
    [
        (["-h", "-n", "127.0.0.1"], True),
        (["-h", "-n", "elsewhere"], False),
        (["-h"], False),
        (["-h", "-n", "127.0.0.1", "-V", "20200101:20200201"], False),
        (["-n", "127.0.0.1"], False),
    ],
)
def test_a_certificate_of_a_pinned_authority(sshd: Sshd, options: list[str], *, good: bool) -> None:
    ca, other = sshd.folder / "ca", sshd.folder / "other"
    make_key(ca, "ed25519")
    make_key(other, "ed25519")
    sign = ["ssh-keygen", "-q", "-s", str(ca), "-I", "test", *options, str(sshd.folder / "host_key.pub")]
    subprocess.run(sign, check=True)
    sshd.stop()
    sshd.options = (f"HostCertificate {sshd.folder / 'host_key-cert.pub'}",)
    try:
        sshd.start()
    except RuntimeError:
        assert not good, "sshd itself refuses this certificate"
        return
    name = f"[127.0.0.1]:{sshd.port}"
    pins = {
        key: f"@cert-authority {name} {key.with_suffix('.pub').read_text().strip()}" for key in (ca, other)
    }
    answer = sshd.transport(pins=[pins[ca]]).connect(sshd.host())
    if good:
        assert not isinstance(answer, Failure), answer
        answer.close()
    else:
        assert refusal(answer).reason in {"host-certificate", "host-key-unknown"}
    assert isinstance(sshd.transport(pins=[pins[other]]).connect(sshd.host()), Failure)
    revoked = pins[ca].replace("@cert-authority", "@revoked")
    assert isinstance(sshd.transport(pins=[pins[ca], revoked]).connect(sshd.host()), Failure)
    plain = sshd.transport(pins=[sshd.known_hosts_line]).connect(sshd.host())
    assert not isinstance(plain, Failure), "a pinned key needs no certificate"
    plain.close()


def test_nothing_is_sent_to_an_unknown_server(tmp_path: Path) -> None:
    server = FakeServer()
    with Liar(server.serve) as liar:
        access = Access(address="127.0.0.1", port=liar.port, user="x", agent=True)
        failure = refusal(transport_to(tmp_path, []).connect(Host("acme", "hq", "web1", access)))
    assert failure.reason == "host-key-unknown"
    assert MSG_USERAUTH_REQUEST not in server.seen
