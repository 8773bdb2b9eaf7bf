"""What a link to Windows waits for and when it sends: launch.ps1 itself, on a host that we play."""

from dataclasses import dataclass, field, replace

import pytest

from mspctl.engine.assemble_windows import GATHER
from mspctl.engine.sending import Mode
from mspctl.model.bundle import Bundle
from tests.unit.powershell.engine.members import call
from tests.unit.powershell.frame.machine import Lines
from tests.unit.powershell.frame.night import BOOTSTRAP, Link, text_for
from tests.unit.powershell.frame.windows import Windows
from tests.unit.powershell.programs import ERRAND
from tests.unit.powershell.test_frame import BOOT_ID, SPOOL, bundle

__all__ = ["bundle"]


@dataclass(eq=False)
class Timed(Link):
    """Notes when something came: a piece that comes at one time answers one request."""

    times: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        def said(content: bytes) -> None:
            self.said.extend(content)
            self.times.append(self.windows.world.clock)

        self.process = self.windows.powershell(BOOTSTRAP, Lines(self._line), said)


@pytest.mark.parametrize("bundle", [("{seconds: 3}",) * 40], indirect=True)
def test_what_is_said_is_gathered_and_the_rest_comes_at_the_end(bundle: Bundle) -> None:
    windows = Windows()

    def controller() -> None:
        link = Timed(windows, ERRAND.nonce)
        link.send(text_for(bundle, ERRAND))
        assert link.until(lambda link: link.ended, 300)
        begun = float(link.words("B")[0][1]) - 600
        pieces = sorted(set(link.times))
        assert len(pieces) == 3
        assert [int(piece - begun) for piece in pieces[:2]] == [GATHER[0], sum(GATHER)]
        assert len(link.words("E")) == 40

    windows.world.run(controller)


def test_a_slow_worker_is_waited_for_and_called_nothing_else(bundle: Bundle) -> None:
    windows = Windows(slow=100)

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, ERRAND))
        assert link.until(lambda link: link.ended, 300)
        assert [said[0] for said in link.words("@")] == ["starting"] * 6 + ["attached", "ended"]
        assert link.words("Z") == [("end", "")]

    windows.world.run(controller)


def test_who_waits_for_a_worker_too_long_keeps_it_from_beginning(bundle: Bundle) -> None:
    windows = Windows(slow=500)

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, ERRAND))
        assert link.finish("") == 73
        assert "no worker has begun within 120 s, and none will" in link.words("@")[-1][1]
        windows.world.wait(bool, 500)
        left_nothing_and_did_nothing(windows)

    windows.world.run(controller)


@pytest.mark.parametrize("bundle", [("{seconds: 30}",)], indirect=True)
def test_a_second_link_waits_for_a_start_that_is_under_way(bundle: Bundle) -> None:
    windows = Windows(scheduler=lambda: 38.0)

    def controller() -> None:
        first, second = Link(windows, ERRAND.nonce), Link(windows, ERRAND.nonce)
        first.send(text_for(bundle, ERRAND))
        windows.world.wait(lambda: f"{SPOOL}\\begun" in windows.files.contents)
        second.send(text_for(bundle, replace(ERRAND, mode=Mode.ATTACH)))
        assert second.until(lambda link: link.ended, 90)
        assert [said[0] for said in second.words("@")] == ["starting", "starting", "attached", "ended"]
        assert second.words("Z") == [("end", "")]

    windows.world.run(controller)


@pytest.mark.parametrize("mode", [Mode.START, Mode.ATTACH])
def test_a_start_that_was_given_up_is_known_never_to_begin(bundle: Bundle, mode: Mode) -> None:
    windows = Windows(scheduler=lambda: 38.0)

    def controller() -> None:
        first, second = Link(windows, ERRAND.nonce), Link(windows, ERRAND.nonce)
        first.send(text_for(bundle, ERRAND))
        windows.world.wait(lambda: f"{SPOOL}\\begun" in windows.files.contents)
        second.send(text_for(bundle, replace(ERRAND, mode=mode)))
        windows.world.wait(bool, 20)
        first.drop()
        assert second.finish("") == 73
        assert second.words("@")[-1][0] == "not-started"
        windows.world.wait(bool, 100)
        left_nothing_and_did_nothing(windows)

    windows.world.run(controller)


def test_a_stop_before_the_worker_begins_keeps_it_from_beginning(bundle: Bundle) -> None:
    windows = Windows(scheduler=lambda: 30.0)

    def controller() -> None:
        first, second = Link(windows, ERRAND.nonce), Link(windows, ERRAND.nonce)
        first.send(text_for(bundle, ERRAND))
        windows.world.wait(lambda: f"{SPOOL}\\begun" in windows.files.contents)
        second.send(text_for(bundle, replace(ERRAND, mode=Mode.CANCEL)))
        assert second.finish("") == 73
        assert second.words("@")[-1][0] == "not-started"
        assert windows.world.clock < 10
        windows.world.wait(bool, 100)
        left_nothing_and_did_nothing(windows)

    windows.world.run(controller)


def left_nothing_and_did_nothing(windows: Windows) -> None:
    assert windows.tasks == {}
    assert [name for name in windows.files.contents if "mspctl-" in name] == []


@pytest.mark.parametrize("open_to", ["S-1-5-32-545", "S-1-3-0"])
def test_a_folder_that_others_may_open_is_refused(bundle: Bundle, open_to: str) -> None:
    windows = Windows(root_open_to=("S-1-5-18", "S-1-5-32-544", open_to))

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, ERRAND))
        assert link.finish("") == 73
        assert f"is open to {open_to}" in link.words("@")[0][1]
        left_nothing_and_did_nothing(windows)

    windows.world.run(controller)


def test_what_nobody_will_ask_for_goes_with_the_next_start(bundle: Bundle) -> None:
    windows = Windows()
    folder = "c:\\programdata\\mspctl\\mspctl-"
    gone, other, at_work = (f"{folder}{each * 16}" for each in "abc")
    windows.files.contents |= {f"{each}\\out": b"" for each in (gone, other, at_work)}

    def controller() -> None:
        worker = windows.world.process()
        mark = f"{worker.number} {call(worker.began, 'ToFileTime', [])} {BOOT_ID}"
        windows.files.contents[f"{at_work}\\worker"] = mark.encode()
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, replace(ERRAND, gone=("mspctl-" + "a" * 16, "mspctl-" + "c" * 16))))
        assert link.until(lambda link: link.ended, 60)
        left = {name.rpartition("\\")[0] for name in windows.files.contents}
        assert {gone, other, at_work} & left == {other, at_work}

    windows.world.run(controller)
