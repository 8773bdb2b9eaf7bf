"""A controller that sends a program to a host of `windows` and follows it, as a link would."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mspctl.engine.assemble import program
from mspctl.engine.frames import Frame, FrameReader
from mspctl.engine.sending import Errand, Sending
from mspctl.library.folders import open_library
from mspctl.model.bundle import Bundle
from mspctl.model.secret import Secret
from mspctl.shipped import shipped_folder
from mspctl.wiring.running import runtime_texts
from tests.unit.powershell.frame.machine import Lines
from tests.unit.powershell.frame.windows import Windows
from tests.unit.powershell.frame.world import FOREVER, Process

BOOTSTRAP = (shipped_folder("templates") / "bundle" / "windows" / "bootstrap.ps1").read_text()


@dataclass(eq=False)
class Link:
    """A PowerShell on the host, what goes to it and what came from it."""

    windows: Windows
    nonce: str
    said: bytearray = field(default_factory=bytearray)
    lines: list[str] = field(default_factory=list)
    closed: bool = False
    process: Process = field(init=False)

    def __post_init__(self) -> None:
        self.process = self.windows.powershell(BOOTSTRAP, Lines(self._line), self.said.extend)

    def _line(self) -> str | None:
        self.windows.world.wait(lambda: bool(self.lines) or self.closed)
        return self.lines.pop(0) if self.lines else None

    def send(self, text: str) -> None:
        self.lines += text.splitlines()

    def until(self, seen: Callable[["Link"], bool], seconds: float = FOREVER) -> bool:
        """Waits until something was said; True if it was."""
        return self.windows.world.wait(lambda: seen(self) or not self.process.alive, seconds) and seen(self)

    def finish(self, word: str = "mspctl_acknowledge") -> int:
        """Acknowledges, closes stdin and gives the exit status; empty: only closes."""
        if word:
            self.send(word)
        self.closed = True
        self.windows.world.wait(lambda: not self.process.alive)
        assert self.process.code is not None
        return self.process.code

    def drop(self) -> None:
        """The connection is gone, and with it the shell."""
        self.windows.end(self.process, 1)

    def frames(self) -> list[Frame]:
        reader = FrameReader(self.nonce)
        found = [*reader.feed(bytes(self.said)), reader.close()]
        return [each for each in found if isinstance(each, Frame)]

    def words(self, verb: str) -> list[tuple[str, ...]]:
        """The fields of the frames with this verb."""
        return [each.fields for each in self.frames() if each.verb == verb]

    @property
    def ended(self) -> bool:
        return any(fields[:1] == ("ended",) for fields in self.words("@"))

    @property
    def body(self) -> bytes:
        """What came from the file of output: all but the words of the follower itself."""
        lines = bytes(self.said).splitlines(keepends=True)
        return b"".join(line for line in lines if b"\x1f@\x1f" not in line)


def text_for(bundle: Bundle, errand: Errand, secret: bytes = b"") -> str:
    """The program that a link sends."""
    texts = runtime_texts(open_library(None), windows=True)
    secrets = tuple(Secret(secret) for _ in bundle.secrets)
    return program(Sending(errand, bundle, secrets, texts, {})).decode("ascii")
