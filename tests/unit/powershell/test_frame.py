"""The frame of a run on Windows: bootstrap, launch, the task and the watch over it, their own texts at work.

Our interpreter runs them on a host that we play: it shows what they do where Windows is as we understand it.
"""

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mspctl.engine.assemble_windows import END
from mspctl.engine.sending import Errand, Mode
from mspctl.library.folders import FolderLibrary
from mspctl.library.places import places_of
from mspctl.model.bundle import Bundle
from mspctl.shipped import shipped_folder
from tests.unit.powershell.engine.members import call
from tests.unit.powershell.engine.values import PsError
from tests.unit.powershell.frame.night import Link, text_for
from tests.unit.powershell.frame.windows import SYSTEM, Windows
from tests.unit.powershell.frame.world import BOOT
from tests.unit.powershell.programs import ERRAND, HOST
from tests.unit.powershell.test_programs import compiled

WAIT = """title: Wait
platforms: [windows]
parameters: {seconds: {type: int, default: 0}, word: {type: secret}, noise: {type: int, default: 0}}
"""
SCRIPT = """$seconds = {{ seconds }}
$noise = {{ noise }}
{% if word %}
$word = {{ word | secret }}
{% else %}
$word = ''
{% endif %}

function Check {
    for ($second = 0; $second -lt $seconds; $second++) {
        Start-Sleep -Seconds 1
    }
    if ($noise -gt 0) {
        'x' * $noise
        Start-Sleep -Seconds 10
    }
    Ok ('waited ' + $seconds + ' s, ' + $word.Length)
}
"""
BOOT_ID = str(call(BOOT, "ToFileTime", []))
SPOOL = f"c:\\programdata\\mspctl\\{ERRAND.spool}"


@pytest.fixture
def bundle(tmp_path: Path, request: pytest.FixtureRequest) -> Bundle:
    folder = tmp_path / "templates" / "modules" / "wait"
    folder.mkdir(parents=True)
    (folder / "module.yml").write_text(WAIT)
    (folder / "windows.ps1.j2").write_text(SCRIPT)
    steps = getattr(request, "param", ("{seconds: 5}", '{word: "env:WORD"}'))
    text = "\n".join(f"  - {{name: s{at}, module: wait, params: {step}}}" for at, step in enumerate(steps))
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "playbooks" / "try.yml").write_text(f"name: try\nsteps:\n{text}\n")
    library = FolderLibrary(places_of(tmp_path, shipped_folder("templates"), shipped_folder("playbooks")))
    return compiled(library, "try", HOST).bundles[0]


def test_a_run_from_its_start_to_the_removal_of_what_it_left(bundle: Bundle) -> None:
    windows = Windows()
    text = text_for(bundle, ERRAND, b"hunter2")

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text)
        assert link.until(lambda link: link.ended, 60), link.said.decode()
        attached, ended = link.words("@")[0], link.words("@")[-1]
        assert (attached[0], attached[4]) == ("attached", "new")
        assert ended[:3] == ("ended", "unknown", "ok")
        assert attached[2] == attached[3] == ended[3]
        assert [fields[1:3] for fields in link.words("E")] == [
            ("ok", "waited 5 s, 0"),
            ("ok", "waited 0 s, 7"),
        ]
        assert link.words("Z") == [("end", "")]
        assert f"{SPOOL}\\out" in windows.files.contents
        assert link.finish() == 0
        assert not any(name.startswith(SPOOL) for name in windows.files.contents)
        assert windows.tasks == {}
        # What Script Block Logging would write: the secret is at work, and in no text that became code.
        assert len(windows.code) >= 5
        for code in windows.code:
            assert "hunter2" not in code
            assert base64.b64encode(b"hunter2").decode() not in code

    windows.world.run(controller)


def test_a_link_that_is_lost_ends_nothing_and_another_goes_on_from_the_byte(bundle: Bundle) -> None:
    windows = Windows()
    text = text_for(bundle, ERRAND)

    def controller() -> None:
        first = Link(windows, ERRAND.nonce)
        first.send(text)
        assert first.until(lambda link: bool(link.words("S")), 30)
        first.drop()
        errand = replace(ERRAND, mode=Mode.ATTACH, offset=len(first.body))
        second = Link(windows, ERRAND.nonce)
        second.send(text_for(bundle, errand))
        assert second.until(lambda link: link.ended, 60)
        assert second.words("@")[0][4] == "again"
        whole = first.body + second.body
        assert whole == windows.files.contents[f"{SPOOL}\\out"]
        assert whole.count(b"\x1fS\x1f0\x1f") == 1
        assert second.finish() == 0

    windows.world.run(controller)


def test_a_program_that_is_cut_off_runs_nothing(bundle: Bundle) -> None:
    windows = Windows()
    first, whole = text_for(bundle, ERRAND).split(END)[:2]

    def controller() -> None:
        launch = Link(windows, ERRAND.nonce)
        launch.send(first)
        assert launch.finish("") == 76
        work = Link(windows, ERRAND.nonce)
        work.send(first + END + whole)
        assert work.finish("") != 0
        assert windows.tasks == {}
        assert [name for name in windows.files.contents if "mspctl-" in name] == []

    windows.world.run(controller)


@pytest.mark.parametrize("bundle", [("{seconds: 100}", "{seconds: 100}")], indirect=True)
def test_a_step_that_takes_too_long_is_ended_and_said(bundle: Bundle) -> None:
    windows = Windows()
    steps = (replace(bundle.steps[0], timeout=10), *bundle.steps[1:])

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(replace(bundle, steps=steps), ERRAND))
        assert link.until(lambda link: link.ended, 60)
        (ended,) = link.words("E")
        assert ended[:3] == ("0", "failed", "the step's time limit of 10 s was reached")
        assert link.words("Z") == [("step-timeout", "0", "the step's time limit of 10 s was reached")]
        assert 10 <= windows.world.clock < 20
        assert link.finish() == 0

    windows.world.run(controller)


@pytest.mark.parametrize("bundle", [("{seconds: 8}", "{seconds: 8}")], indirect=True)
def test_each_step_has_its_own_time(bundle: Bundle) -> None:
    windows = Windows()
    steps = tuple(replace(step, timeout=10) for step in bundle.steps)

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(replace(bundle, steps=steps), ERRAND))
        assert link.until(lambda link: link.ended, 60)
        assert link.words("Z") == [("end", "")]

    windows.world.run(controller)


@pytest.mark.parametrize("bundle", [("{seconds: 100}", "{seconds: 100}")], indirect=True)
def test_a_run_that_takes_too_long_is_ended_and_said(bundle: Bundle) -> None:
    windows = Windows()
    deadlines = replace(bundle.host.access.deadlines, run=20)
    host = replace(bundle.host, access=replace(bundle.host.access, deadlines=deadlines))

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(replace(bundle, host=host), ERRAND))
        assert link.until(lambda link: link.ended, 60)
        assert link.words("Z") == [("run-timeout", "0", "the run's time limit of 20 s was reached")]
        assert link.finish() == 0

    windows.world.run(controller)


@pytest.mark.parametrize("bundle", [("{noise: 5000}", "{}")], indirect=True)
def test_a_step_that_prints_too_much_is_ended_and_said(bundle: Bundle) -> None:
    windows = Windows()

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, replace(ERRAND, room=4000)))
        assert link.until(lambda link: link.ended, 60)
        (last,) = link.words("Z")
        assert last[:2] == ("max-output", "0")
        assert link.finish() == 0

    windows.world.run(controller)


@pytest.mark.parametrize("bundle", [("{seconds: 100}", "{seconds: 100}")], indirect=True)
def test_a_cancelled_run_ends_its_worker_and_says_so_to_whoever_asks(bundle: Bundle) -> None:
    windows = Windows()

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, ERRAND))
        assert link.until(lambda link: bool(link.words("S")), 60)
        link.drop()
        other = Link(windows, ERRAND.nonce)
        other.send(text_for(bundle, replace(ERRAND, mode=Mode.CANCEL)))
        assert other.until(lambda link: link.ended, 30)
        assert other.words("Z") == [("cancelled", "0", "stopped on request")]
        assert all(task.process is None or not task.process.alive for task in windows.tasks.values())
        assert other.finish() == 0
        assert [name for name in windows.files.contents if "mspctl-" in name] == []

    windows.world.run(controller)


@pytest.mark.parametrize("bundle", [("{seconds: 30}",)], indirect=True)
def test_a_worker_that_is_killed_has_no_last_word(bundle: Bundle) -> None:
    windows = Windows()

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, ERRAND))
        assert link.until(lambda link: bool(link.words("S")), 60)
        (task,) = windows.tasks.values()
        assert task.process is not None
        windows.end(task.process, 1)
        assert link.until(lambda link: link.ended, 30)
        assert link.words("Z") == []
        assert link.finish("") == 75
        assert f"{SPOOL}\\out" in windows.files.contents

    windows.world.run(controller)


@pytest.mark.parametrize("bundle", [("{seconds: 20}",)], indirect=True)
def test_a_second_start_finds_the_first_and_starts_nothing(bundle: Bundle) -> None:
    windows = Windows()

    def controller() -> None:
        first, second = Link(windows, ERRAND.nonce), Link(windows, ERRAND.nonce)
        first.send(text_for(bundle, ERRAND))
        windows.world.wait(lambda: f"{SPOOL}\\begun" in windows.files.contents)
        second.send(text_for(bundle, ERRAND))
        for link in (first, second):
            assert link.until(lambda link: link.ended, 90)
            assert link.words("Z") == [("end", "")]
        assert sorted(link.words("@")[0][4] for link in (first, second)) == ["again", "new"]
        assert len(windows.tasks) <= 1

    windows.world.run(controller)


def test_of_two_starts_at_the_same_moment_one_begins_and_the_other_disturbs_nothing(bundle: Bundle) -> None:
    windows = Windows()

    def controller() -> None:
        links = Link(windows, ERRAND.nonce), Link(windows, ERRAND.nonce)
        for link in links:
            link.send(text_for(bundle, ERRAND))
        assert links[0].until(lambda link: link.ended, 90)
        assert links[0].words("Z") == [("end", "")]
        assert links[1].finish("") == 73
        assert links[1].words("@")[-1][0] == "not-started"
        assert f"{SPOOL}\\out" in windows.files.contents

    windows.world.run(controller)


def test_the_work_that_cannot_even_begin_says_why(bundle: Bundle) -> None:
    windows = Windows()

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(replace(bundle, libraries=("throw 'no library'\n",)), ERRAND))
        assert link.until(lambda link: link.ended, 60)
        assert b"the worker failed: no library\n" in link.said
        assert link.words("Z") == []

    windows.world.run(controller)


@pytest.mark.parametrize(
    ("word", "status", "code"),
    [
        ("mspctl_acknowledge_and_reboot", 0, 0),
        ("mspctl_acknowledge_and_reboot", 1115, 0),
        ("mspctl_acknowledge_and_reboot", 5, 74),
        ("", 0, 75),
        ("mspctl_nonsense", 0, 75),
    ],
)
def test_what_becomes_of_the_spool_and_the_host(bundle: Bundle, word: str, status: int, code: int) -> None:
    windows = Windows(shutdown_status=status)

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, ERRAND))
        assert link.until(lambda link: link.ended, 60)
        assert link.finish(word) == code
        assert len(windows.shutdowns) == word.count("reboot")
        assert any(name.startswith(SPOOL) for name in windows.files.contents) is (code == 75)

    windows.world.run(controller)


def _never() -> None:
    return None


def _refuses() -> float:
    raise PsError("Access is denied.")


@pytest.mark.parametrize(
    ("windows", "errand", "word", "code", "why"),
    [
        (Windows(administrator=False), ERRAND, "not-root", 77, "ACME\\svc"),
        (Windows(), replace(ERRAND, mode=Mode.ATTACH), "no-spool", 73, ""),
        (Windows(), replace(ERRAND, not_boot=BOOT_ID), "same-boot", 0, ""),
        (Windows(root_owner="S-1-5-21-9"), ERRAND, "not-started", 73, "belongs to S-1-5-21-9"),
        (
            Windows(root_open_to=(SYSTEM, "S-1-5-32-545")),
            ERRAND,
            "not-started",
            73,
            "is open to S-1-5-32-545",
        ),
        (Windows(scheduler=_never), ERRAND, "not-started", 73, "within 40 s"),
        (Windows(scheduler=_refuses), ERRAND, "not-started", 73, "Access is denied."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_refused_is_said_and_leaves_nothing(
    bundle: Bundle, windows: Windows, errand: Errand, word: str, code: int, why: str
) -> None:
    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, errand))
        assert link.finish("") == code
        said = link.words("@")[-1]
        assert said[0] == word
        assert why in " ".join(said)
        assert windows.tasks == {}
        assert [name for name in windows.files.contents if "mspctl-" in name] == []

    windows.world.run(controller)


def test_what_nobody_came_back_for_goes_after_two_weeks(bundle: Bundle) -> None:
    windows = Windows()
    root = "C:\\ProgramData\\mspctl"
    for name in ("mspctl-old", "mspctl-young"):
        windows.files.contents[f"{root}\\{name}\\out".lower()] = b""
    windows.written[f"{root}\\mspctl-old"] = windows.world.now - timedelta(days=15)
    windows.written[f"{root}\\mspctl-young"] = windows.world.now - timedelta(days=1)

    def controller() -> None:
        link = Link(windows, ERRAND.nonce)
        link.send(text_for(bundle, ERRAND))
        assert link.until(lambda link: link.ended, 60)
        assert f"{root}\\mspctl-old\\out".lower() not in windows.files.contents
        assert f"{root}\\mspctl-young\\out".lower() in windows.files.contents

    windows.world.run(controller)
