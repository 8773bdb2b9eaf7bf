"""`mspctl trust` for the certificates of Windows hosts: shown, pinned, replaced, revoked."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Scheme
from mspctl.testing.winrm.endpoint import USER, WinrmEndpoint
from mspctl.testing.winrm.windows import WindowsHost
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.link import WinrmLink
from mspctl.transports.winrm.transport import WinrmTransport
from tests.e2e.cli import Cli
from tests.integration.winrm.talking import Words, assert_failure, machine, self_signed


@pytest.fixture
def settings() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


@pytest.fixture
def served(
    host: WindowsHost, settings: ssl.SSLContext, certificate: tuple[Path, str]
) -> Iterator[WinrmEndpoint]:
    settings.load_cert_chain(certificate[0])
    with WinrmEndpoint(host, tls=settings) as endpoint:
        yield endpoint


@pytest.fixture
def cli(tmp_path: Path, served: WinrmEndpoint, certificate: tuple[Path, str]) -> Cli:
    clients = tmp_path / "project" / "inventory" / "clients"
    clients.mkdir(parents=True)
    (clients.parent / "mspctl.yml").write_text("name: Test Services\n")
    foreign, _ = self_signed(tmp_path, "foreign")
    at = f"address: 127.0.0.1, port: {served.port}"
    (clients / "acme.yml").write_text(
        "client: acme\nname: Acme\ntimezone: Europe/Berlin\n"
        f'defaults: {{user: {USER}, password: "env:WORD", connection: winrm, os: windows, shared: true}}\n'
        "sites:\n  hq:\n    hosts:\n"
        f"      dc1: {{{at}}}\n"
        f"      named: {{{at}, tls_fingerprint: {certificate[1]}}}\n"
        f"      other: {{{at}, tls_fingerprint: {'00' * 32}}}\n"
        f'      signed: {{address: localhost, port: {served.port}, tls_ca: "file:{certificate[0]}"}}\n'
        f'      foreign: {{address: localhost, port: {served.port}, tls_ca: "file:{foreign}"}}\n'
        "      plain: {address: 127.0.0.1, port: 5985, scheme: http}\n"
    )
    return Cli(tmp_path / "project", tmp_path / "state")


def connect(cli: Cli, port: int) -> WinrmLink | Failure:
    known = KnownHosts.read("acme", cli.project / "inventory" / "known_hosts" / "acme")
    return WinrmTransport(secrets=Words(), known_hosts=known).connect(machine(port, Scheme.HTTPS))


def test_a_certificate_is_pinned_and_held_to(
    cli: Cli,
    served: WinrmEndpoint,
    settings: ssl.SSLContext,
    certificate: tuple[Path, str],
    tmp_path: Path,
) -> None:
    shown = f"SHA256:{certificate[1]}"
    unknown = connect(cli, served.port)
    assert_failure(unknown, "tls")
    assert isinstance(unknown, Failure)
    assert "mspctl trust --client acme dc1" in unknown.remedy
    told = cli("--json", "trust", "--client", "acme")
    assert told.returncode == 1
    rows = {row["host"]: row for row in json.loads(told.stdout)["hosts"]}
    assert {name: (row["verdict"], row["reason"]) for name, row in rows.items()} == {
        "dc1": ("unknown", None),
        "named": ("known", None),
        "other": (None, "host-key-changed"),
        "signed": ("known", None),
        "foreign": (None, "tls"),
    }
    assert rows["dc1"]["keys"] == [{"type": "x509", "fingerprint": shown}]

    assert cli("trust", "--client", "acme", "--yes", "dc1").returncode == 0
    link = connect(cli, served.port)
    assert isinstance(link, WinrmLink), link
    assert link.fingerprint == shown
    link.close()

    path, fresh = self_signed(tmp_path, "fresh")
    settings.load_cert_chain(path)
    changed = connect(cli, served.port)
    assert_failure(changed, "host-key-changed")
    assert isinstance(changed, Failure)
    assert f"SHA256:{fresh}" in changed.detail
    assert shown in changed.detail
    assert served.actions == ["Create", "Delete"], "nothing was sent to a host that shows another certificate"
    refused = cli("trust", "--client", "acme", "--yes", "dc1")
    assert (refused.returncode, "CHANGED" in refused.stdout) == (1, True)
    assert cli("trust", "--client", "acme", "--yes", "--replace", "dc1").returncode == 0
    pins = cli.project / "inventory" / "known_hosts" / "acme"
    link = connect(cli, served.port)
    assert isinstance(link, WinrmLink), link
    link.close()
    pins.write_text(pins.read_text() + f"@revoked * {pins.read_text().partition(' ')[2]}")
    assert_failure(connect(cli, served.port), "host-key-revoked")


def test_a_login_whose_library_is_not_installed_says_which(cli: Cli, tmp_path: Path) -> None:
    for name in ("kerberos", "winkerberos", "requests_credssp"):
        (tmp_path / "without" / name).mkdir(parents=True)
        (tmp_path / "without" / name / "__init__.py").write_text("raise ImportError")
    file = cli.project / "inventory" / "clients" / "acme.yml"
    head, _, _ = file.read_text().partition("      dc1:")
    rows = "".join(
        f"      {auth}: {{address: 127.0.0.1, port: 9, scheme: http, auth: {auth}}}\n"
        for auth in ("kerberos", "credssp")
    )
    file.write_text(head + rows)
    cli.environment |= {"WORD": "x", "PYTHONPATH": f"{tmp_path / 'without'}:{cli.environment['PYTHONPATH']}"}
    said = cli("health", "--client", "acme")
    assert (said.returncode, said.stderr) == (1, "")
    for auth in ("kerberos", "credssp"):
        assert f"{auth}: failed (unsupported)" in said.stdout
        assert f"mspctl[{auth}]" in said.stdout
