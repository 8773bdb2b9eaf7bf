"""An emulated Windows host: runs a bundle by its manifest, with Python in the place of PowerShell."""

import base64
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mspctl.testing.winrm.manifest import AskedStep, Manifest, whole
from mspctl.testing.winrm.shells import Command, Program

RS, US = "\x1e", "\x1f"
_ENCODED = re.compile(r"-encodedcommand\s+(\S+)", re.IGNORECASE)
_ESCAPES = (("%", "%25"), ("\n", "%0A"), ("\r", "%0D"), (RS, "%1E"), (US, "%1F"))


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a step: its verdict, what it printed, and its reports, each `kind, name, field…`."""

    status: str
    reason: str = ""
    reports: tuple[tuple[str, ...], ...] = ()
    forecast: str = ""
    output: str = ""


Module = Callable[[AskedStep, "WindowsHost", bool], Done]
"""A module on this host: the step, the host, and whether it is only a dry run."""
Line = Callable[[str], tuple[bytes, bytes, int]]
"""A command line that is no bundle, by pattern: script → stdout, stderr, exit status."""


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
class _Spool:
    manifest: Manifest
    boot: str
    out: bytearray = field(default_factory=bytearray)
    done: bool = False
    stop: bool = False
    cut: bool = False
    readers: list[tuple[Command, str]] = field(default_factory=list)


class WindowsHost:
    """State that outlives connections. `modules` answer for steps, `lines` for other command lines.

    `pause` is the time a step takes (seconds).
    """

    def __init__(
        self, modules: Mapping[str, Module], lines: Mapping[str, Line] | None = None, pause: float = 0.0
    ) -> None:
        self._modules = modules
        self._lines = lines or {}
        self._pause = pause
        self._lock = threading.RLock()
        self._spools: dict[str, _Spool] = {}
        self._boots = 1
        self.on_reboot: Callable[[], None] = lambda: None
        self.started: list[str] = []
        """Steps that were begun, by module: none is ever begun twice."""

    @property
    def boot(self) -> str:
        """The boot's id."""
        return f"13380000000000000{self._boots}"

    @property
    def spools(self) -> int:
        """Workers that nobody has acknowledged yet."""
        return len(self._spools)

    def start(self, line: str) -> Program:
        """What the command line starts."""
        match = _ENCODED.search(line)
        script = base64.b64decode(match.group(1)).decode("utf-16-le", "replace") if match else line
        if "#mspctl-end" in script:
            return _Bundle(self)
        for pattern, answer in self._lines.items():
            if re.search(pattern, script):
                return _Once(answer, script)
        return _Once(lambda _script: (b"", b"NOT EMULATED\r\n", 1), script)

    def run(self, manifest: Manifest, command: Command) -> None:
        """A program has arrived whole: start or follow its worker."""
        with self._lock:
            if manifest.not_boot == self.boot:
                command.say(frame(manifest.nonce, "@", "same-boot", self.boot), status=0)
                return
            spool = self._spools.get(manifest.spool)
            new = spool is None
            if spool is None:
                if manifest.mode != "start":
                    command.say(frame(manifest.nonce, "@", "no-spool", self.boot), status=73)
                    return
                spool = self._spools[manifest.spool] = _Spool(manifest, self.boot)
                threading.Thread(target=self._work, args=(spool,), daemon=True).start()
            spool.stop = spool.stop or manifest.mode == "cancel"
            word = "new" if new else "again"
            path = f"C:\\ProgramData\\mspctl\\{manifest.spool}"
            command.say(frame(manifest.nonce, "@", "attached", path, self.boot, spool.boot, word))
            command.say(bytes(spool.out[manifest.offset :]))
            spool.readers.append((command, manifest.nonce))
            if spool.done:
                self._tell_end(spool)

    def acknowledge(self, name: str, *, reboot: bool) -> None:
        """The controller has everything."""
        with self._lock:
            self._spools.pop(name, None)
            if reboot:
                self._boots += 1
        if reboot:
            self.on_reboot()

    def power_cut(self) -> None:
        """It goes down in the middle of whatever it does, and comes up on another boot; the disk stays."""
        with self._lock:
            self._boots += 1
            for spool in self._spools.values():
                spool.cut = spool.cut or not spool.done
                spool.done = True
                spool.readers.clear()
        self.on_reboot()

    def _work(self, spool: _Spool) -> None:
        manifest, stopped = spool.manifest, ""
        up = time.monotonic
        self._write(
            spool, "B", manifest.first_step, f"{up():.2f}", "windows-server", "20348", "windows-update", "scm"
        )
        last: tuple[str, ...] = ("Z", "end")
        for step in manifest.steps:
            if spool.cut:
                return
            stopped = stopped or ("cancelled" if spool.stop else "")
            self._write(spool, "S", step.index, f"{up():.2f}")
            done = (
                Done("skipped", f"not reached: {stopped}")
                if stopped
                else self._step(step, check=manifest.check)
            )
            self._say(spool, done.output.encode())
            for report in done.reports:
                self._write(spool, "R", *report)
            self._write(spool, "E", step.index, done.status, done.reason, f"{up():.2f}", done.forecast)
            if done.status == "failed" and step.on_failure != "continue":
                stopped = f"step {step.index + 1} failed"
            if step.reboots and done.status == "changed" and not manifest.check:
                last = ("Z", "reboot", str(step.index))
                break
        self._write(spool, *(("Z", "cancelled") if stopped == "cancelled" else last))
        with self._lock:
            spool.done = True
            self._tell_end(spool)

    def _step(self, step: AskedStep, *, check: bool) -> Done:
        if step.guard:
            return Done("skipped", f"condition not met: {step.guard}", forecast="no-change")
        self.started.append(step.module)
        if self._pause:
            time.sleep(self._pause)
        module = self._modules.get(step.module)
        return module(step, self, check) if module else Done("failed", "NOT EMULATED", forecast="unknown")

    def _write(self, spool: _Spool, *fields: object) -> None:
        self._say(spool, frame(spool.manifest.nonce, *fields))

    def _say(self, spool: _Spool, content: bytes) -> None:
        with self._lock:
            if spool.cut:
                return
            spool.out += content
            for reader, _ in spool.readers:
                reader.say(content)

    def _tell_end(self, spool: _Spool) -> None:
        for reader, nonce in spool.readers:
            reader.say(frame(nonce, "@", "ended", "unknown", "ok", self.boot))
        spool.readers.clear()


class _Bundle:
    """The program of one link: what it does once it has arrived whole, and what the last word does."""

    def __init__(self, host: WindowsHost) -> None:
        self._host = host
        self._input = b""
        self._spool: str | None = None

    def begin(self, command: Command) -> None:
        """It waits for its input."""

    def input(self, command: Command, content: bytes, *, ends: bool) -> None:
        self._input += content
        if self._spool is None:
            arrived = whole(self._input)
            if arrived is not None:
                self._spool, self._input = arrived.manifest.spool, arrived.rest
                self._host.run(arrived.manifest, command)
            elif ends:
                command.say(status=76)
            if self._spool is None:
                return
        words = self._input.split(b"\n")
        if b"mspctl_acknowledge" in words or b"mspctl_acknowledge_and_reboot" in words:
            command.say(status=0)
            self._host.acknowledge(self._spool, reboot=b"mspctl_acknowledge_and_reboot" in words)
        elif ends:
            command.say(status=75)


class _Once:
    """A command that reads no input and answers at once."""

    def __init__(self, answer: Line, script: str) -> None:
        self._answer = answer
        self._script = script

    def begin(self, command: Command) -> None:
        out, err, status = self._answer(self._script)
        command.say(out, err, status)

    def input(self, command: Command, content: bytes, *, ends: bool) -> None:
        """It reads none."""
