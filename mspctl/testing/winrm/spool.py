"""What a worker on an emulated Windows host has said, and the program that sends it on as launch.ps1 does."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mspctl.testing.winrm.manifest import Manifest
from mspctl.testing.winrm.shells import Command

RS, US = "\x1e", "\x1f"
TICK, SIGN_OF_LIFE = 0.3, 15.0
"""Seconds between two looks at what there is; seconds of waiting for the worker after which that is said."""
_ESCAPES = (("%", "%25"), ("\n", "%0A"), ("\r", "%0D"), (RS, "%1E"), (US, "%1F"))


def frame(nonce: str, *fields: object) -> bytes:
    """One framed statement, as the worker on Windows writes it."""
    escaped = []
    for text in map(str, fields):
        told = text
        for char, code in _ESCAPES:
            told = told.replace(char, code)
        escaped.append(told)
    return (RS + nonce + US + US.join(escaped) + "\n").encode()


@dataclass(slots=True)
class Spool:
    """The folder of one worker. `marked`: it has begun; `cut`: the host went down before its end."""

    manifest: Manifest
    boot: str
    changed: threading.Condition
    out: bytearray = field(default_factory=bytearray)
    marked: bool = False
    done: bool = False
    stop: bool = False
    cut: bool = False

    def write(self, *fields: object) -> None:
        """A framed statement."""
        self.say(frame(self.manifest.nonce, *fields))

    def say(self, content: bytes) -> None:
        """Output."""
        with self.changed:
            if not self.cut:
                self.out += content
                self.changed.notify_all()


class Follower:
    """The program of one link: gathers what there is, and sends it when its time has come."""

    def __init__(
        self, spool: Spool, manifest: Manifest, command: Command, boot: Callable[[], str], hurry: float
    ) -> None:
        self._spool = spool
        self._nonce = manifest.nonce
        self._sent = manifest.offset
        self._waits = [max(TICK, wait) / hurry for wait in manifest.waits]
        self._life = SIGN_OF_LIFE / hurry
        self._command = command
        self._now_on = boot
        self._boot = boot()

    def run(self, new: bool) -> None:  # noqa: FBT001 - a thread's one argument
        """To the worker's end, or that of this boot, which ends this program, too."""
        spool = self._spool
        with spool.changed:
            while not spool.changed.wait_for(lambda: spool.marked or spool.done, self._life):
                self._command.say(frame(self._nonce, "@", "starting"))
            if not spool.marked:
                why = "no worker has begun, and none will"
                self._command.say(frame(self._nonce, "@", "not-started", why), status=73)
                return
            path = f"C:\\ProgramData\\mspctl\\{spool.manifest.spool}"
            word = "new" if new else "again"
            head = frame(self._nonce, "@", "attached", path, self._boot, spool.boot, word)
            due = time.monotonic() + self._waits[0]
            while not spool.done:
                left = due - time.monotonic()
                if left > 0:
                    spool.changed.wait(left)
                elif head or self._sent < len(spool.out):
                    self._command.say(head + self._rest())
                    head, due = b"", time.monotonic() + self._waits[1]
                else:
                    spool.changed.wait()
            if self._now_on() == self._boot:
                ended = frame(self._nonce, "@", "ended", "unknown", "ok", self._boot)
                self._command.say(head + self._rest() + ended)

    def _rest(self) -> bytes:
        rest = bytes(self._spool.out[self._sent :])
        self._sent = len(self._spool.out)
        return rest
