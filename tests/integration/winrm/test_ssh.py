"""Windows over SSH: the same bundle, by a real sshd whose logins end at an emulated PowerShell."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.model.inventory import Host
from mspctl.model.outcome import Outcome
from mspctl.testing.sshd import Sshd, sessions
from mspctl.testing.winrm.console import WindowsConsole
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.shells import Program
from mspctl.testing.winrm.windows import Done, WindowsHost
from tests.integration.winrm.engine import run

CONFINED = (
    b'#< CLIXML\r\n<Objs><S S="Error">It is supported only in another lan_x000D__x000A_guage mode.</S></Objs>'
)


class Door:
    """Who answers a login may change."""

    def __init__(self, host: WindowsHost) -> None:
        self.host = host
        self.hurry = host.hurry
        self.lines: list[str] = []

    def start(self, line: str) -> Program:
        self.lines.append(line)
        return self.host.start(line)


@pytest.fixture
def door(host: WindowsHost) -> Door:
    return Door(host)


@pytest.fixture
def sshd(door: Door, tmp_path: Path) -> Iterator[Sshd]:
    with WindowsConsole(door, tmp_path) as console, Sshd(tmp_path / "sshd", (console.forced,)) as served:
        yield served


def windows_over_ssh(sshd: Sshd) -> Host:
    deadlines = replace(sshd.access.deadlines, run=30, reboot=20)
    return replace(sshd.host(), os="windows", access=replace(sshd.access, deadlines=deadlines))


def test_the_bundle_goes_the_same_way(sshd: Sshd, door: Door) -> None:
    word = run(windows_over_ssh(sshd), sshd.transport(), 20)
    assert word.outcome is Outcome.OK, word
    assert door.host.started == ["facts"] * 20
    assert door.host.spools == 0
    (line,) = door.lines
    assert line.startswith("powershell.exe ")
    assert len(line) < 8000


def test_a_cut_session_is_followed_and_no_step_begins_twice(sshd: Sshd, door: Door) -> None:
    def cut(step: AskedStep, host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - a Module's shape
        if step.index == 1:
            for pid in sessions(sshd.pid):
                os.kill(pid, signal.SIGKILL)
        return Done("ok", str(len(host.started)))

    door.host = WindowsHost({"facts": cut}, pause=0.1)
    word = run(windows_over_ssh(sshd), sshd.transport(), 3)
    assert word.outcome is Outcome.OK, word
    assert door.host.started == ["facts"] * 3
    assert len(door.lines) == 2


def test_why_nothing_began_is_told_in_words_of_windows(sshd: Sshd, door: Door) -> None:
    class Confined(WindowsHost):
        def start(self, line: str) -> Program:
            del line
            return WindowsHost({}, {"": lambda _line: (b"", CONFINED, 1)}).start("x")

    door.host = Confined({})
    word = run(windows_over_ssh(sshd), sshd.transport(), 1)
    assert (word.outcome, word.reason) == (Outcome.FAILED, "constrained"), word
