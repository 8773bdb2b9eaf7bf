"""Every question, asked to real servers that are well, and to ones that are not."""

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mspctl.model.monitoring import Probe, ProbeKind, Sample, Seen
from mspctl.monitor.probing.ask import ask, ask_all
from mspctl.monitor.probing.certificate import lifetime
from mspctl.monitor.probing.dns import _read
from mspctl.monitor.probing.http import _link
from mspctl.testing.sshd import Sshd, free_port
from tests.architecture.source import ROOT
from tests.integration.monitor.servers import Site, mail_server, make_certificate, name_server, site


def seen(kind: str, target: str, expect: str = "", server: str = "", timeout: float = 3.0) -> tuple[str, str]:
    first = ask(Probe("p", ProbeKind(kind), target, expect, server, timeout=timeout))[0]
    assert first.key == "p"
    return first.seen.value, first.detail


@pytest.fixture(scope="module")
def shop() -> Iterator[Site]:
    with site() as server:
        yield server


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = make_certificate(tmp_path / "server.pem", days=90, left=60)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return file


@pytest.mark.parametrize(
    ("path", "expect", "expected"),
    [
        ("/", "", ("up", "status 200, 28 bytes")),
        ("/", "Welcome", ("up", "status 200, 28 bytes")),
        ("/go", "Welcome", ("up", "status 200, 28 bytes")),
        ("/", "Farewell", ("down", "status 200, but `Farewell` is not in the page")),
        ("/status/500", "Welcome", ("down", "status 500")),
        ("/status/404", "", ("down", "status 404")),
        ("/loop", "", ("down", "redirected more than 5 times")),
    ],
)
def test_http(shop: Site, path: str, expect: str, expected: tuple[str, str]) -> None:
    assert seen("http", f"http://localhost:{shop.port}{path}", expect) == expected


def test_https_and_its_certificate(certificate: Path) -> None:
    with site(certificate) as server:
        probe = Probe("shop", ProbeKind.HTTP, f"https://localhost:{server.port}/", "Welcome")
        page, shown = ask(probe)
        assert (page.seen, shown.seen, shown.key) == (Seen.UP, Seen.UP, "shop:certificate")
        assert shown.detail.endswith("60 of 90 days left")
        (channel, again) = ask(Probe("shop", ProbeKind.TLS, f"localhost:{server.port}"))
        assert channel.detail.startswith(f"port {server.port} speaks TLSv1.")
        assert again.detail == shown.detail
        assert seen("tls", f"127.0.0.1:{server.port}")[1].count("IP address mismatch") == 1


def test_a_certificate_of_nobody_we_know_is_down(tmp_path: Path) -> None:
    with site(make_certificate(tmp_path / "own.pem", days=90, left=60)) as server:
        for kind, target in (
            ("http", f"https://localhost:{server.port}/"),
            ("tls", f"localhost:{server.port}"),
        ):
            word, detail = seen(kind, target)
            assert (word, "the certificate is not valid: self-signed" in detail) == ("down", True)


@pytest.mark.parametrize(
    ("days", "left", "expected"),
    [
        (90, 31, "up"),
        (90, 29, "warning"),
        (90, 14, "down"),
        (365, 60, "down"),
        (365, 62, "warning"),
        (30, 6, "down"),
        (6, 3, "up"),
        (6, 1.5, "warning"),
        (6, 0.5, "down"),
        (90, -1, "down"),
    ],
)
def test_what_is_left_counts_by_its_share(days: float, left: float, expected: str) -> None:
    now = datetime.now(UTC)
    ends = now + timedelta(days=left)
    assert lifetime("k", ends - timedelta(days=days), ends, now).seen.value == expected


def test_smtp() -> None:
    with mail_server() as (_, port):
        word, detail = seen("smtp", f"127.0.0.1:{port}", "mail of the shop")
        assert (word, "mail of the shop" in detail) == ("up", True)
        assert seen("smtp", f"127.0.0.1:{port}", "other") == ("down", "`other` is not in its greeting")
    assert seen("smtp", f"127.0.0.1:{port}") == ("down", f"port {port}: connection refused")


def test_ssh_and_tcp(tmp_path: Path) -> None:
    with Sshd(tmp_path / "sshd") as server:
        target = f"127.0.0.1:{server.port}"
        assert seen("ssh", target)[1].startswith("SSH-2.0-OpenSSH")
        assert seen("ssh", target, "Dropbear")[0] == "down"
        assert seen("tcp", target) == ("up", f"port {server.port} accepts connections")
        assert seen("smtp", target, timeout=0.3)[0] == "down"
    assert seen("tcp", target) == ("down", f"port {server.port}: connection refused")
    assert seen("ssh", target) == ("down", f"port {server.port}: connection refused")


def test_dns(tmp_path: Path) -> None:
    if shutil.which("dnsmasq") is None:
        message = "this machine lacks dnsmasq"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with name_server(tmp_path) as port:
        server = f"127.0.0.1:{port}"
        for target, expect, expected in (
            ("shop.example", "", ("up", "shop.example is 192.0.2.7")),
            ("shop.example", "192.0.2.7", ("up", "shop.example is 192.0.2.7")),
            ("shop.example", "192.0.2.8", ("down", "shop.example: it is 192.0.2.7, not 192.0.2.8")),
            ("www.example", "192.0.2.7", ("up", "www.example is 192.0.2.7")),
            ("shop.example AAAA", "", ("up", "shop.example is 2001:db8::7")),
            ("shop.example MX", "10 mail.shop.example", ("up", "shop.example is 10 mail.shop.example")),
            ("nowhere.example", "", ("down", "nowhere.example: there is no such name")),
            ("long.example TXT", "x" * 1200, ("up", "long.example is " + "x" * 200)),
            ("shop.example ANY", "", ("unknown", "ANY is no type that can be asked for")),
            ("x" * 64 + ".example", "", ("down", "the name server's answer makes no sense")),
        ):
            assert seen("dns", target, expect, server) == expected
    word, detail = seen("dns", "shop.example", server=server, timeout=1)
    assert (word, detail.startswith("the name server: ")) == ("down", True)


SILENT_RESOLVER = """
import socket, time
from mspctl.model.monitoring import Probe, ProbeKind
from mspctl.monitor.probing.ask import ask
silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
silent.bind(("127.0.0.1", 53))
begun = time.monotonic()
for kind, target in (("http", "http://shop.example/"), ("ping", "shop.example"), ("ssh", "shop.example")):
    print(ask(Probe("p", ProbeKind(kind), target, timeout=0.3))[0].detail)
print(time.monotonic() - begun < 9)
import os; os._exit(0)  # as the command line does: the system's resolver is still waiting
"""


def test_a_resolver_that_is_silent_does_not_hold_us(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may have a resolver of its own")
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    (tmp_path / "ask.py").write_text(SILENT_RESOLVER)
    script = "ip link set lo up; mount --bind $1/resolv.conf /etc/resolv.conf; exec $2 $1/ask.py"
    done = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-ec", script, "sh", str(tmp_path), sys.executable],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    told = ["no answer in time", "no answer in time", "port 22: no answer in time", "True"]
    assert done.stdout.splitlines() == told, done.stderr


def test_ping() -> None:
    answers = ask(Probe("gw", ProbeKind.PING, "127.0.0.1", timeout=2))[0]
    if answers.seen is Seen.UNKNOWN:
        assert "ping_group_range" in answers.detail
        return
    assert answers.seen is Seen.UP
    assert dict(answers.metrics)["rtt_seconds"] < 2
    assert seen("ping", "nowhere.invalid", timeout=40) == ("down", "the name cannot be resolved")
    assert seen("ping", "::1")[0] in {"up", "down"}


@contextmanager
def stubborn(*chunks: bytes, every: float = 0.05) -> Iterator[int]:
    """A server that says these, one after the other, again and again, and never what is asked."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        over = threading.Event()

        def serve() -> None:
            try:
                with listening.accept()[0] as wire:
                    while not over.wait(every):
                        for chunk in chunks:
                            wire.sendall(chunk)
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("kind", ["http", "tls", "smtp", "ssh"])
@pytest.mark.parametrize("chunk", [b"x", b"HTTP/1.0 200 OK\r\nx: y\r\n", b"220-", b""], ids=repr)
def test_who_speaks_for_ever_does_not_hold_us(kind: str, chunk: bytes) -> None:
    with stubborn(chunk) as port:
        target = f"http://127.0.0.1:{port}/" if kind == "http" else f"127.0.0.1:{port}"
        begun = time.monotonic()
        word, detail = seen(kind, target, timeout=0.3)
        assert (word, bool(detail)) == ("down", True)
        assert time.monotonic() - begun < 20


def test_a_greeting_does_not_steer_a_terminal() -> None:
    with stubborn(b"SSH-2.0-\x1b[31mred\x07\tx\n") as port:
        assert seen("ssh", f"127.0.0.1:{port}") == ("up", "SSH-2.0- [31mred x")


def test_other_lines_may_come_before_the_greeting() -> None:
    with stubborn(b"This system is watched.\r\nSSH-2.0-box\r\n") as port:
        assert seen("ssh", f"127.0.0.1:{port}") == ("up", "SSH-2.0-box")


def test_an_address_in_the_url_needs_no_port() -> None:
    assert _link(urlsplit("http://[2001:db8::beef]/")).port == 80
    assert _link(urlsplit("https://[2001:db8::beef]/")).port == 443
    assert _link(urlsplit("https://[2001:db8::beef]:8443/")).port == 8443


@given(st.binary(max_size=80))
def test_no_answer_of_a_name_server_breaks_us(content: bytes) -> None:
    answer = b"\0\0\x81\x80\0\1\0\2\0\0\0\0" + b"\1a\0\0\1\0\1" + content
    with suppress(ValueError, struct.error):
        _read(answer, 1, 7)


def test_an_address_of_five_bytes_is_no_answer_and_stops_no_round() -> None:
    record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\5abcde"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(30)

        def answer() -> None:
            query, client = server.recvfrom(512)
            server.sendto(query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + query[12:] + record, client)

        thread = threading.Thread(target=answer)
        thread.start()
        found = seen("dns", "a", server=f"127.0.0.1:{server.getsockname()[1]}", timeout=30)
        thread.join()
    assert found == ("down", "the name server's answer makes no sense")


def test_many_at_once_wait_together() -> None:
    closed = free_port()
    probes = [Probe(f"p{number}", ProbeKind.TCP, f"127.0.0.1:{closed}") for number in range(300)]
    with stubborn() as silent:
        probes += [
            Probe(f"s{number}", ProbeKind.SSH, f"127.0.0.1:{silent}", timeout=1) for number in range(20)
        ]
        begun = time.monotonic()
        found = ask_all(probes)
    assert time.monotonic() - begun < 15
    assert [each.key for each in found] == [probe.name for probe in probes]
    assert {each.seen for each in found} == {Seen.DOWN}
    assert isinstance(found[0], Sample)
