"""Where secrets come from, and what is said when they cannot be had."""

import os
import traceback
from pathlib import Path

import pytest

from mspctl.errors import SecretError
from mspctl.model.place import Place
from mspctl.model.secret import SecretRef
from mspctl.secrets.env import EnvSecrets
from mspctl.secrets.files import LIMIT, FileSecrets
from mspctl.secrets.sources import secret_sources
from mspctl.secrets.systemd import SystemdSecrets

CANARY = "canary-7f3e-password"


def written(path: Path, content: str | bytes = CANARY + "\n", mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    return path


def refused(source: EnvSecrets | FileSecrets | SystemdSecrets, ref: SecretRef) -> str:
    with pytest.raises(SecretError) as caught:
        source.resolve(ref)
    text = "".join(traceback.format_exception(caught.value))
    assert CANARY not in text
    return str(caught.value)


def test_a_file_relative_to_the_project(tmp_path: Path) -> None:
    written(tmp_path / "keys/acme")
    assert FileSecrets(tmp_path).resolve(SecretRef("file", "keys/acme")).reveal_text() == CANARY


@pytest.mark.parametrize(
    ("content", "meant"),
    [
        ("word", "word"),
        ("word\n", "word"),
        ("word\r\n", "word"),
        ("word \n", "word "),
        ("word\n\n", "word\n\n"),
        ("-----BEGIN\nabc\n-----END\n", "-----BEGIN\nabc\n-----END\n"),
        ("", ""),
    ],
)
def test_one_line_end_of_one_line_is_dropped(tmp_path: Path, content: str, meant: str) -> None:
    written(tmp_path / "s", content)
    assert FileSecrets(tmp_path).resolve(SecretRef("file", "s")).reveal_text() == meant


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o777])
def test_others_may_not_read_it(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "s", mode=mode)
    said = refused(FileSecrets(tmp_path), SecretRef("file", "s", Place("acme.yml", 3, 5)))
    assert f"{mode:04o}" in said
    assert f"chmod 600 {path}" in said
    assert said.startswith("acme.yml:3:5")


def test_not_there(tmp_path: Path) -> None:
    assert "No such file" in refused(FileSecrets(tmp_path), SecretRef("file", "s"))


def test_a_folder_a_pipe_and_a_device_are_no_secrets(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("folder", "pipe", "/dev/null"):
        assert "not a regular file" in refused(FileSecrets(tmp_path), SecretRef("file", name))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a file away")
def test_of_another_owner(tmp_path: Path) -> None:
    os.chown(written(tmp_path / "s"), 12345, 12345)
    assert "belongs to user 12345" in refused(FileSecrets(tmp_path), SecretRef("file", "s"))


def test_too_large(tmp_path: Path) -> None:
    written(tmp_path / "s", b"x" * (LIMIT + 1))
    assert "1 MiB" in refused(FileSecrets(tmp_path), SecretRef("file", "s"))


def test_a_link_is_followed_to_what_is_checked(tmp_path: Path) -> None:
    written(tmp_path / "open", mode=0o644)
    (tmp_path / "s").symlink_to(tmp_path / "open")
    assert "0644" in refused(FileSecrets(tmp_path), SecretRef("file", "s"))


def test_variables() -> None:
    source = EnvSecrets({"WORD": CANARY, "EMPTY": ""})
    assert source.resolve(SecretRef("env", "WORD")).reveal_text() == CANARY
    assert "is not set" in refused(source, SecretRef("env", "OTHER"))
    assert "is empty" in refused(source, SecretRef("env", "EMPTY"))


def test_credentials_of_systemd(tmp_path: Path) -> None:
    written(tmp_path / "acme-sudo", mode=0o400)
    assert SystemdSecrets(tmp_path).resolve(SecretRef("systemd", "acme-sudo")).reveal_text() == CANARY
    assert "no slash" in refused(SystemdSecrets(tmp_path), SecretRef("systemd", "../acme-sudo"))
    assert "CREDENTIALS_DIRECTORY" in refused(SystemdSecrets(None), SecretRef("systemd", "acme-sudo"))


def test_each_scheme_finds_its_adapter(tmp_path: Path) -> None:
    written(tmp_path / "f", "from-file")
    written(tmp_path / "credentials/c", "from-systemd")
    environment = {"E": "from-env", "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    sources = secret_sources(tmp_path, environment)
    found = [
        sources.resolve(SecretRef(s, p)).reveal_text()
        for s, p in (("file", "f"), ("env", "E"), ("systemd", "c"))
    ]
    assert found == ["from-file", "from-env", "from-systemd"]


def test_an_unknown_scheme_names_the_known_ones_and_not_what_was_written(tmp_path: Path) -> None:
    with pytest.raises(SecretError) as caught:
        secret_sources(tmp_path, {}).resolve(SecretRef("plain", CANARY))
    assert "env:, file:, systemd:" in str(caught.value)
    assert CANARY not in str(caught.value)
