"""Windows behind a real sshd: what a login there starts is answered by an emulated host in this process.

A small script stands where the login shell would be. It hands its three streams over through a Unix socket
and waits for the exit status.
"""

import contextlib
import os
import shlex
import socket
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from mspctl.testing.winrm.shells import Backend, Command
from mspctl.testing.winrm.soap import Fault

_SCRIPT = """\
import os, socket, sys
link = socket.socket(socket.AF_UNIX)
link.connect(sys.argv[1])
line = os.environ.get("SSH_ORIGINAL_COMMAND", "")
socket.send_fds(link, [len(line).to_bytes(4, "big")], [0, 1, 2])
link.sendall(line.encode())
for number in (0, 1, 2):
    os.close(number)
os._exit(int(link.recv(16) or b"255"))
"""
_CHUNK = 65_536
_TURN = 5.0


class WindowsConsole:
    """Serves while it is entered; `forced` is the line of sshd_config that leads there."""

    def __init__(self, backend: Backend, folder: Path) -> None:
        self._backend = backend
        self._path = folder / "console"
        self._script = folder / "console.py"
        self._server = socket.socket(socket.AF_UNIX)

    @property
    def forced(self) -> str:
        """For sshd_config."""
        words = (sys.executable, "-I", "-S", str(self._script), str(self._path))
        return f"ForceCommand {shlex.join(words)}"

    def __enter__(self) -> Self:
        self._script.write_text(_SCRIPT, "utf-8")
        self._server.bind(str(self._path))
        self._server.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = self._server.accept()
                threading.Thread(target=self._login, args=(link,), daemon=True).start()

    def _login(self, link: socket.socket) -> None:
        with link:
            size, streams, _, _ = socket.recv_fds(link, 4, 3)
            line = link.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL).decode()
            command = Command(self._backend.start(line))
            command.program.begin(command)
            stdin, *out = streams
            threading.Thread(target=_feed, args=(command, stdin), daemon=True).start()
            with contextlib.suppress(OSError):
                link.sendall(str(_passed_on(command, *out) & 0xFF).encode())
            for number in out:
                os.close(number)


def _feed(command: Command, stdin: int) -> None:
    """What the client sends goes to the program, whether it still wants it or not."""
    with contextlib.suppress(OSError):
        while content := os.read(stdin, _CHUNK):
            command.program.input(command, content, ends=False)
    os.close(stdin)
    command.program.input(command, b"", ends=True)


def _passed_on(command: Command, stdout: int, stderr: int) -> int:
    """To the end; the exit status. Raises OSError when nobody listens any more."""
    while True:
        try:
            out, err, status = command.receive(_TURN, _CHUNK)
        except Fault:
            continue
        for number, content in ((stdout, out), (stderr, err)):
            left = content
            while left:
                left = left[os.write(number, left) :]
        if status is not None:
            return status
