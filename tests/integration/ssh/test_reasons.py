"""Every way of not getting through has its own reason."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, Deadlines, Host
from mspctl.model.outcome import Outcome
from mspctl.model.secret import SecretRef
from mspctl.secrets.files import FileSecrets
from mspctl.testing.sshd import Sshd, free_port
from mspctl.transports.ssh.transport import SshTransport
from mspctl.transports.trust import KnownHosts
from tests.integration.ssh import liars
from tests.integration.ssh.liars import Behaviour, FakeServer, Liar, pin

SHORT = Deadlines(connect=1, banner=1, auth=1, keepalive=1)
PATIENT = Deadlines(connect=4, banner=20, auth=20)


def reach(folder: Path, access: Access, pins: tuple[str, ...] = ()) -> tuple[Failure, float]:
    known = folder / "known"
    known.write_text("".join(line + "\n" for line in pins))
    transport = SshTransport(
        secrets=FileSecrets(folder), known_hosts=KnownHosts.read("acme", known), find_host=lambda _: None
    )
    began = time.monotonic()
    answer = transport.connect(Host("acme", "hq", "web1", access))
    assert isinstance(answer, Failure), "this must not connect"
    assert answer.outcome is Outcome.UNREACHABLE
    return answer, time.monotonic() - began


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (liars.silent, "timeout-banner"),
        (liars.tarpit, "timeout-banner"),
        (liars.drip, "timeout-banner"),
        (liars.flood, "not-ssh"),
        (liars.http, "not-ssh"),
        (liars.reset, "closed-early"),
        (liars.hang_up, "closed-early"),
        (liars.banner_then_silence, "timeout-kex"),
        (liars.giant_packet, "kex"),
    ],
)
def test_liars_before_the_keys(tmp_path: Path, behave: Behaviour, reason: str) -> None:
    with Liar(behave) as liar:
        limits = SHORT if reason.startswith("timeout") else PATIENT
        failure, seconds = reach(
            tmp_path, Access(address="127.0.0.1", port=liar.port, user="x", deadlines=limits)
        )
    assert failure.reason == reason
    assert seconds < 15


def test_nobody_listens(tmp_path: Path) -> None:
    failure, _ = reach(tmp_path, Access(address="127.0.0.1", port=free_port(), user="x", deadlines=SHORT))
    assert failure.reason == "refused"
    assert failure.remedy


def test_no_such_name(tmp_path: Path) -> None:
    failure, seconds = reach(tmp_path, Access(address="no-such-host.invalid", user="x", deadlines=SHORT))
    assert failure.reason == "dns"
    assert seconds < 15


def test_a_name_that_is_none(tmp_path: Path) -> None:
    failure, _ = reach(tmp_path, Access(address="a" * 300, user="x", deadlines=SHORT))
    assert failure.reason == "dns"


def test_all_ciphers_too_old(tmp_path: Path) -> None:
    options = ["Ciphers aes128-cbc"]
    with Sshd(tmp_path / "old", options) as sshd:
        answer = sshd.transport().connect(sshd.host())
        assert isinstance(answer, Failure)
        assert answer.reason == "kex"
        assert "cipher" in answer.detail
        host = sshd.host()
        named = replace(host, access=replace(host.access, legacy_algorithms=("aes128-cbc",)))
        link = sshd.transport().connect(named)
        assert not isinstance(link, Failure), link
        link.close()


def test_a_legacy_algorithm_that_nobody_has_any_more(sshd: Sshd) -> None:
    host = sshd.host()
    host = replace(host, access=replace(host.access, legacy_algorithms=("ssh-dss",)))
    answer = sshd.transport().connect(host)
    assert isinstance(answer, Failure)
    assert (answer.reason, "ssh-dss" in answer.detail) == ("kex", True)


def test_login_that_never_answers(tmp_path: Path) -> None:
    server = FakeServer(password="secret-word")
    server.stall = 30
    (tmp_path / "pw").write_text("secret-word\n")
    (tmp_path / "pw").chmod(0o600)
    with Liar(server.serve) as liar:
        access = Access(address="127.0.0.1", port=liar.port, user="x", password=ref("pw"), deadlines=SHORT)
        failure, seconds = reach(tmp_path, access, (pin(server, liar.port),))
    assert failure.reason == "timeout-auth"
    assert seconds < 15


def test_missing_secret_is_its_own_reason(tmp_path: Path, sshd: Sshd) -> None:
    access = replace(sshd.access, identity=ref("nowhere"))
    failure, _ = reach(tmp_path, access, (sshd.known_hosts_line,))
    assert failure.reason == "secret"
    assert "nowhere" in failure.detail


def test_sessions_forbidden(tmp_path: Path) -> None:
    with Sshd(tmp_path / "s", ["MaxSessions 0"]) as sshd:
        link = sshd.transport().connect(sshd.host())
        assert not isinstance(link, Failure), link
        answer = link.start(b"exit 0\n")
        assert isinstance(answer, Failure)
        assert answer.reason == "no-session"
        link.close()


def ref(path: str) -> SecretRef:
    return SecretRef("file", path)
