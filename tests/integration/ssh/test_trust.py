"""`mspctl trust` on real servers: shows, pins, replaces, and trusts nothing by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mspctl.testing.sshd import Sshd, free_port, make_key


@pytest.fixture
def project(tmp_path: Path, sshd: Sshd) -> Path:
    folder = tmp_path / "project"
    (folder / "inventory" / "clients").mkdir(parents=True)
    (folder / "inventory" / "mspctl.yml").write_text("name: Test Services\n")
    (folder / "inventory" / "clients" / "acme.yml").write_text(
        "client: acme\nname: Acme\ntimezone: Europe/Berlin\n"
        f'defaults: {{user: {sshd.user}, identity: "file:{sshd.client_key}", become: none}}\n'
        "sites:\n  hq:\n    hosts:\n"
        f"      web1: {{address: 127.0.0.1, port: {sshd.port}}}\n"
        f"      dead: {{address: 127.0.0.1, port: {free_port()}}}\n"
    )
    return folder


def trust(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mspctl", "--project", str(project), *words],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=150,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )


def pins(project: Path) -> list[str]:
    path = project / "inventory" / "known_hosts" / "acme"
    return path.read_text().splitlines() if path.exists() else []


def test_it_shows_and_pins_nothing_by_itself(project: Path, sshd: Sshd) -> None:
    done = trust(project, "trust", "--client", "acme", "web1")
    assert done.returncode == 1, done.stderr
    assert sshd.fingerprint in done.stdout
    assert "new" in done.stdout
    assert pins(project) == []
    assert "mspctl trust --client acme --yes web1" in done.stderr


def test_it_pins_when_told_and_then_agrees(project: Path, sshd: Sshd) -> None:
    assert trust(project, "trust", "--client", "acme", "--yes", "web1").returncode == 0
    assert pins(project) == [sshd.known_hosts_line]
    again = trust(project, "--json", "trust", "--client", "acme", "web1")
    assert again.returncode == 0
    (host,) = json.loads(again.stdout)["hosts"]
    assert (host["verdict"], host["pinned_now"]) == ("known", False)
    assert host["keys"] == [{"type": "ssh-ed25519", "fingerprint": sshd.fingerprint}]


def test_a_changed_key_needs_replace(project: Path, sshd: Sshd) -> None:
    trust(project, "trust", "--client", "acme", "--yes", "web1")
    old, old_print = pins(project), sshd.fingerprint
    make_key(sshd.folder / "host_key", "ed25519")
    sshd.stop()
    sshd.start()
    refused = trust(project, "trust", "--client", "acme", "--yes", "web1")
    assert refused.returncode == 1
    assert old_print in refused.stdout
    assert sshd.fingerprint in refused.stdout
    assert "CHANGED" in refused.stdout
    assert pins(project) == old
    assert trust(project, "trust", "--client", "acme", "--replace", "--yes", "web1").returncode == 0
    assert pins(project) == [sshd.known_hosts_line]


def test_a_host_that_is_down_is_said_and_the_others_are_pinned(project: Path, sshd: Sshd) -> None:
    done = trust(project, "trust", "--client", "acme", "--yes")
    assert done.returncode == 1
    assert "refused" in done.stdout
    assert pins(project) == [sshd.known_hosts_line]


def test_nobody_is_logged_in(project: Path, sshd: Sshd) -> None:
    trust(project, "trust", "--client", "acme", "--yes", "web1")
    assert "Accepted" not in sshd.log
    assert "Failed" not in sshd.log


def test_an_unknown_host_gets_a_hint(project: Path) -> None:
    done = trust(project, "trust", "--client", "acme", "wbe1")
    assert done.returncode == 2
    assert "web1" in done.stderr


def test_a_host_that_its_authority_vouches_for_needs_no_pin(project: Path, sshd: Sshd) -> None:
    ca = sshd.folder / "ca"
    make_key(ca, "ed25519")
    sign = [
        "ssh-keygen",
        "-q",
        "-s",
        str(ca),
        "-I",
        "t",
        "-h",
        "-n",
        "127.0.0.1",
        str(sshd.folder / "host_key.pub"),
    ]
    subprocess.run(sign, check=True)
    sshd.stop()
    sshd.options = (f"HostCertificate {sshd.folder / 'host_key-cert.pub'}",)
    sshd.start()
    path = project / "inventory" / "known_hosts" / "acme"
    path.parent.mkdir()
    public = ca.with_suffix(".pub").read_text()
    path.write_text(f"@cert-authority [127.0.0.1]:{sshd.port} {public}")
    done = trust(project, "trust", "--client", "acme", "--yes", "web1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "vouched" in done.stdout
    assert len(pins(project)) == 1
