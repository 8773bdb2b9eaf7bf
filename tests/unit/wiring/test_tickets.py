"""Tickets in by a real socket, time out to a real socket; both signed."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue

import pytest

from mspctl.errors import UsageError
from mspctl.model.call import CallWord
from mspctl.model.secret import Secret
from mspctl.model.servicelevel import Goal, Kept
from mspctl.notify.webhook import HEADER, genuine, send, signature
from mspctl.wiring.app import App
from mspctl.wiring.desk import Saying, calls_of, tell_call
from mspctl.wiring.ticketdoor import PATH, Door
from mspctl.wiring.tickets import send_time, take_ticket, ticket_secret, wants_time
from mspctl.wiring.value import levels_of
from tests.unit.wiring.test_app import app, project

CLIENT = """
client: acme
timezone: Europe/Berlin
contract:
  plan: break_fix
  from: 2026-01-01
  currency: EUR
  labour: {rate: 95}
  sla: {P1: {respond: 30m, clock: 24x7}}
sites: {hq: {hosts: {a: {}}}}
"""
TICKET = {"client": "acme", "ticket": "4711", "title": "mail\ndown", "priority": "P1"}


@pytest.fixture
def desk(tmp_path: Path) -> App:
    tickets = "tickets: {secret: 'env:TICKETS', time_url: 'env:TIME_URL'}\n"
    folder = project(tmp_path / "project", f"name: Brightwater\n{tickets}")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(CLIENT, encoding="utf-8")
    return app(folder, None, TICKETS="open sesame", TIME_URL="http://127.0.0.1:1/time?key=abc")


def ticket(**changes: str) -> bytes:
    return json.dumps(TICKET | changes).encode()


def test_a_ticket_becomes_a_call_once_and_its_clock_runs_until_somebody_is_at_work(desk: App) -> None:
    call, new = take_ticket(desk, ticket(asked="2026-11-03T10:00+01:00"))
    assert (call.number, new, call.title, call.waiting) == (1, True, "mail down", True)
    assert take_ticket(desk, ticket(title="again")) == (call, False)
    (found,) = levels_of(desk, "acme", "2026-11").promises
    assert (found.goal, found.kept, found.done) == (Goal.RESPOND, Kept.BREACHED, None)
    with pytest.raises(UsageError, match="nobody has been at work on call 1"):
        tell_call(desk, 1, Saying(CallWord.EDITED, "x", None, {"seconds": "60"}))
    assert tell_call(desk, 1, Saying(CallWord.RESUMED)).open
    (found,) = levels_of(desk, "acme", "2026-11").promises
    assert found.done == calls_of(desk, ("acme",))[0].raw[0].start


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"not json", "no JSON"),
        (b"[" * 70_000, "at most 64 KiB"),
        (b"[" * 60_000, "no JSON"),
        (b'["acme"]', "no object of texts"),
        (ticket(title=" \n"), "`title` is missing"),
        (ticket(asked="yesterday"), "`asked` is no time"),
        (ticket(assignee="ann"), "key 'assignee' is not known"),
        (ticket(client="acne"), "no client `acne`"),
        (ticket(asked="0001-01-01T00:00+14:00"), "`asked` is no time"),
        (ticket(asked="1999-12-31T00:00Z"), "`asked` is no time"),
        (b'{"client":"acme","ticket":"1","title":"\\ud800"}', "`title` is missing"),
    ],
)
def test_what_is_no_ticket_is_refused(desk: App, content: bytes, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        take_ticket(desk, content)
    assert calls_of(desk, ()) == ()


@contextmanager
def opened(desk: App, told: list[str]) -> Iterator[int]:
    def take(content: bytes) -> dict[str, object]:
        call, new = take_ticket(desk, content)
        return {"call": call.number, "new": new}

    door = Door(("127.0.0.1", 0), ticket_secret(desk), take, told.append)
    thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield door.server_address[1]
    finally:
        door.shutdown()
        thread.join()
        door.server_close()


def post(port: int, content: bytes, signed: str, path: str = PATH) -> tuple[int, dict[str, object]]:
    link = HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("POST", path, content, {HEADER: signed})
    answer = link.getresponse()
    found = (answer.status, json.loads(answer.read()))
    link.close()
    return found


def answer(port: int, head: bytes) -> bytes:
    """To what no client library would send."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(head + b"\r\n\r\n")
        return b"".join(iter(lambda: link.recv(4096), b""))


def test_what_steers_a_display_or_comes_from_the_future_is_taken_out(desk: App) -> None:
    title = "\x9b31m red \u202e bidi \x1b[0m"
    call, _ = take_ticket(desk, ticket(title=title, asked="9999-12-31T23:59-14:00"))
    assert call.title == "31m red   bidi  [0m"
    assert call.asked is not None
    assert call.asked <= desk.clock.now()


def test_the_door_opens_to_whoever_knows_the_secret_only(desk: App) -> None:
    secret = ticket_secret(desk)
    told: list[str] = []
    with opened(desk, told) as port:
        good = signature(secret, ticket())
        assert post(port, ticket(), good) == (200, {"call": 1, "new": True})
        assert post(port, ticket(), good) == (200, {"call": 1, "new": False})
        assert post(port, ticket(title="other"), good)[0] == 401
        assert post(port, ticket(), "")[0] == 401
        assert post(port, ticket(), signature(Secret("wrong"), ticket()))[0] == 401
        assert post(port, ticket(), good, "/elsewhere")[0] == 404
        assert post(port, b"x" * 70_000, good)[0] == 413
        assert answer(port, b"POST /tickets HTTP/1.1\r\nContent-Length: " + b"9" * 5000).startswith(
            b"HTTP/1.0 413"
        )
        evil = b'{"client":"acme","ticket":"1","title":"\\ud800"}'
        assert post(port, evil, signature(secret, evil))[0] == 400
        wrong = ticket(client="acne")
        assert post(port, wrong, signature(secret, wrong))[0] == 400
    assert [call.number for call in calls_of(desk, ())] == [1]
    assert told == []


class _Other(BaseHTTPRequestHandler):
    """The ticket system: keeps what it is sent, answers as it was told."""

    def do_POST(self) -> None:
        other = self.server
        assert isinstance(other, _Kept)
        content = self.rfile.read(int(self.headers["Content-Length"]))
        other.got.put((content, self.headers[HEADER], self.headers["Idempotency-Key"]))
        self.send_response(other.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        pass


class _Kept(HTTPServer):
    got: "Queue[tuple[bytes, str, str]]"
    status = 204


@pytest.fixture
def other() -> Iterator[_Kept]:
    server = _Kept(("127.0.0.1", 0), _Other)
    server.got = Queue()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_time_of_a_call_goes_out_signed(desk: App, other: _Kept) -> None:
    url = f"http://127.0.0.1:{other.server_address[1]}/time"
    here = app(desk.project, None, TICKETS="open sesame", TIME_URL=url)
    call, _ = take_ticket(here, ticket())
    tell_call(here, call.number, Saying(CallWord.RESUMED))
    tell_call(here, call.number, Saying(CallWord.STOPPED, "queue was full", None, {"cause": "queue-full"}))
    assert wants_time(here)
    assert send_time(here, call.number) == ""
    content, signed, identity = other.got.get(timeout=30)
    assert genuine(ticket_secret(here), content, signed)
    assert identity == "mspctl-1-3"
    told = json.loads(content)
    assert (told["ticket"], told["cause"], told["version"]) == ("4711", "queue-full", 3)
    assert [each["technician"] for each in told["time"]] == ["ops"]
    other.status = 302
    assert send_time(here, call.number) == "status 302"


def test_a_way_that_is_not_safe_is_not_taken_and_no_reason_holds_the_url(desk: App) -> None:
    secret = ticket_secret(desk)
    assert send(Secret("http://tickets.example/time"), secret, b"{}", "x") == "the URL is not https"
    assert send(Secret("https://[tickets.example/time"), secret, b"{}", "x") == "it is no URL"
    take_ticket(desk, ticket())
    trouble = send_time(desk, 1)
    assert "ConnectionRefusedError" in trouble
    assert "abc" not in trouble
