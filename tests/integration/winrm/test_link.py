"""Our transport against the endpoint: a bundle's conversation, requests counted, every fault told."""

import math
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.engine.assemble_windows import GATHER
from mspctl.engine.follow import Ended
from mspctl.model.failure import Failure
from mspctl.model.inventory import Host, Scheme, WinrmAuth
from mspctl.model.outcome import Outcome
from mspctl.model.secret import SecretRef
from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.spool import TICK
from mspctl.testing.winrm.troubles import drop, once
from mspctl.testing.winrm.windows import WindowsHost
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.channel import WinrmChannel
from mspctl.transports.winrm.link import WinrmLink
from mspctl.transports.winrm.service import OPERATION, READ
from mspctl.transports.winrm.transport import WinrmTransport
from tests.integration.winrm.talking import (
    Words,
    assert_failure,
    bundle,
    connect,
    hear,
    machine,
    self_signed,
    verdicts,
    whole_talk,
    windows,
)

# Steps, the seconds that each takes, and the requests: six, one for the first seconds, one for each minute.
PACES = ((20, 0.0, 7), (20, 0.1, 7), (20, 0.3, 8), (20, 2.5, 8), (200, 0.2, 8), (20, 5.0, 10))


def test_twenty_steps_take_at_most_eight_requests_however_long_they_pause() -> None:
    def one(pace: tuple[int, float, int]) -> tuple[int, int]:
        steps, pause, most = pace
        hurry = 30.0 if pause > 3 else 20.0 if pause * steps > 30 else 10.0
        host = windows(pause, hurry=hurry)
        begun = time.monotonic()
        with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
            said, status, _ = whole_talk(machine(served.port), steps)
            assert (said, status) == (["ok"] * steps, 0)
            assert (served.shells.open, host.spools) == (0, 0)
            return len(served.actions), max(most, allowed((time.monotonic() - begun) * hurry))

    with ThreadPoolExecutor(len(PACES)) as pool:
        taken = dict(zip(PACES, pool.map(one, PACES), strict=True))
    assert all(took <= most for took, most in taken.values()), taken


def allowed(seconds: float) -> int:
    """Requests for work of so many seconds by the host's clock, which a busy machine lets run on."""
    return 7 + (seconds > 6) + max(0, math.ceil((seconds - 63) / 57))


def test_a_worker_that_begins_late_is_waited_for() -> None:
    begun = time.monotonic()
    with WinrmEndpoint(windows(hurry=100, late=40), kinds=("Negotiate",)) as served:
        said, status, trips = whole_talk(machine(served.port))
    assert (said, status) == (["ok"] * 20, 0)
    assert 9 <= trips <= max(9, 1 + allowed((time.monotonic() - begun) * 100))


def test_a_poll_is_silent_and_its_connection_alive(endpoint: WinrmEndpoint) -> None:
    link = connect(machine(endpoint.port))
    assert isinstance(link, WinrmLink)
    (twin,) = link._session.wire._guards
    assert twin.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert twin.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15
    link.close()


def files_open() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_link_that_is_over_has_no_socket_left(
    endpoint: WinrmEndpoint, secure: WinrmEndpoint, certificate: tuple[Path, str]
) -> None:
    before = files_open()
    for _ in range(3):
        whole_talk(machine(endpoint.port), 1)
        whole_talk(machine(secure.port, Scheme.HTTPS, tls_fingerprint=certificate[1]), 1)
        assert_failure(connect(machine(endpoint.port), "wrong"), "auth")
    until = time.monotonic() + 5
    while files_open() > before and time.monotonic() < until:
        time.sleep(0.02)
    assert files_open() <= before


def test_a_poll_outlasts_what_the_host_gathers() -> None:
    assert GATHER[1] + TICK < OPERATION
    assert READ > OPERATION


@pytest.mark.parametrize("auth", [WinrmAuth.BASIC, WinrmAuth.NTLM])
def test_https_with_a_pinned_certificate(
    secure: WinrmEndpoint, certificate: tuple[Path, str], auth: WinrmAuth, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = machine(secure.port, Scheme.HTTPS, auth=auth, tls_fingerprint=certificate[1])
    said, status, trips = whole_talk(host, 2)
    assert (said, status, trips <= 8) == (["ok", "ok"], 0, True)
    wrong = machine(secure.port, Scheme.HTTPS, tls_fingerprint="00" * 32)
    assert_failure(connect(wrong), "host-key-changed")
    by_no_authority = machine(secure.port, Scheme.HTTPS)
    assert_failure(connect(by_no_authority), "tls")
    by_its_own = machine(
        secure.port, Scheme.HTTPS, address="localhost", tls_ca=SecretRef("file", str(certificate[0]))
    )
    assert_failure(
        connect(replace(by_its_own, access=replace(by_its_own.access, address="127.0.0.1"))), "tls"
    )
    link = connect(by_its_own)
    assert isinstance(link, WinrmLink), link
    assert link.fingerprint == f"SHA256:{certificate[1]}"
    link.close()
    # The authorities of this machine are those of its OpenSSL.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    link = connect(machine(secure.port, Scheme.HTTPS, address="localhost"))
    assert isinstance(link, WinrmLink), link
    link.close()


def test_a_certificate_is_a_login_too(
    host: WindowsHost, certificate: tuple[Path, str], tmp_path: Path
) -> None:
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(certificate[0])
    settings.verify_mode = ssl.CERT_OPTIONAL
    settings.load_verify_locations(certificate[0])

    def shown(port: int, path: Path) -> Host:
        files = {"certificate": SecretRef("file", str(path)), "identity": SecretRef("file", str(path))}
        more = {"auth": WinrmAuth.CERTIFICATE, "user": "", "password": None}
        return machine(port, Scheme.HTTPS, tls_fingerprint=certificate[1], **files, **more)

    with WinrmEndpoint(host, tls=settings, kinds=("Certificate",)) as mutual:
        said, status, trips = whole_talk(shown(mutual.port, certificate[0]), 20)
        assert (said, status, trips <= 8) == (["ok"] * 20, 0, True)
        foreign, _ = self_signed(tmp_path, "foreign")
        refused = connect(shown(mutual.port, foreign))
        assert isinstance(refused, Failure)
        assert "certmapping" in refused.remedy, refused
        settings.verify_mode = ssl.CERT_NONE
        assert_failure(connect(shown(mutual.port, certificate[0])), "auth")


def test_credssp_goes_sealed_and_in_pieces(host: WindowsHost) -> None:
    with WinrmEndpoint(host, kinds=("CredSSP",)) as served:
        there = machine(served.port, auth=WinrmAuth.CREDSSP)
        said, status, trips = whole_talk(there, 20)
        assert (said, status, trips <= 8) == (["ok"] * 20, 0, True)
        assert_failure(connect(there, "wrong"), "auth")
        served.doors = replace(served.doors, kinds=("Negotiate",))
        assert_failure(connect(there), "auth")


def test_a_wrong_password_and_a_dead_port(endpoint: WinrmEndpoint) -> None:
    assert_failure(connect(machine(endpoint.port), "wrong"), "auth")
    assert_failure(connect(machine(1)), "refused")


def test_a_lost_link_is_followed_by_attaching_from_the_byte(
    endpoint: WinrmEndpoint, host: WindowsHost
) -> None:
    endpoint.trouble = once(drop, "Receive")
    link = connect(machine(endpoint.port))
    assert isinstance(link, WinrmLink)
    channel = link.start(bundle(3))
    assert isinstance(channel, WinrmChannel)
    _, ending = hear(channel)
    link.close()
    assert_failure(ending, "link-lost", Outcome.LOST)
    again = connect(machine(endpoint.port))
    assert isinstance(again, WinrmLink)
    second = again.start(bundle(3, mode="attach"))
    assert isinstance(second, WinrmChannel)
    frames, ending = hear(second)
    again.close()
    assert isinstance(ending, Ended)
    assert verdicts(frames) == ["ok"] * 3
    assert host.started == ["facts"] * 3


def test_a_used_up_or_killed_shell_is_opened_anew() -> None:
    with WinrmEndpoint(WindowsHost({}), kinds=("Negotiate",), quotas=(30, 1)) as scarce:
        link = connect(machine(scarce.port))
        assert isinstance(link, WinrmLink)
        for _ in range(2):
            assert isinstance(link.start(bundle(1)), WinrmChannel)
        scarce.shells.kill()
        assert isinstance(link.start(bundle(1)), WinrmChannel)
        link.close()
        assert scarce.shells.open == 0


def test_a_shell_of_a_lost_link_is_closed_by_the_next_one() -> None:
    transport = WinrmTransport(secrets=Words(), known_hosts=KnownHosts("acme"))
    with WinrmEndpoint(WindowsHost({}), kinds=("Negotiate",), quotas=(1, 1500)) as scarce:
        for _ in range(3):
            link = transport.connect(machine(scarce.port))
            assert isinstance(link, WinrmLink), link
            link._session.abort()
            link.close()
        assert scarce.shells.open == 1
        link = transport.connect(machine(scarce.port))
        assert isinstance(link, WinrmLink)
        link.close()
        assert scarce.shells.open == 0
