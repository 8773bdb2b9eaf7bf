"""Many emulated hosts at once: each an endpoint of its own with its own port, all let in by one thread."""

import os
import selectors
import threading
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Self

from mspctl.testing.winrm.endpoint import WinrmEndpoint


class WinrmFleet:
    """Serves while it is entered. The endpoints share nothing but this process; do not enter them."""

    def __init__(self, endpoints: Mapping[str, WinrmEndpoint]) -> None:
        self.endpoints = endpoints
        self._over, self._end = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._end)
        self._thread.join()
        os.close(self._over)
        for endpoint in self.endpoints.values():
            endpoint.server.server_close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as doors:
            doors.register(self._over, selectors.EVENT_READ)
            for endpoint in self.endpoints.values():
                doors.register(endpoint.server, selectors.EVENT_READ)
            while True:
                for door, _ in doors.select():
                    if not isinstance(door.fileobj, ThreadingHTTPServer):
                        return
                    door.fileobj.handle_request()
