"""Known hosts: what matches, what is refused, and how a key is pinned."""

import base64
import hmac
import os
import stat
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.transports.trust import KnownHosts, Verdict, fingerprint, host_name, pin_keys


class Key:
    """A public key of given bytes."""

    def __init__(self, name: str, blob: bytes) -> None:
        self._name = name
        self._blob = blob

    def get_name(self) -> str:
        return self._name

    def asbytes(self) -> bytes:
        return self._blob


ONE, TWO, RSA = Key("ssh-ed25519", b"one"), Key("ssh-ed25519", b"two"), Key("ssh-rsa", b"rsa")


def line(names: str, key: Key, marker: str = "") -> str:
    return f"{marker} {names} {key.get_name()} {base64.b64encode(key.asbytes()).decode()} comment".strip()


def known(tmp_path: Path, *lines: str) -> KnownHosts:
    path = tmp_path / "acme"
    path.write_text("\n".join(lines) + "\n")
    return KnownHosts.read("acme", path)


@pytest.mark.parametrize(
    ("names", "address", "port", "verdict"),
    [
        ("web1", "web1", 22, Verdict.KNOWN),
        ("WEB1", "web1", 22, Verdict.KNOWN),
        ("web1", "Web1", 22, Verdict.KNOWN),
        ("web1", "web1", 2222, Verdict.UNKNOWN),
        ("[web1]:2222", "web1", 2222, Verdict.KNOWN),
        ("[web1]:2222", "web1", 22, Verdict.UNKNOWN),
        ("web1,10.0.0.1", "10.0.0.1", 22, Verdict.KNOWN),
        ("10.0.0.*", "10.0.0.77", 22, Verdict.KNOWN),
        ("10.0.0.?", "10.0.0.77", 22, Verdict.UNKNOWN),
        ("*,!10.0.0.9", "10.0.0.9", 22, Verdict.UNKNOWN),
        ("[10.0.0.*]:2222", "10.0.0.7", 2222, Verdict.KNOWN),
        ("web[12]", "web1", 22, Verdict.UNKNOWN),
        ("fe80::1", "fe80::1", 22, Verdict.KNOWN),
    ],
)
def test_names(tmp_path: Path, names: str, address: str, port: int, verdict: Verdict) -> None:
    assert known(tmp_path, "# comment", "", line(names, ONE)).check(address, port, ONE) is verdict


def test_hashed_names(tmp_path: Path) -> None:
    salt = b"0123456789abcdefghij"
    digest = base64.b64encode(hmac.new(salt, b"[web1]:2222", "sha1").digest()).decode()
    hosts = known(tmp_path, line(f"|1|{base64.b64encode(salt).decode()}|{digest}", ONE))
    assert hosts.check("web1", 2222, ONE) is Verdict.KNOWN
    assert hosts.check("web2", 2222, ONE) is Verdict.UNKNOWN


def test_another_key_is_a_change_and_a_revoked_one_is_refused(tmp_path: Path) -> None:
    hosts = known(tmp_path, line("web1", ONE), line("*", TWO, "@revoked"))
    assert hosts.check("web1", 22, RSA) is Verdict.CHANGED
    assert hosts.check("web1", 22, TWO) is Verdict.REVOKED
    assert hosts.check("elsewhere", 22, TWO) is Verdict.REVOKED


def test_an_authority_is_no_pin(tmp_path: Path) -> None:
    assert known(tmp_path, line("*", ONE, "@cert-authority")).check("web1", 22, ONE) is Verdict.UNKNOWN


def test_no_file_is_nothing_known(tmp_path: Path) -> None:
    assert KnownHosts.read("acme", tmp_path / "none").check("web1", 22, ONE) is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "bad", ["web1 ssh-ed25519", "web1 ssh-ed25519 !!!", "@maybe web1 ssh-ed25519 b25l", "\x00"]
)
def test_a_broken_line_is_named_and_nothing_trusted(tmp_path: Path, bad: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        known(tmp_path, line("web2", ONE), bad)
    assert f"{tmp_path / 'acme'}:2:1" in str(caught.value)


def test_the_pinned_type_is_asked_for_first(tmp_path: Path) -> None:
    hosts = known(tmp_path, line("web1", RSA), line("web1", ONE))
    assert hosts.key_types("web1", 22) == ("rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519")


def test_pinning_adds_and_is_repeatable(tmp_path: Path) -> None:
    path = tmp_path / "inventory" / "known_hosts" / "acme"
    for _ in range(2):
        pin_keys(path, "10.0.0.1", 22, [ONE, RSA], replace=False)
    assert len(path.read_text().splitlines()) == 2
    assert KnownHosts.read("acme", path).check("10.0.0.1", 22, RSA) is Verdict.KNOWN


def test_replacing_drops_only_this_host(tmp_path: Path) -> None:
    path = tmp_path / "acme"
    keep = ["# note", line("*", TWO, "@revoked"), line("other", ONE)]
    path.write_text("\n".join([*keep, line("web1,alias", ONE), line("web1", RSA)]) + "\n")
    pin_keys(path, "web1", 22, [TWO], replace=True)
    lines = path.read_text().splitlines()
    assert lines[:3] == keep
    assert lines[3].startswith("alias ssh-ed25519 ")
    assert lines[4:] == [f"web1 ssh-ed25519 {base64.b64encode(b'two').decode()}"]


@pytest.mark.parametrize("tab", ["\t", "  "])
def test_a_key_that_was_replaced_counts_no_more_however_it_was_written(tmp_path: Path, tab: str) -> None:
    path = tmp_path / "acme"
    path.write_text(line("web1", ONE).replace(" ", tab) + "\n")
    pin_keys(path, "web1", 22, [TWO], replace=True)
    assert KnownHosts.read("acme", path).check("web1", 22, ONE) is Verdict.CHANGED


def test_replacing_leaves_the_other_hosts_of_a_glob(tmp_path: Path) -> None:
    path = tmp_path / "acme"
    path.write_text(line("web*", ONE) + "\n" + line("*,!web1", RSA) + "\n")
    pin_keys(path, "web1", 22, [TWO], replace=True)
    found = KnownHosts.read("acme", path)
    assert [found.check("web1", 22, key) for key in (ONE, TWO)] == [Verdict.CHANGED, Verdict.KNOWN]
    assert [found.check("web2", 22, key) for key in (ONE, RSA)] == [Verdict.KNOWN] * 2
    assert found.check("db1", 22, RSA) is Verdict.KNOWN


def test_a_comment_that_is_no_utf_8_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "acme"
    path.write_bytes(b"# b\xfcro\n")
    pin_keys(path, "web1", 22, [ONE], replace=True)
    assert path.read_bytes().startswith(b"# b\xfcro\nweb1 ssh-ed25519 ")


def test_the_file_is_private_and_whole_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "acme"
    before = os.umask(0)
    try:
        pin_keys(path, "web1", 22, [ONE], replace=False)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["acme"]


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "known").write_text("")
    with pytest.raises(ConfigurationError):
        pin_keys(tmp_path / "known" / "acme", "web1", 22, [ONE], replace=False)


def test_fingerprint_and_name_are_written_like_openssh() -> None:
    assert fingerprint(b"") == "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
    assert (host_name("Web1", 22), host_name("fe80::1", 2222)) == ("web1", "[fe80::1]:2222")
