"""Private keys: every kind logs in, a passphrase costs once, a bad key is explained without its content."""

import time
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.errors import SecretError
from mspctl.model.failure import Failure
from mspctl.model.secret import SecretRef
from mspctl.secrets.files import FileSecrets
from mspctl.testing.sshd import Sshd, make_key
from mspctl.transports.ssh.keys import KeyRing


def ref(path: Path) -> SecretRef:
    return SecretRef("file", str(path))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_each_kind_logs_in(sshd: Sshd, kind: str) -> None:
    key = sshd.folder / kind
    make_key(key, kind)
    (sshd.folder / "authorized_keys").write_text(key.with_suffix(".pub").read_text())
    host = sshd.host()
    link = sshd.transport().connect(replace(host, access=replace(host.access, identity=ref(key))))
    assert not isinstance(link, Failure), link
    link.close()


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_each_kind_of_host_key_is_verified(tmp_path: Path, kind: str) -> None:
    with Sshd(tmp_path / "sshd", key_type=kind) as sshd:
        link = sshd.transport().connect(sshd.host())
        assert not isinstance(link, Failure), link
        assert link.fingerprint == sshd.fingerprint
        link.close()


def test_a_passphrase_is_paid_for_once(tmp_path: Path) -> None:
    make_key(tmp_path / "key", "ed25519", "open sesame")
    (tmp_path / "word").write_text("open sesame\n")
    (tmp_path / "word").chmod(0o600)
    ring = KeyRing(FileSecrets(tmp_path))
    first = ring.key(ref(tmp_path / "key"), ref(tmp_path / "word"))
    began = time.process_time()
    for _ in range(20):
        assert ring.key(ref(tmp_path / "key"), ref(tmp_path / "word")) is first
    assert time.process_time() - began < 0.1, "a passphrase takes that long by itself"


@pytest.mark.parametrize("case", ["no-passphrase", "wrong-passphrase", "no-key", "cut"])
def test_a_bad_key_is_explained_without_its_content(tmp_path: Path, case: str) -> None:
    make_key(tmp_path / "key", "ed25519", "open sesame")
    (tmp_path / "word").write_text("canary-word\n")
    (tmp_path / "word").chmod(0o600)
    if case == "no-key":
        (tmp_path / "key").write_text("canary-content")
    if case == "cut":
        make_key(tmp_path / "key", "ed25519")
        (tmp_path / "key").write_bytes((tmp_path / "key").read_bytes()[:200])
    content = (tmp_path / "key").read_text().splitlines()
    word = ref(tmp_path / "word") if case == "wrong-passphrase" else None
    with pytest.raises(SecretError) as caught:
        KeyRing(FileSecrets(tmp_path)).key(ref(tmp_path / "key"), word)
    assert caught.value.__traceback__ is not None
    below = caught.value.__traceback__.tb_next  # the test itself knows the content
    lines = traceback.TracebackException(SecretError, caught.value, below, capture_locals=True).format()
    text = "".join(lines)
    assert "canary" not in text
    assert not any(line in text for line in content if not line.startswith("-----"))
    assert ("encrypted" in text) is (case == "no-passphrase")
