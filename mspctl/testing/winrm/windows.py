"""An emulated Windows host: runs a bundle by its manifest, with Python in the place of PowerShell."""

import base64
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mspctl.testing.winrm.manifest import AskedStep, Manifest, whole
from mspctl.testing.winrm.shells import Command, Program
from mspctl.testing.winrm.spool import Follower, Spool, frame

_ENCODED = re.compile(r"-encodedcommand\s+(\S+)", re.IGNORECASE)


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


_STOPPED = Done("failed", "stopped on request")


class WindowsHost:
    """State that outlives connections. `modules` answer for steps, `lines` for other command lines.

    `pause` is the time a step takes, `late` that of a worker to begin (seconds). Its time runs `hurry` times
    as fast as ours.
    """

    def __init__(
        self,
        modules: Mapping[str, Module],
        lines: Mapping[str, Line] | None = None,
        pause: float = 0.0,
        *,
        late: float = 0.0,
        hurry: float = 1.0,
    ) -> None:
        self._modules = modules
        self._lines = lines or {}
        self._pause = pause
        self._late = late
        self.hurry = hurry
        self._changed = threading.Condition(threading.RLock())
        self._spools: dict[str, Spool] = {}
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

    @property
    def at_work(self) -> int:
        """Workers that have not ended."""
        return sum(not spool.done for spool in self._spools.values())

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
        with self._changed:
            spool = self._spools.get(manifest.spool)
            if manifest.not_boot == self.boot:
                command.say(frame(manifest.nonce, "@", "same-boot", self.boot), status=0)
            elif spool is None and manifest.mode != "start":
                command.say(frame(manifest.nonce, "@", "no-spool", self.boot), status=73)
            elif spool is not None and manifest.mode == "cancel" and not spool.marked:
                self._spools.pop(manifest.spool)
                spool.done = True
                self._follow(spool, manifest, command, new=False)
            else:
                new = spool is None
                if spool is None:
                    spool = self._spools[manifest.spool] = Spool(manifest, self.boot, self._changed)
                    threading.Thread(target=self._work, args=(spool,), daemon=True).start()
                spool.stop = spool.stop or manifest.mode == "cancel"
                self._follow(spool, manifest, command, new=new)

    def _follow(self, spool: Spool, manifest: Manifest, command: Command, *, new: bool) -> None:
        self._changed.notify_all()
        follower = Follower(spool, manifest, command, lambda: self.boot, self.hurry)
        threading.Thread(target=follower.run, args=(new,), daemon=True).start()

    def acknowledge(self, name: str, *, reboot: bool) -> None:
        """The controller has everything."""
        with self._changed:
            self._spools.pop(name, None)
            if reboot:
                self._boots += 1
        if reboot:
            self.on_reboot()

    def power_cut(self) -> None:
        """It goes down in the middle of whatever it does, and comes up on another boot; the disk stays."""
        with self._changed:
            self._boots += 1
            for spool in self._spools.values():
                spool.cut = spool.cut or not spool.done
                spool.done = True
            self._changed.notify_all()
        self.on_reboot()

    def _work(self, spool: Spool) -> None:
        if not self._begins(spool):
            return
        manifest, stopped = spool.manifest, ""
        spool.write("B", manifest.first_step, _up(), "windows-server", "20348", "windows-update", "scm")
        last: tuple[str, ...] = ("Z", "end")
        for step in manifest.steps:
            stopped = stopped or ("cancelled" if spool.stop else "")
            spool.write("S", step.index, _up())
            done = (
                Done("skipped", f"not reached: {stopped}")
                if stopped
                else self._step(step, spool, check=manifest.check)
            )
            if spool.cut:
                return
            spool.say(done.output.encode())
            for report in done.reports:
                spool.write("R", *report)
            spool.write("E", step.index, done.status, done.reason, _up(), done.forecast)
            if done is _STOPPED:
                last = ("Z", "cancelled", str(step.index))
                break
            if done.status == "failed" and step.on_failure != "continue":
                stopped = f"step {step.index + 1} failed"
            if step.reboots and done.status == "changed" and not manifest.check:
                last = ("Z", "reboot", str(step.index))
                break
        spool.write(*(("Z", "cancelled") if stopped == "cancelled" else last))
        with self._changed:
            spool.done = True
            self._changed.notify_all()

    def _begins(self, spool: Spool) -> bool:
        """Its mark made, unless somebody has given it up before."""
        if self._late:
            time.sleep(self._late / self.hurry)
        with self._changed:
            spool.marked = self._spools.get(spool.manifest.spool) is spool and not spool.cut
            self._changed.notify_all()
            return spool.marked

    def _step(self, step: AskedStep, spool: Spool, *, check: bool) -> Done:
        if step.guard:
            return Done("skipped", f"condition not met: {step.guard}", forecast="no-change")
        self.started.append(step.module)
        with self._changed:
            ended = self._changed.wait_for(
                lambda: spool.cut or (spool.stop and step.soft), self._pause / self.hurry
            )
        if ended:
            return _STOPPED
        module = self._modules.get(step.module)
        return module(step, self, check) if module else Done("failed", "NOT EMULATED", forecast="unknown")


def _up() -> str:
    return f"{time.monotonic():.2f}"


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
