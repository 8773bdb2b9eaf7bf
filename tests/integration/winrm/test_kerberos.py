"""Kerberos with a real KDC of MIT's: sealed messages, binding to TLS, and what its failures are called."""

import shutil
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import winrm

from mspctl.model.failure import Failure
from mspctl.model.inventory import Scheme
from mspctl.testing.kerberos import REALM, KerberosRealm
from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.windows import Done, WindowsHost
from tests.e2e.cli import Cli
from tests.integration.winrm.rogue import Rogue
from tests.integration.winrm.talking import (
    MEMBER,
    SERVICE,
    WORD,
    assert_failure,
    binding,
    connect,
    member,
    whole_talk,
)


@pytest.fixture
def domain(
    realm: KerberosRealm, host: WindowsHost, monkeypatch: pytest.MonkeyPatch, tickets: str
) -> Iterator[WinrmEndpoint]:
    """A member of the domain, over HTTP."""
    monkeypatch.setenv("KRB5CCNAME", tickets)
    with WinrmEndpoint(host, kinds=("Negotiate",), keytab=realm.keytab_of(SERVICE)) as served:
        yield served


def test_pywinrm_unchanged_is_let_in(domain: WinrmEndpoint) -> None:
    url = f"http://localhost:{domain.port}/wsman"
    asked = winrm.Session(
        url, (f"{MEMBER}@{REALM}", ""), transport="kerberos", server_cert_validation="ignore"
    )
    assert asked.run_cmd("whoami").std_out == b"emulated\\vagrant\r\n"


def test_a_ticket_is_enough_and_every_message_is_sealed(domain: WinrmEndpoint) -> None:
    said, status, trips = whole_talk(member(domain.port))
    assert (said, status) == (["ok"] * 20, 0)
    assert trips <= 8, domain.actions


def test_over_tls_the_login_is_bound_to_the_certificate(
    realm: KerberosRealm,
    host: WindowsHost,
    certificate: tuple[Path, str],
    monkeypatch: pytest.MonkeyPatch,
    tickets: str,
) -> None:
    monkeypatch.setenv("KRB5CCNAME", tickets)
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(certificate[0])
    keytab, bound = realm.keytab_of(SERVICE), binding(certificate)
    with WinrmEndpoint(host, tls=settings, kinds=("Negotiate",), keytab=keytab, binding=bound) as strict:
        there = member(strict.port, Scheme.HTTPS, tls_fingerprint=certificate[1])
        assert whole_talk(there, 1)[:2] == (["ok"], 0)
        strict.doors = replace(strict.doors, binding=bound[:-1] + b"?")
        assert_failure(connect(there), "auth")
        monkeypatch.setenv("KRB5CCNAME", f"FILE:{settings}")
        without = connect(there)
        assert_failure(without, "auth")
        assert isinstance(without, Failure)
        assert "kinit" in without.remedy


def test_a_keytab_of_ours_needs_no_kinit(
    domain: WinrmEndpoint, realm: KerberosRealm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(realm.keytab_of(MEMBER)))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'none yet'}")
    said, status, _ = whole_talk(member(domain.port), 1)
    assert (said, status) == (["ok"], 0)


def test_the_ticket_of_each_user_is_found_among_others(
    domain: WinrmEndpoint, realm: KerberosRealm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, cache in (
        ("tkt1", realm.ticket("other", WORD, "o")),
        ("tkt2", realm.ticket(MEMBER, WORD, "m")),
    ):
        shutil.copy(cache.removeprefix("FILE:"), tmp_path / name)
    (tmp_path / "primary").write_text("tkt1\n")
    monkeypatch.setenv("KRB5CCNAME", f"DIR:{tmp_path}")
    assert whole_talk(member(domain.port), 1)[:2] == (["ok"], 0)


CLIENT = """client: acme
defaults: {{connection: winrm, scheme: http, auth: kerberos, user: {user}, os: windows}}
sites: {{hq: {{hosts: {{dc1: {{address: localhost, port: {port}, patching: {{reboot: if-needed}}}}}}}}}}
"""


def well(_step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - a Module's shape
    return Done("ok")


def test_a_host_is_patched_by_ticket_alone(realm: KerberosRealm, tickets: str, tmp_path: Path) -> None:
    inventory = tmp_path / "project" / "inventory"
    (inventory / "clients").mkdir(parents=True)
    (inventory / "mspctl.yml").write_text("name: The Provider\n")
    cli = Cli(tmp_path / "project", tmp_path / "state")
    windows = WindowsHost(
        dict.fromkeys(("facts", "probes", "packages", "reboot", "updates", "hook", "disk"), well)
    )
    with WinrmEndpoint(windows, kinds=("Negotiate",), keytab=realm.keytab_of(SERVICE)) as served:
        text = CLIENT.format(user=f"{MEMBER}@{REALM}", port=served.port)
        (inventory / "clients" / "acme.yml").write_text(text)
        without = cli("patch", "--client", "acme", environment={**cli.environment, **realm.environment})
        assert (without.returncode, windows.started) == (1, [])
        cli.environment |= {**realm.environment, "KRB5CCNAME": tickets}
        done = cli("patch", "--client", "acme")
        assert done.returncode == 0, done.stdout + done.stderr
        assert (windows.spools, served.shells.open) == (0, 0)
    (row,) = cli.last()["hosts"]
    assert (row["outcome"], "packages" in windows.started) == ("ok", True)


@pytest.mark.usefixtures("domain")
def test_who_cannot_prove_to_be_the_host_gets_no_work() -> None:
    with Rogue("lets everybody in") as rogue:
        assert_failure(connect(member(rogue.port)), "hostile-answer")
    assert b"Envelope" not in rogue.heard


@pytest.mark.parametrize(
    ("reason", "remedy", "case"),
    [
        ("clock-skew", "clock", "moved"),
        ("auth", "kinit", "no ticket"),
        ("auth", "setspn", "by its number"),
        ("auth", "winrm get", "with keys the host does not have"),
        ("kdc", "port 88", "no KDC"),
    ],
)
def test_failures(
    domain: WinrmEndpoint,
    realm: KerberosRealm,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    reason: str,
    remedy: str,
    case: str,
) -> None:
    address = "localhost"
    match case:
        case "moved":
            monkeypatch.setenv("KRB5CCNAME", realm.clock_moved(realm.ticket(MEMBER, WORD, "early"), 7200))
        case "no ticket":
            monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'none'}")
        case "by its number":
            address = "127.0.0.1"
        case "with keys the host does not have":
            domain.doors = replace(domain.doors, keytab=realm.keytab_of("HTTP/other"))
        case "no KDC":
            monkeypatch.setenv("KRB5CCNAME", realm.ticket(MEMBER, WORD, "fresh"))
            text = (realm.folder / "krb5.conf").read_text()
            (tmp_path / "krb5.conf").write_text(
                text.replace(f"kdc = 127.0.0.1:{realm.port}", "kdc = 127.0.0.1:1")
            )
            monkeypatch.setenv("KRB5_CONFIG", str(tmp_path / "krb5.conf"))
    got = connect(member(domain.port, address=address))
    assert_failure(got, reason)
    assert isinstance(got, Failure)
    assert remedy in got.remedy, got
