"""A TCP proxy that counts, delays and fails: the network between mspctl and a host, made measurable."""

import asyncio
import contextlib
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Self, TypeVar

from mspctl.testing.lab.traffic import Delay, Mode, Traffic

_T = TypeVar("_T")
_CHUNK = 65536
_START_LIMIT = 60.0


@dataclass(slots=True)
class _Connection:
    client: asyncio.StreamWriter
    host: asyncio.StreamWriter
    host_spoke: bool = True  # so that the client's first words make the first turn
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)


class CountingProxy:
    """Listens on `port` of 127.0.0.1 and carries each connection to `address`:`target_port`.

    Runs in a thread of its own; every method may be called from any thread. A context manager starts and
    stops it. With a delay, a connection stands after 1.5 round trips, as where the server speaks first.
    """

    def __init__(self, address: str, target_port: int, *, delay: Delay | None = None) -> None:
        self._target = (address, target_port)
        self._delay = delay or Delay()
        self._mode = Mode.PASS
        self._cut_at: int | None = None
        self._traffic = Traffic()
        self._open: list[_Connection] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="lab-proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self.address = "127.0.0.1"
        self.port = 0

    # ------------------------------------------------------------------------------------------ use

    def start(self) -> None:
        """Listen on a free port."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_START_LIMIT)

    def stop(self) -> None:
        """Close everything. Safe to repeat."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(_START_LIMIT)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_START_LIMIT)
        if not self._loop.is_closed() and not self._loop.is_running():
            self._loop.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def traffic(self) -> Traffic:
        """What went through until now."""
        return self._call(lambda: self._traffic)

    def set_mode(self, mode: Mode) -> None:
        """From now on, for open and new connections."""
        self._call(lambda: self._switch(mode))

    def set_delay(self, delay: Delay) -> None:
        """From now on; bytes that are under way keep the delay they left with."""
        self._call(lambda: self._set_delay(delay))

    def cut_after(self, bytes_down: int) -> None:
        """Reset every connection once `bytes_down` more bytes have come from the host; then pass again."""
        self._call(lambda: self._set_cut(self._traffic.bytes_down + bytes_down))

    def cut(self) -> None:
        """Reset every open connection now; new ones pass."""
        self._call(self._reset_all)

    # ------------------------------------------------------------------------------------------ inside

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, function: Callable[[], _T]) -> _T:
        async def called() -> _T:
            return function()

        if not self._thread.is_alive():
            return function()
        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(_START_LIMIT)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, self.address, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
        self._reset_all()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _set_delay(self, delay: Delay) -> None:
        self._delay = delay

    def _set_cut(self, total: int) -> None:
        self._cut_at = total

    def _switch(self, mode: Mode) -> None:
        self._mode = mode
        if mode is Mode.RESET:
            self._reset_all()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._traffic = replace(self._traffic, connections=self._traffic.connections + 1)
        if self._mode is Mode.RESET:
            _reset(writer)
            return
        try:
            await asyncio.sleep(1.5 * (self._delay.up + self._delay.down))
            host_reader, host_writer = await asyncio.open_connection(*self._target)
        except OSError:
            _reset(writer)
            return
        connection = _Connection(writer, host_writer)
        self._open.append(connection)
        up = asyncio.create_task(self._carry(connection, reader, host_writer, up=True))
        down = asyncio.create_task(self._carry(connection, host_reader, writer, up=False))
        try:
            await asyncio.gather(up, down)
        except asyncio.CancelledError:
            pass  # the proxy is stopped; asyncio's streams print what a cancelled connection raises
        finally:
            self._forget(connection)
            for end in (writer, host_writer):
                end.close()

    async def _carry(
        self, connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        """Read as fast as it comes, write each chunk when its time has come."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=1024)
        deliver = asyncio.create_task(self._deliver(under_way, writer, up=up))
        try:
            while chunk := await reader.read(_CHUNK):
                self._count(connection, len(chunk), up=up)
                await under_way.put((self._due(up=up), chunk))
        except ConnectionError:
            pass  # the other direction learns of it by the end of file
        await under_way.put((self._due(up=up), b""))
        await deliver

    def _due(self, *, up: bool) -> float:
        return time.monotonic() + (self._delay.up if up else self._delay.down)

    async def _deliver(
        self, under_way: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter, *, up: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                due, chunk = await under_way.get()
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                if self._mode is Mode.BLACKHOLE:
                    continue
                if not chunk:
                    break
                if self._mode is Mode.DRIP and not up:
                    await self._drip(writer, chunk)
                else:
                    writer.write(chunk)
                    await writer.drain()
            with contextlib.suppress(OSError):  # the peer has reset it: ENOTCONN is no ConnectionError
                writer.write_eof()
            return
        while (await under_way.get())[1]:  # nobody to deliver to: keep the reader going to its end
            pass

    async def _drip(self, writer: asyncio.StreamWriter, chunk: bytes) -> None:
        for position in range(len(chunk)):
            if self._mode is not Mode.DRIP:
                writer.write(chunk[position:])
                break
            writer.write(chunk[position : position + 1])
            await asyncio.sleep(1)
        await writer.drain()

    def _count(self, connection: _Connection, size: int, *, up: bool) -> None:
        turn = up and connection.host_spoke
        connection.host_spoke = not up
        seen = self._traffic
        self._traffic = Traffic(
            seen.connections,
            seen.bytes_up + (size if up else 0),
            seen.bytes_down + (0 if up else size),
            seen.round_trips + (1 if turn else 0),
        )
        if self._cut_at is not None and self._traffic.bytes_down >= self._cut_at:
            self._cut_at = None
            self._reset_all()

    def _reset_all(self) -> None:
        for connection in tuple(self._open):
            _reset(connection.client)
            _reset(connection.host)
            self._forget(connection)

    def _forget(self, connection: _Connection) -> None:
        if connection in self._open:
            self._open.remove(connection)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection by RST: linger on, for no time, see socket(7)."""
    end = writer.get_extra_info("socket")
    if end is not None and end.fileno() >= 0:
        end.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
