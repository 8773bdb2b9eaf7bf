"""F12: a secret that went all the way through the transports is found nowhere afterwards, nor on the way."""

import logging
import os
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, BecomeMethod, Deadlines, Host
from mspctl.model.secret import Secret, SecretRef
from mspctl.secrets.redact import Redactor
from mspctl.testing.sshd import make_key
from mspctl.transports.local import LocalTransport
from mspctl.transports.ssh.wire import LOG, silence_paramiko
from tests.hostile.ssh_rows import transport_to
from tests.integration.ssh.liars import FakeServer, Liar, pin

CANARY = "canary-4d1c7a-password"


class Sightings:
    """Looks at the command line and environment of every process, and at what was logged, all the time."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                for name in ("cmdline", "environ"):
                    try:
                        content = (process / name).read_bytes()
                    except OSError:
                        continue
                    if CANARY.encode() in content:
                        self.seen.add(f"{name} of {process.name}")
            time.sleep(0.01)

    def end(self) -> set[str]:
        self._stop.set()
        self._thread.join(60)
        return self.seen


@pytest.fixture
def sightings() -> Iterator[Sightings]:
    watch = Sightings()
    yield watch
    assert watch.end() == set()


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    silence_paramiko()
    logger = logging.getLogger(LOG)
    logger.addHandler(caplog.handler)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    yield caplog
    logger.setLevel(before)
    logger.removeHandler(caplog.handler)
    assert CANARY not in caplog.text


def word(folder: Path) -> SecretRef:
    path = folder / "secret" / "word"
    path.parent.mkdir()
    path.touch(mode=0o600)
    path.write_text(CANARY + "\n")
    return SecretRef("file", str(path))


def found_in_files(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "secret"]
    return [path for path in files if CANARY.encode() in path.read_bytes()]


@pytest.mark.parametrize("right", [True, False])
def test_a_login_password(
    tmp_path: Path, sightings: Sightings, log: pytest.LogCaptureFixture, *, right: bool
) -> None:
    server = FakeServer(password=CANARY if right else "another", methods="password,keyboard-interactive")
    with Liar(server.serve) as liar:
        access = Access(
            address="127.0.0.1",
            port=liar.port,
            user="x",
            password=word(tmp_path),
            deadlines=Deadlines(auth=20),
        )
        answer = transport_to(tmp_path, [pin(server, liar.port)]).connect(Host("acme", "hq", "h", access))
    assert isinstance(answer, Failure) is not right
    assert CANARY not in repr(answer)
    if not isinstance(answer, Failure):
        answer.close()
    assert found_in_files(tmp_path) == []
    assert "password" in server.attempts
    assert log.text
    assert not sightings.seen


def test_a_passphrase_and_what_is_thrown(tmp_path: Path, sightings: Sightings) -> None:
    make_key(tmp_path / "key", "ed25519", "another")
    access = Access(address="127.0.0.1", identity=SecretRef("file", str(tmp_path / "key")))
    host = Host("acme", "hq", "h", replace(access, identity_passphrase=word(tmp_path)))
    transport = transport_to(tmp_path, [])
    with pytest.raises(Exception, match="passphrase is wrong") as caught:
        transport.prepare(host)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert CANARY not in "".join(shown.format())
    assert found_in_files(tmp_path) == []
    assert not sightings.seen


def test_a_sudo_password_of_this_computer(
    tmp_path: Path, sightings: Sightings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sudo").write_text('#!/bin/sh\nprintf \'%s\' "$3" >&2\nread -r answer\nshift 4\nexec "$@"\n')
    (tmp_path / "sudo").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    access = Access(become=BecomeMethod.SUDO, become_password=word(tmp_path))
    link = LocalTransport(secrets=Words(), user="me").connect(Host("acme", "hq", "h", access))
    assert not isinstance(link, Failure)
    channel = link.start(b"echo begin; sleep 0.3; exit 0\n")
    assert not isinstance(channel, Failure), channel
    assert channel.read(5) == b"begin\n"
    assert channel.exit_status(5) == 0
    assert CANARY.encode() not in channel.errors()
    link.close()
    assert found_in_files(tmp_path) == []
    assert not sightings.seen


def test_the_net_below_all_sinks() -> None:
    assert CANARY not in Redactor([Secret(CANARY)]).text(f"Traceback: word = '{CANARY}'")


class Words:
    """The canary for every reference."""

    def resolve(self, ref: SecretRef) -> Secret:
        del ref
        return Secret(CANARY)
