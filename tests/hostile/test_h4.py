"""H4: with no accepted key, or an agent of twenty, exactly what is configured is offered, and said."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, Deadlines, Host
from mspctl.model.outcome import Outcome
from mspctl.model.secret import SecretRef
from mspctl.testing.sshd import Sshd, make_key
from tests.hostile.ssh_rows import refusal, transport_to
from tests.integration.ssh.liars import FakeServer, Liar, pin


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Sshd]:
    with Sshd(tmp_path / "sshd") as server:
        yield server


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An ssh-agent with twenty keys; gives the folder with the keys 0 to 19."""
    shell = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    found = dict(re.findall(r"(SSH_\w+)=([^;]+);", shell))
    monkeypatch.setenv("SSH_AUTH_SOCK", found["SSH_AUTH_SOCK"])
    for number in range(20):
        make_key(tmp_path / str(number), "ed25519")
        subprocess.run(["ssh-add", "-q", str(tmp_path / str(number))], check=True, capture_output=True)
    yield tmp_path
    os.kill(int(found["SSH_AGENT_PID"]), 15)


def public(file: Path) -> str:
    return file.with_suffix(".pub").read_text().split()[1]


def host_of(liar: Liar, **changes: object) -> Host:
    access = Access(address="127.0.0.1", port=liar.port, user="x", deadlines=Deadlines(connect=3, auth=5))
    return Host("acme", "hq", "web1", replace(access, **changes))  # type: ignore[arg-type]


def test_a_key_that_is_not_accepted(sshd: Sshd, tmp_path: Path) -> None:
    make_key(tmp_path / "other", "ed25519")
    host = sshd.host()
    host = replace(host, access=replace(host.access, identity=SecretRef("file", str(tmp_path / "other"))))
    failure = refusal(sshd.transport().connect(host))
    assert (failure.outcome, failure.reason) == (Outcome.UNREACHABLE, "auth")
    assert "offered key SHA256:" in failure.detail
    assert "it takes publickey" in failure.detail
    assert "authorized_keys" in failure.remedy


def test_the_agent_is_left_alone_when_it_is_not_configured(agent: Path) -> None:
    make_key(agent / "mine", "ed25519")
    server = FakeServer()
    with Liar(server.serve) as liar:
        host = host_of(liar, identity=SecretRef("file", str(agent / "mine")))
        assert refusal(transport_to(agent, [pin(server, liar.port)]).connect(host)).reason == "auth"
    assert server.offered == [public(agent / "mine")]


def test_no_default_key_is_tried(agent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = agent / "home" / ".ssh"
    home.mkdir(parents=True)
    make_key(home / "id_ed25519", "ed25519")
    monkeypatch.setenv("HOME", str(home.parent))
    server = FakeServer()
    with Liar(server.serve) as liar:
        failure = refusal(transport_to(agent, [pin(server, liar.port)]).connect(host_of(liar)))
    assert failure.reason == "auth"
    assert "nothing to offer" in failure.detail
    assert server.attempts == []


def test_an_agent_of_twenty_keys_offers_five_and_says_so(agent: Path) -> None:
    server = FakeServer()
    with Liar(server.serve) as liar:
        failure = refusal(transport_to(agent, [pin(server, liar.port)]).connect(host_of(liar, agent=True)))
    assert failure.reason == "auth"
    assert failure.detail.count("agent key SHA256:") == 5
    assert len(server.offered) == 5


def test_of_twenty_keys_the_configured_one_is_offered_alone(agent: Path) -> None:
    server = FakeServer()
    with Liar(server.serve) as liar:
        host = host_of(liar, agent=True, identity=SecretRef("file", str(agent / "17.pub")))
        (agent / "17.pub").chmod(0o600)
        refusal(transport_to(agent, [pin(server, liar.port)]).connect(host))
    assert server.offered == [public(agent / "17")]


def test_the_agent_logs_in(agent: Path, sshd: Sshd) -> None:
    (sshd.folder / "authorized_keys").write_text((agent / "3.pub").read_text())
    host = sshd.host()
    host = replace(host, access=replace(host.access, identity=None, agent=True))
    link = sshd.transport().connect(host)
    assert not isinstance(link, Failure), link
    link.close()


def test_a_password_answers_one_hidden_question_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("right-password\n")
    (tmp_path / "pw").chmod(0o600)
    for questions, good in ((1, True), (2, False)):
        server = FakeServer(password="right-password", methods="keyboard-interactive", questions=questions)
        with Liar(server.serve) as liar:
            transport = transport_to(tmp_path, [pin(server, liar.port)])
            link = transport.connect(host_of(liar, password=SecretRef("file", "pw")))
            assert isinstance(link, Failure) is not good, link
            if not isinstance(link, Failure):
                link.close()
        assert ("right-password" in server.offered) is good


def test_a_wrong_password_is_offered_once(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("wrong-password\n")
    (tmp_path / "pw").chmod(0o600)
    server = FakeServer(password="right-password")
    with Liar(server.serve) as liar:
        transport = transport_to(tmp_path, [pin(server, liar.port)])
        failure = refusal(transport.connect(host_of(liar, password=SecretRef("file", "pw"))))
    assert server.attempts == ["password"]
    assert "wrong-password" not in str(failure)
    assert "`password`" in failure.remedy
    assert "authorized_keys" not in failure.remedy


def test_a_password_where_none_is_taken_asks_for_a_key(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("some-password\n")
    (tmp_path / "pw").chmod(0o600)
    host = sshd.host()
    access = replace(host.access, identity=None, password=SecretRef("file", str(tmp_path / "pw")))
    failure = refusal(sshd.transport().connect(replace(host, access=access)))
    assert failure.reason == "auth"
    assert "`identity`" in failure.remedy
