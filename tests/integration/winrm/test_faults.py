"""Every fault of a host, or of what stands in its place, ends in the right word and in bounded time."""

import socket
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Deadlines, Host, Scheme, WinrmAuth
from mspctl.model.outcome import Outcome
from mspctl.testing.winrm import soap, troubles
from mspctl.testing.winrm.endpoint import WinrmEndpoint
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.troubles import Answer, always, from_then_on, once
from mspctl.testing.winrm.windows import Done, WindowsHost
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.channel import WinrmChannel
from mspctl.transports.winrm.link import WinrmLink
from mspctl.transports.winrm.transport import WinrmTransport
from tests.integration.winrm.engine import run
from tests.integration.winrm.talking import (
    SHORT,
    Words,
    assert_failure,
    bundle,
    connect,
    hear,
    machine,
    windows,
)

XML = "application/soap+xml"
UNSEALED = soap.envelope(soap.Request("", ""), "x", "")

IN_PLACE: Mapping[str, Answer] = {
    "dropped": troubles.drop,
    "a login page": troubles.page(troubles.PAGE, "text/html"),
    "a login page that calls itself XML": troubles.page(troubles.PAGE, XML),
    "a bomb of entities": troubles.page(troubles.BOMB, XML),
    "nested too deep": troubles.page(b"<a>" * 100_000, XML),
    "no XML": troubles.page(b"moved", XML),
    "in the clear": troubles.page(UNSEALED, XML),
    "not found": troubles.page(b"", "text/plain", 404),
    "forbidden": troubles.page(b"", "text/plain", 403),
    "broken": troubles.page(b"", "text/plain", 500),
    "stopped": troubles.page(b"", "text/plain", 503),
    "behind a proxy": troubles.page(b"", "text/plain", 502),
    "elsewhere": troubles.redirect("http://127.0.0.1:1/elsewhere"),
    "100 MB": troubles.flood,
    "no such shell": troubles.fault(soap.UNKNOWN_SHELL, "The shell was not found on the server"),
    "aborted": troubles.fault(soap.ABORTED, "The I/O operation has been aborted"),
    "operations used up": troubles.fault(soap.MAX_OPERATIONS, "The maximum number of operations is exceeded"),
}
AT_THE_DOOR = {
    "dropped": "dropped",
    "a login page": "proxy-page",
    "a login page that calls itself XML": "proxy-page",
    "a bomb of entities": "hostile-answer",
    "nested too deep": "hostile-answer",
    "no XML": "not-winrm",
    "in the clear": "hostile-answer",
    "not found": "not-winrm",
    "forbidden": "forbidden",
    "broken": "server-error",
    "stopped": "server-error",
    "behind a proxy": "proxy-page",
    "elsewhere": "redirected",
    "100 MB": "max-answer",
    "no such shell": "shell-gone",
    "aborted": "winrm-fault",
    "operations used up": "quota",
    "drip": "timeout-auth",
}


def run_at(host: Host, steps: int, hurry: float = 1.0) -> Failure:
    transport = WinrmTransport(secrets=Words(), known_hosts=KnownHosts("acme"))
    return run(host, transport, steps, hurry)


def at_once(work: Callable[[str], object], names: Mapping[str, object]) -> dict[str, object]:
    """Each by its name, all at the same time: most of it is waiting."""
    with ThreadPoolExecutor(len(names)) as pool:
        return dict(zip(names, pool.map(work, names), strict=True))


def test_each_fault_at_the_door_has_its_reason() -> None:
    answers = {**IN_PLACE, "drip": troubles.drip}

    def one(name: str) -> object:
        with WinrmEndpoint(windows(), kinds=("Negotiate",)) as served:
            served.trouble = always(answers[name])
            patience = Deadlines(connect=1, auth=0.5) if name == "drip" else Deadlines(connect=2, auth=5)
            got = connect(machine(served.port, deadlines=patience))
        assert isinstance(got, Failure)
        assert got.outcome is (Outcome.FAILED if got.reason == "quota" else Outcome.UNREACHABLE)
        assert got.remedy or name == "aborted"
        return got.reason

    began = time.monotonic()
    assert at_once(one, answers) == AT_THE_DOOR
    assert time.monotonic() - began < 10


def test_a_fault_that_passes_costs_nothing_and_no_step_is_begun_twice() -> None:
    def one(name: str) -> object:
        host = windows(pause=0.1)
        with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
            answer = IN_PLACE.get(name) or troubles.shells_killed(served)
            served.trouble = once(answer, "Receive")
            word = run_at(machine(served.port, deadlines=replace(SHORT, reboot=20)), 3)
            left = served.shells.open
        return word.outcome, host.started, host.spools, left

    names = {**IN_PLACE, "shells killed": None}
    assert at_once(one, names) == dict.fromkeys(names, (Outcome.OK, ["facts"] * 3, 0, 0))


def test_a_connection_may_drop_at_any_request() -> None:
    def one(name: str) -> object:
        action, _, lost = name.partition(", its answer ")
        host = windows(pause=0.1)
        with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
            served.trouble = troubles.answer_lost(served, action) if lost else once(troubles.drop, action)
            word = run_at(machine(served.port, deadlines=replace(SHORT, reboot=20)), 3)
        return word.outcome, word.reason, len(host.started)

    nothing, whole = (Outcome.UNREACHABLE, "dropped", 0), (Outcome.OK, "", 3)
    expected: dict[str, object] = dict.fromkeys(("Create", "Command", "Command, its answer lost"), nothing)
    expected |= dict.fromkeys(
        ("Send", "Send, its answer lost", "Receive", "Receive, its answer lost", "Delete"), whole
    )
    assert at_once(one, expected) == expected


def test_a_fault_that_stays_leaves_the_host_lost_never_well() -> None:
    def one(name: str) -> object:
        with WinrmEndpoint(windows(pause=1.0), kinds=("Negotiate",)) as served:
            served.trouble = from_then_on("Receive", IN_PLACE[name])
            word = run_at(machine(served.port, deadlines=SHORT), 3)
        return word.outcome, word.reason

    began = time.monotonic()
    assert at_once(one, IN_PLACE) == dict.fromkeys(IN_PLACE, (Outcome.LOST, "link-lost"))
    assert time.monotonic() - began < 20


def test_timeouts_without_end_are_ended_by_the_limit_of_the_run() -> None:
    with WinrmEndpoint(windows(pause=60), kinds=("Negotiate",)) as served:
        timed_out = troubles.fault(soap.TIMED_OUT, "The operation timed out")

        def later(exchange: object, request: soap.Request) -> bool:
            attached = served.actions.count("Receive") > 0
            return attached and always(timed_out, "Receive")(exchange, request)  # type: ignore[arg-type]

        served.trouble = later
        word = run_at(machine(served.port, deadlines=replace(SHORT, run=30)), 1, hurry=80)
        assert (word.outcome, word.reason) == (Outcome.TIMED_OUT, "run-timeout")
        # A host that says at once that it has timed out is not asked as fast as it answers.
        served.trouble = always(timed_out, "Receive")
        before = served.exchanges
        word = run_at(machine(served.port, deadlines=SHORT), 1, hurry=80)
    assert (word.outcome, word.reason) == (Outcome.FAILED, "silent")
    assert served.exchanges - before < 20


@pytest.mark.parametrize("pause", [0.0, 8.0], ids=["before it said anything", "later"])
def test_a_host_that_goes_down_in_the_middle_has_not_done_its_steps(pause: float) -> None:
    def cut(step: AskedStep, host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - a Module's shape
        if step.index == 1:
            host.power_cut()
        return Done("ok")

    host = WindowsHost({"facts": cut}, pause=pause, hurry=20)
    with WinrmEndpoint(host, kinds=("Negotiate",)) as served:
        host.on_reboot = served.shells.kill
        word = run_at(machine(served.port, deadlines=replace(SHORT, reboot=20)), 4)
    assert (word.outcome, word.reason) == (Outcome.FAILED, "interrupted")
    assert "went down and came up again" in word.detail
    assert host.started == ["facts"] * 2


def test_no_credential_follows_a_redirect(secure: WinrmEndpoint, certificate: tuple[Path, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0)
        port = elsewhere.getsockname()[1]
        secure.trouble = always(troubles.redirect(f"http://127.0.0.1:{port}/wsman"))
        host = machine(secure.port, Scheme.HTTPS, auth=WinrmAuth.BASIC, tls_fingerprint=certificate[1])
        assert_failure(connect(host), "redirected")
        with pytest.raises(BlockingIOError):
            elsewhere.accept()


def test_a_long_program_goes_in_pieces_that_old_hosts_take(endpoint: WinrmEndpoint) -> None:
    sizes: list[int] = []

    def measured(_exchange: object, request: soap.Request) -> bool:
        sizes.append(len(request.stdin))
        return False

    endpoint.trouble = measured
    link = connect(machine(endpoint.port))
    assert isinstance(link, WinrmLink)
    channel = link.start(bundle(3, padding="x" * 350_000))
    assert isinstance(channel, WinrmChannel)
    frames, _ = hear(channel)
    link.close()
    assert [frame.field(1) for frame in frames if frame.verb == "E"] == ["ok"] * 3
    assert max(sizes) <= 100_000
    assert sum(size > 0 for size in sizes) == 4


@pytest.mark.parametrize("answer", [troubles.drop, troubles.fault(soap.TIMED_OUT, "timed out")])
def test_input_that_may_not_have_arrived_is_no_silence(endpoint: WinrmEndpoint, answer: Answer) -> None:
    endpoint.trouble = once(answer, "Send")
    link = connect(machine(endpoint.port))
    assert isinstance(link, WinrmLink)
    channel = link.start(bundle(1))
    assert isinstance(channel, WinrmChannel)
    _, ending = hear(channel)
    link.close()
    assert_failure(ending, "link-lost", Outcome.LOST)


def test_a_poll_that_drips_is_cut_off(endpoint: WinrmEndpoint) -> None:
    link = connect(machine(endpoint.port))
    assert isinstance(link, WinrmLink)
    endpoint.trouble = always(troubles.drip, "Receive")
    started = link.start(b"")
    assert isinstance(started, WinrmChannel)
    channel = WinrmChannel(link._session, started._command, limit=0.5)
    began = time.monotonic()
    _, ending = hear(channel)
    link.close()
    assert_failure(ending, "link-lost", Outcome.LOST)
    assert time.monotonic() - began < 4
