"""Faults on request: what an endpoint, or whatever stands in its place, may do to a client."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler

from mspctl.testing.winrm import soap
from mspctl.testing.winrm.endpoint import Trouble, WinrmEndpoint
from mspctl.testing.winrm.soap import Fault, Request

Answer = Callable[[BaseHTTPRequestHandler], None]
"""One thing that may come in the place of an answer."""
BOMB = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'
PAGE = b"<html><body>Log in to the guest network</body></html>"
_FLOOD = 100_000_000


def drop(exchange: BaseHTTPRequestHandler) -> None:
    """The connection is closed without a word."""
    exchange.close_connection = True
    with contextlib.suppress(OSError):
        exchange.connection.shutdown(socket.SHUT_RDWR)


def page(content: bytes, kind: str, status: int = 200) -> Answer:
    """An answer in the clear of any type."""

    def answer(exchange: BaseHTTPRequestHandler) -> None:
        _head(exchange, status, {"Content-Type": kind, "Content-Length": str(len(content))})
        exchange.wfile.write(content)

    return answer


def redirect(to: str) -> Answer:
    """Somewhere else is the host, says the answer."""
    return lambda exchange: _head(exchange, 302, {"Location": to, "Content-Length": "0"})


def drip(exchange: BaseHTTPRequestHandler) -> None:
    """A head that never ends: a line now and then."""
    exchange.close_connection = True
    with contextlib.suppress(OSError):
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(600):
            exchange.wfile.write(f"X-{number}: 1\r\n".encode())
            exchange.wfile.flush()
            time.sleep(0.1)


def flood(exchange: BaseHTTPRequestHandler) -> None:
    """An answer of 100 MB."""
    exchange.close_connection = True
    _head(exchange, 200, {"Content-Type": "application/soap+xml", "Content-Length": str(_FLOOD)})
    with contextlib.suppress(OSError):
        for _ in range(_FLOOD // 62_500):
            exchange.wfile.write(b" " * 62_500)


def fault(code: int, text: str) -> Answer:
    """A fault of WS-Management, in the clear."""
    return page(soap.fault(Request("", ""), Fault(code, text)), "application/soap+xml", 500)


def always(answer: Answer, action: str = "") -> Trouble:
    """At every request, or at every one for this action."""

    def trouble(exchange: BaseHTTPRequestHandler, request: Request) -> bool:
        struck = request.action.endswith(action)
        if struck:
            answer(exchange)
        return struck

    return trouble


def once(answer: Answer, action: str) -> Trouble:
    """At the first request for this action only."""
    left = threading.Semaphore(1)

    def trouble(exchange: BaseHTTPRequestHandler, request: Request) -> bool:
        struck = request.action.endswith(action) and left.acquire(blocking=False)
        if struck:
            answer(exchange)
        return struck

    return trouble


def answer_lost(endpoint: WinrmEndpoint, action: str) -> Trouble:
    """The first request for the action is done, and the connection dropped before its answer."""
    left = threading.Semaphore(1)

    def trouble(exchange: BaseHTTPRequestHandler, request: Request) -> bool:
        struck = request.action.endswith(action) and left.acquire(blocking=False)
        if struck:
            endpoint.answer(request)
            drop(exchange)
        return struck

    return trouble


def from_then_on(action: str, answer: Answer, before: int = 0) -> Trouble:
    """At every request, whatever it is for, after so many for this action."""
    left = threading.Semaphore(before)
    begun = threading.Event()

    def trouble(exchange: BaseHTTPRequestHandler, request: Request) -> bool:
        if request.action.endswith(action) and not left.acquire(blocking=False):
            begun.set()
        if begun.is_set():
            answer(exchange)
        return begun.is_set()

    return trouble


def shells_killed(endpoint: WinrmEndpoint) -> Answer:
    """WinRM restarts: all shells are gone, the connection with them."""

    def answer(exchange: BaseHTTPRequestHandler) -> None:
        endpoint.shells.kill()
        drop(exchange)

    return answer


def _head(exchange: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str]) -> None:
    exchange.send_response(status)
    for name, value in headers.items():
        exchange.send_header(name, value)
    exchange.end_headers()
