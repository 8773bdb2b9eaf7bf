"""Our transport against the endpoint: a bundle's conversation, requests counted, every fault told."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from mspctl.engine.follow import Allowance, Ended, Ending, follow
from mspctl.engine.frames import Frame
from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, ConnectionKind, Deadlines, Host, Scheme, WinrmAuth
from mspctl.model.outcome import Outcome
from mspctl.model.secret import Secret, SecretRef
from mspctl.ports import Channel
from mspctl.testing.winrm import soap
from mspctl.testing.winrm.endpoint import PASSWORD, USER, WinrmEndpoint
from mspctl.testing.winrm.soap import Request
from mspctl.testing.winrm.windows import WindowsHost
from mspctl.transports.winrm.channel import WinrmChannel
from mspctl.transports.winrm.link import WinrmLink
from mspctl.transports.winrm.transport import WinrmTransport
from mspctl.wiring.clock import SystemClock

NONCE = "5f" * 16


class Words:
    """A secret source with one password and files by path."""

    def __init__(self, password: str = PASSWORD) -> None:
        self._password = password

    def resolve(self, ref: SecretRef) -> Secret:
        return Secret(self._password if ref.scheme == "env" else Path(ref.path).read_bytes())


def machine(port: int, scheme: Scheme = Scheme.HTTP, **more: object) -> Host:
    access = Access(
        ConnectionKind.WINRM,
        "127.0.0.1",
        port,
        USER,
        password=SecretRef("env", "PASSWORD"),
        scheme=scheme,
        deadlines=Deadlines(connect=2, auth=3),
    )
    return Host("acme", "hq", "dc1", replace(access, **more))  # type: ignore[arg-type]


def connect(host: Host, password: str = PASSWORD) -> WinrmLink | Failure:
    return WinrmTransport(secrets=Words(password)).connect(host)


def bundle(steps: int, **more: object) -> bytes:
    listed = [{"index": index, "module": "facts", "params": {}} for index in range(steps)]
    asked = {"nonce": NONCE, "spool": "mspctl-1", "mode": "start", "steps": listed, **more}
    text = f"#mspctl {json.dumps(asked)}\n{'# padding' * 3000}\n#mspctl-end\n"
    return (text + ("worker\n#mspctl-end\n" if asked["mode"] == "start" else "")).encode()


def hear(channel: Channel) -> tuple[list[Frame], Ending]:
    frames: list[Frame] = []
    conversation = follow(channel, NONCE, SystemClock(), Allowance(), begin_within=10)
    while True:
        try:
            heard = next(conversation)
        except StopIteration as stopped:
            ending: Ending = stopped.value
            return frames, ending
        if isinstance(heard, Frame):
            frames.append(heard)


def verdicts(frames: list[Frame]) -> list[str]:
    return [frame.field(1) for frame in frames if frame.verb == "E"]


def whole_talk(host: Host, steps: int = 20) -> tuple[list[str], int | Failure | None, int]:
    link = connect(host)
    assert isinstance(link, WinrmLink), link
    channel = link.start(bundle(steps))
    assert isinstance(channel, WinrmChannel), channel
    frames, ending = hear(channel)
    assert isinstance(ending, Ended), (ending, channel.errors())
    channel.send(b"mspctl_acknowledge\n")
    channel.end()
    status = channel.exit_status(10)
    link.close()
    return verdicts(frames), status, link.round_trips


def test_twenty_steps_take_at_most_eight_requests(endpoint: WinrmEndpoint, host: WindowsHost) -> None:
    said, status, _ = whole_talk(machine(endpoint.port))
    assert (said, status) == (["ok"] * 20, 0)
    assert len(endpoint.actions) <= 8, endpoint.actions
    assert (endpoint.shells.open, host.spools) == (0, 0)


@pytest.mark.parametrize("auth", [WinrmAuth.BASIC, WinrmAuth.NTLM])
def test_https_with_a_pinned_certificate(
    secure: WinrmEndpoint, certificate: tuple[Path, str], auth: WinrmAuth
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
    link = connect(by_its_own)
    assert isinstance(link, WinrmLink), link
    assert link.fingerprint == f"SHA256:{certificate[1]}"
    link.close()


def assert_failure(got: object, reason: str, outcome: Outcome = Outcome.UNREACHABLE) -> None:
    assert isinstance(got, Failure), got
    assert (got.reason, got.outcome) == (reason, outcome), got
    assert got.remedy


def test_a_wrong_password_and_a_dead_port(endpoint: WinrmEndpoint) -> None:
    assert_failure(connect(machine(endpoint.port), "wrong"), "auth")
    assert_failure(connect(machine(1)), "refused")


def test_a_lost_link_is_followed_by_attaching_from_the_byte(
    endpoint: WinrmEndpoint, host: WindowsHost
) -> None:
    polls = 0

    def cut(exchange: BaseHTTPRequestHandler, request: Request) -> bool:
        nonlocal polls
        polls += request.action.endswith("/Receive")
        if polls == 1 and request.action.endswith("/Receive"):
            exchange.close_connection = True
            return True
        return False

    endpoint.trouble = cut
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


def page(exchange: BaseHTTPRequestHandler, content: bytes, kind: str, status: int = 200) -> bool:
    exchange.send_response(status)
    exchange.send_header("Content-Type", kind)
    exchange.send_header("Content-Length", str(len(content)))
    exchange.end_headers()
    exchange.wfile.write(content)
    return True


def redirect(exchange: BaseHTTPRequestHandler) -> bool:
    exchange.send_response(302)
    exchange.send_header("Location", "http://127.0.0.1:1/elsewhere")
    exchange.send_header("Content-Length", "0")
    exchange.end_headers()
    return True


def drip(exchange: BaseHTTPRequestHandler) -> bool:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\n")
    try:
        for number in range(200):
            exchange.wfile.write(f"X-{number}: 1\r\n".encode())
            exchange.wfile.flush()
            time.sleep(0.1)
    except OSError:
        exchange.close_connection = True
    return True


def flood(exchange: BaseHTTPRequestHandler) -> bool:
    exchange.send_response(200)
    exchange.send_header("Content-Type", "application/soap+xml")
    exchange.send_header("Content-Length", str(100_000_000))
    exchange.end_headers()
    try:
        for _ in range(1600):
            exchange.wfile.write(b" " * 62_500)
    except OSError:
        exchange.close_connection = True
    return True


BOMB = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
FAULTS: dict[str, Callable[[BaseHTTPRequestHandler], bool]] = {
    "proxy-page": lambda exchange: page(exchange, b"<html>Log in</html>", "text/html"),
    "hostile-answer": lambda exchange: page(exchange, BOMB, "application/soap+xml"),
    "not-winrm": lambda exchange: page(exchange, b"", "text/plain", 404),
    "forbidden": lambda exchange: page(exchange, b"", "text/plain", 403),
    "server-error": lambda exchange: page(exchange, b"", "text/plain", 500),
    "redirected": redirect,
    "max-answer": flood,
    "timeout-auth": drip,
}


@pytest.mark.parametrize("reason", FAULTS)
def test_each_fault_has_its_reason_in_bounded_time(endpoint: WinrmEndpoint, reason: str) -> None:
    endpoint.trouble = lambda exchange, _request: FAULTS[reason](exchange)
    began = time.monotonic()
    assert_failure(connect(machine(endpoint.port)), reason)
    assert time.monotonic() - began < 8


def test_a_full_host_says_so() -> None:
    with WinrmEndpoint(WindowsHost({}), kinds=("Negotiate",), quotas=(0, 1500)) as full:
        assert_failure(connect(machine(full.port)), "quota", Outcome.FAILED)


def test_access_denied_names_the_filter_policy(endpoint: WinrmEndpoint) -> None:
    def denied(_request: Request) -> tuple[int, bytes]:
        return 500, soap.fault(Request("", ""), soap.Fault(5, "Access is denied.", "w:AccessDenied"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(endpoint, "answer", denied)
        got = connect(machine(endpoint.port))
    assert_failure(got, "privilege", Outcome.FAILED)
    assert isinstance(got, Failure)
    assert "LocalAccountTokenFilterPolicy" in got.remedy


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


def test_a_hundred_hosts_at_once_lose_nothing(host: WindowsHost) -> None:
    with WinrmEndpoint(host, kinds=("Negotiate",), quotas=(100, 1500)) as served:

        def one(number: int) -> tuple[list[str], object]:
            said, status, _ = whole_talk_as(served.port, f"mspctl-{number}")
            return said, status

        with ThreadPoolExecutor(100) as pool:
            results = list(pool.map(one, range(100)))
    assert results == [(["ok"] * 5, 0)] * 100


def whole_talk_as(port: int, spool: str) -> tuple[list[str], int | Failure | None, int]:
    link = connect(machine(port, deadlines=Deadlines(30, 30, 30)))
    assert isinstance(link, WinrmLink), link
    channel = link.start(bundle(5, spool=spool))
    assert isinstance(channel, WinrmChannel), channel
    frames, ending = hear(channel)
    assert isinstance(ending, Ended), ending
    channel.send(b"mspctl_acknowledge\n")
    channel.end()
    status = channel.exit_status(20)
    link.close()
    return verdicts(frames), status, link.round_trips
