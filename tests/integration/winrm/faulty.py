"""A host with one thing wrong, and what the engine makes of it: the rows of the table of faults."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mspctl.model.failure import Failure
from mspctl.model.inventory import Deadlines, Host, Scheme, WinrmAuth
from mspctl.model.outcome import Outcome
from mspctl.testing.winrm import soap, troubles
from mspctl.testing.winrm.endpoint import Trouble, WinrmEndpoint
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.troubles import Answer, always, from_then_on, once
from mspctl.testing.winrm.windows import Done, WindowsHost
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.transport import WinrmTransport
from tests.integration.winrm.engine import run
from tests.integration.winrm.talking import Words, machine, windows

STEPS = 3
XML = "application/soap+xml"
UNSEALED = soap.envelope(soap.Request("", ""), "x", "")
QUICK = Deadlines(connect=10, auth=20, run=60, reboot=2.5, lock_wait=1)
IN_PLACE: dict[str, Answer] = {
    "a dropped connection": troubles.drop,
    "a login page": troubles.page(troubles.PAGE, "text/html"),
    "a login page that calls itself XML": troubles.page(troubles.PAGE, XML),
    "a bomb of entities": troubles.page(troubles.BOMB, XML),
    "an answer nested too deep": troubles.page(b"<a>" * 100_000, XML),
    "no XML": troubles.page(b"moved", XML),
    "an answer in the clear": troubles.page(UNSEALED, XML),
    "401": troubles.page(b"", "text/plain", 401),
    "403": troubles.page(b"", "text/plain", 403),
    "404": troubles.page(b"", "text/plain", 404),
    "500": troubles.page(b"", "text/plain", 500),
    "503, WinRM stopped": troubles.page(b"", "text/plain", 503),
    "502, a proxy's page": troubles.page(troubles.PAGE, "text/plain", 502),
    "407, a proxy's login": troubles.page(b"", "text/plain", 407),
    "a redirect": troubles.redirect("http://127.0.0.1:1/elsewhere"),
    "100 MB": troubles.flood,
    "no such shell": troubles.fault(soap.UNKNOWN_SHELL, "The shell was not found on the server"),
    "aborted": troubles.fault(soap.ABORTED, "The I/O operation has been aborted"),
    "quota of operations": troubles.fault(soap.MAX_OPERATIONS, "The maximum number is exceeded"),
    "access denied": troubles.fault(5, "Access is denied."),
}
"""What may come in the place of any answer."""


@dataclass(frozen=True)
class Room:
    """What a row may need: a certificate that nobody vouches for, and a host for which our clock is wrong."""

    certificate: tuple[Path, str]
    skewed: tuple[WinrmEndpoint, Host] | None

    def tls(self) -> ssl.SSLContext:
        """For an endpoint with that certificate."""
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.load_cert_chain(self.certificate[0])
        return settings


Play = Callable[[Room], Failure]


@dataclass(frozen=True)
class Fault:
    """How it is played, and the word that it must end in, with what its remedy names and within how long."""

    play: Play
    outcome: Outcome
    reason: str
    remedy: str = ""
    within: float = 30


def judged(
    host: WindowsHost,
    served: WinrmEndpoint,
    deadlines: Deadlines = QUICK,
    *,
    hurry: float = 1.0,
    poll_within: float = 20,
    password: str = "",
    **access: object,
) -> Failure:
    """The engine's word on a host, which must not have begun a step twice."""
    words = Words(password) if password else Words()
    transport = WinrmTransport(secrets=words, known_hosts=KnownHosts("acme"), poll_within=poll_within)
    there = machine(served.port, **{"deadlines": deadlines, **access})  # type: ignore[arg-type]
    word = run(there, transport, STEPS, hurry)
    assert len(host.started) <= STEPS
    return word


def struck(
    trouble: Trouble, pause: float = 0.0, deadlines: Deadlines = QUICK, poll_within: float = 20
) -> Failure:
    """A host with that trouble; `pause` as of its steps."""
    host = windows(pause)
    with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
        served.trouble = trouble
        return judged(host, served, deadlines, poll_within=poll_within)


def at_the_door(answer: Answer, deadlines: Deadlines = QUICK) -> Play:
    """From the first request after the login on."""
    return lambda _room: struck(always(answer), deadlines=deadlines)


def unheard(answer: Answer) -> Play:
    """From when the work was sent, before the host has said that it began."""
    return lambda _room: struck(from_then_on("Receive", answer), 20)


def midway(answer: Answer, deadlines: Deadlines = QUICK, poll_within: float = 20) -> Play:
    """After the host has said that it began."""
    return lambda _room: struck(from_then_on("Receive", answer, before=1), 20, deadlines, poll_within)


def passing(answer: Answer | None) -> Play:
    """Once only; None: all shells are killed, as when WinRM restarts."""

    def play(_room: Room) -> Failure:
        host = windows(8)
        with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
            served.trouble = once(answer or troubles.shells_killed(served), "Receive")
            word = judged(host, served, replace(QUICK, reboot=20))
            assert (host.started, host.spools, served.shells.open) == (["facts"] * STEPS, 0, 0)
        return word

    return play


def wrong_password(_room: Room) -> Failure:
    host = windows()
    with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
        return judged(host, served, password="wrong")


def full(shells: int, operations: int) -> Play:
    """With so many shells for us, and operations in each."""

    def play(_room: Room) -> Failure:
        host = windows()
        with WinrmEndpoint(host, kinds=("Negotiate",), quotas=(shells, operations)) as served:
            return judged(host, served)

    return play


def shells_killed(_room: Room) -> Failure:
    """Again and again, at whatever is asked."""
    host = windows(20)
    with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
        served.trouble = from_then_on("Receive", troubles.shells_killed(served))
        return judged(host, served)


def power_cut(pause: float) -> Play:
    """In its second step the host goes down and comes up again."""

    def fall(step: AskedStep, host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - a Module's shape
        if step.index == 1:
            host.power_cut()
        return Done("ok")

    def play(_room: Room) -> Failure:
        host = WindowsHost({"facts": fall}, pause=pause, hurry=20)
        with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
            host.on_reboot = served.shells.kill
            word = judged(host, served, replace(QUICK, reboot=20))
        assert "went down and came up again" in word.detail
        assert host.started == ["facts"] * 2
        return word

    return play


def endless_timeouts(before: int, run_limit: float) -> Play:
    """A host that says at once that it has timed out; it is not asked as fast as it answers."""

    def play(_room: Room) -> Failure:
        host = windows(6000)
        timed_out = troubles.fault(soap.TIMED_OUT, "The operation timed out")
        with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
            polls = from_then_on("Receive", timed_out, before)
            served.trouble = lambda exchange, asked: "Receive" in asked.action and polls(exchange, asked)
            word = judged(host, served, replace(QUICK, run=run_limit), hurry=20)
            assert served.exchanges < 30
        return word

    return play


def over_tls(pinned: str | None) -> Play:
    """A host with a certificate that no authority vouches for."""

    def play(room: Room) -> Failure:
        host = windows()
        with WinrmEndpoint(host, tls=room.tls()) as served:
            return judged(host, served, scheme=Scheme.HTTPS, auth=WinrmAuth.BASIC, tls_fingerprint=pinned)

    return play


def sent_elsewhere(room: Room) -> Failure:
    """A redirect to somebody who would be glad of the credentials: Basic sends them with each request."""
    host, pinned = windows(), room.certificate[1]
    with WinrmEndpoint(host, tls=room.tls()) as served, socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0)
        served.trouble = always(troubles.redirect(f"http://127.0.0.1:{elsewhere.getsockname()[1]}/wsman"))
        word = judged(host, served, scheme=Scheme.HTTPS, auth=WinrmAuth.BASIC, tls_fingerprint=pinned)
        try:
            elsewhere.accept()
        except BlockingIOError:
            return word
    raise AssertionError


def clock_moved(room: Room) -> Failure:
    """Kerberos, by a clock that is hours off."""
    assert room.skewed is not None
    served, host = room.skewed
    with served:
        return run(host, WinrmTransport(secrets=Words(), known_hosts=KnownHosts("acme")), STEPS)
