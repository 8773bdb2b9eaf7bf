"""The proxy counts, delays and breaks what goes through it; no lab is needed to see that."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mspctl.testing.lab import CountingProxy, Delay, Mode, Traffic


@contextmanager
def echo_server() -> Iterator[int]:
    """A server that sends back what it gets; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_serve, args=(server,), daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _serve(server: socket.socket) -> None:
    threads = []
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            break
        thread = threading.Thread(target=_echo, args=(connection,), daemon=True)
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join(5)


def _echo(connection: socket.socket) -> None:
    with connection:
        try:
            while got := connection.recv(65536):
                connection.sendall(got)
        except OSError:
            return


@pytest.fixture
def proxy() -> Iterator[CountingProxy]:
    with echo_server() as port, CountingProxy("127.0.0.1", port) as started:
        yield started


def connect(proxy: CountingProxy) -> socket.socket:
    return socket.create_connection((proxy.address, proxy.port), timeout=60)


def exchange(connection: socket.socket, sent: bytes) -> bytes:
    connection.sendall(sent)
    got = b""
    while len(got) < len(sent):
        got += connection.recv(65536)
    return got


def read_to_end(connection: socket.socket) -> None:
    while connection.recv(100):
        pass


def connect_and_read(proxy: CountingProxy) -> None:
    with connect(proxy) as connection:
        read_to_end(connection)


def test_it_counts_bytes_connections_and_turns(proxy: CountingProxy) -> None:
    with connect(proxy) as connection:
        for _ in range(3):
            exchange(connection, b"12345")

    assert proxy.traffic == Traffic(connections=1, bytes_up=15, bytes_down=15, round_trips=3)


def test_traffic_since_an_earlier_reading(proxy: CountingProxy) -> None:
    with connect(proxy) as connection:
        exchange(connection, b"before")
        earlier = proxy.traffic
        exchange(connection, b"after")

    assert proxy.traffic.since(earlier) == Traffic(connections=0, bytes_up=5, bytes_down=5, round_trips=1)


def test_a_delay_is_paid_once_per_turn_and_direction_not_per_byte(proxy: CountingProxy) -> None:
    proxy.set_delay(Delay.of_ms(50))
    with connect(proxy) as connection:
        exchange(connection, b"x")
        began = time.monotonic()
        got = exchange(connection, b"y" * 4_000_000)
        took = time.monotonic() - began

    assert len(got) == 4_000_000
    assert 0.1 <= took < 2.5, "each chunk of 64 KiB would take 0.05 s in each direction"


def test_the_end_of_one_direction_reaches_the_other_side(proxy: CountingProxy) -> None:
    with connect(proxy) as connection:
        connection.sendall(b"last words")
        connection.shutdown(socket.SHUT_WR)
        got = b""
        while more := connection.recv(100):
            got += more

    assert got == b"last words"


def test_a_cut_after_so_many_bytes_resets_and_then_passes(proxy: CountingProxy) -> None:
    proxy.cut_after(1000)
    with connect(proxy) as connection:
        exchange(connection, b"a" * 500)
        connection.sendall(b"a" * 600)
        with pytest.raises(ConnectionResetError):
            read_to_end(connection)
    with connect(proxy) as connection:
        assert exchange(connection, b"again") == b"again"


def test_a_blackhole_takes_and_gives_nothing(proxy: CountingProxy) -> None:
    with connect(proxy) as connection:
        exchange(connection, b"x")
        proxy.set_mode(Mode.BLACKHOLE)
        connection.sendall(b"lost")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(10)


def test_a_drip_gives_a_byte_a_second(proxy: CountingProxy) -> None:
    proxy.set_mode(Mode.DRIP)
    with connect(proxy) as connection:
        began = time.monotonic()

        assert exchange(connection, b"abc") == b"abc"
    assert time.monotonic() - began >= 2


def test_reset_ends_open_and_new_connections(proxy: CountingProxy) -> None:
    with connect(proxy) as connection:
        exchange(connection, b"x")
        proxy.set_mode(Mode.RESET)
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    with pytest.raises(ConnectionError):
        connect_and_read(proxy)


def test_a_target_that_refuses_shows_as_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with CountingProxy("127.0.0.1", port) as proxy, pytest.raises(ConnectionResetError):
        connect_and_read(proxy)


def test_stop_is_safe_to_repeat() -> None:
    proxy = CountingProxy("127.0.0.1", 9)
    proxy.start()

    proxy.stop()
    proxy.stop()

    assert proxy.traffic.connections == 0
