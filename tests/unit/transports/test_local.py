"""This computer as a host."""

import time

import pytest

from mspctl.errors import SecretError
from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, BecomeMethod, ConnectionKind, Host
from mspctl.model.secret import Secret, SecretRef
from mspctl.transports.choice import ClientDoors, TransportSet
from mspctl.transports.local import LocalChannel, LocalTransport
from mspctl.transports.trust import KnownHosts


class NoSecrets:
    """A source without any secret."""

    def resolve(self, ref: SecretRef) -> Secret:
        raise SecretError(f"{ref} is not there")


def start(program: bytes) -> LocalChannel:
    access = Access(connection=ConnectionKind.LOCAL)
    link = LocalTransport(secrets=NoSecrets(), user="me").connect(Host("acme", "hq", "here", access))
    assert not isinstance(link, Failure)
    channel = link.start(program)
    assert not isinstance(channel, Failure)
    return channel


def read_all(channel: LocalChannel) -> bytes:
    out, end = b"", time.monotonic() + 20
    while time.monotonic() < end and (chunk := channel.read(1)) != b"":
        assert not isinstance(chunk, Failure)
        out += chunk or b""
    return out


def test_output_errors_and_status() -> None:
    channel = start(b"echo out; echo err >&2; exit 7\n")
    assert (read_all(channel), channel.exit_status(5), channel.errors()) == (b"out\n", 7, b"err\n")
    channel.close()


def test_an_answer_after_the_beginning() -> None:
    channel = start(b"echo begin; read -r x; echo got $x; exit 0\n")
    assert channel.read(5) == b"begin\n"
    assert channel.read(0.1) is None
    assert channel.exit_status(0.1) is None
    channel.send(b"ack\n")
    assert (read_all(channel), channel.exit_status(5)) == (b"got ack\n", 0)
    channel.close()


def test_much_in_both_directions() -> None:
    channel = start(
        b"head -c 3000000 /dev/zero; head -c 300000 /dev/zero >&2\n" + b"# filler\n" * 50_000 + b"exit 5\n"
    )
    assert len(read_all(channel)) == 3_000_000
    assert channel.exit_status(5) == 5
    assert len(channel.errors()) == 64 * 1024
    channel.close()


def test_a_signal_keeps_its_name() -> None:
    channel = start(b"kill -KILL $$\n")
    assert read_all(channel) == b""
    status = channel.exit_status(5)
    assert isinstance(status, Failure)
    assert (status.reason, "SIGKILL" in status.detail) == ("signal", True)
    channel.close()


def test_closing_ends_the_shell() -> None:
    channel = start(b"echo begin; sleep 60\n")
    assert channel.read(5) == b"begin\n"
    began = time.monotonic()
    channel.close()
    assert time.monotonic() - began < 40
    assert channel.exit_status(1) is not None


def test_input_can_end() -> None:
    channel = start(b"echo begin; while read -r x; do echo $x; done; exit 3\n")
    assert channel.read(5) == b"begin\n"
    channel.send(b"a\nb\n")
    channel.end()
    assert (read_all(channel), channel.exit_status(5)) == (b"a\nb\n", 3)
    channel.close()


def test_a_missing_sudo_password_is_a_failure_not_an_exception() -> None:
    access = Access(
        connection=ConnectionKind.LOCAL, become=BecomeMethod.SUDO, become_password=SecretRef("env", "X")
    )
    answer = LocalTransport(secrets=NoSecrets(), user="me").connect(Host("acme", "hq", "here", access))
    assert isinstance(answer, Failure)
    assert answer.reason == "secret"


def transports() -> TransportSet:
    return TransportSet(lambda client: ClientDoors(NoSecrets(), KnownHosts(client), lambda _: None), "me")


def test_the_set_reaches_windows_by_winrm() -> None:
    access = Access(connection=ConnectionKind.WINRM, address="127.0.0.1", port=1)
    answer = transports().connect(Host("acme", "hq", "dc1", access))
    assert isinstance(answer, Failure)
    assert (answer.reason, "no user" in answer.detail) == ("auth", True)


def test_the_set_reaches_this_computer() -> None:
    link = transports().connect(Host("acme", "hq", "here", Access(connection=ConnectionKind.LOCAL)))
    assert not isinstance(link, Failure)
    assert link.fingerprint == "local"
    link.close()


def test_all_missing_secrets_are_named_at_once() -> None:
    hosts = [
        Host(
            "acme",
            "hq",
            name,
            Access(connection=ConnectionKind.LOCAL, become_password=SecretRef("env", name)),
        )
        for name in ("one", "two")
    ]
    with pytest.raises(Exception, match=r"(?s)env:one.*env:two"):
        transports().prepare(hosts)
