"""A digest that is too long for who gets it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from mspctl.model.secret import Secret
from mspctl.notify.apprise import AppriseNotifier

LIMIT = 32768


class _Strict(BaseHTTPRequestHandler):
    """Takes no more than LIMIT bytes."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        good = len(body) <= LIMIT
        if good:
            assert isinstance(self.server, _Chat)
            self.server.taken.append(json.loads(body)["message"])
        self.send_response(200 if good else 413)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name upstream
        del format, args


class _Chat(HTTPServer):
    """A chat; `taken` is what it took."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Strict)
        self.taken: list[str] = []


def test_what_is_too_long_for_a_chat_is_told_in_short() -> None:
    lines = [f"  #{number} shop@web{number} down: no answer in time" for number in range(2000)]
    with _Chat() as chat:
        thread = threading.Thread(target=chat.serve_forever, args=(0.05,))
        thread.start()
        url = Secret(f"json://127.0.0.1:{chat.server_port}/")
        told = AppriseNotifier().tell(url, "Acme: 2000 open", "\n".join(lines))
        chat.shutdown()
        thread.join()
    assert told == ""
    (short,) = chat.taken
    *kept, last = short.splitlines()
    assert [line.strip() for line in kept] == [line.strip() for line in lines[: len(kept)]]
    assert last == f"and {len(lines) - len(kept)} more lines: see `mspctl incidents`"
    assert len(kept) > 300
