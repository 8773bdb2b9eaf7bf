"""The worker of the bundle for Windows at work on several steps: its own text, run by our interpreter."""

from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.engine.assemble import program
from mspctl.engine.frames import Frame, FrameReader
from mspctl.engine.sending import Errand, Sending
from mspctl.library.folders import FolderLibrary, open_library
from mspctl.library.places import places_of
from mspctl.model.bundle import Bundle
from mspctl.model.outcome import StepStatus
from mspctl.model.secret import Secret
from mspctl.shipped import shipped_folder
from mspctl.wiring.running import runtime_texts
from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.examples import SPOOL, run_work, work_in
from tests.unit.powershell.programs import ERRAND, HOST
from tests.unit.powershell.test_programs import compiled

ACT = """title: Act
platforms: [windows]
parameters:
  what: {type: text}
  word: {type: secret}
"""
SCRIPT = """$what = {{ what }}
{% if word %}
$word = {{ word | secret }}
{% else %}
$word = ''
{% endif %}
$memory = @{ Done = $false }

function Check {
    switch -Wildcard ($what) {
        'ok' { Ok 'fine' }
        'skip' { Skipped 'not here' }
        'hold' { HeldBack 'not now' }
        'unknown' { Unknown 'who knows' }
        'fail' { Failed 'bad' }
        'silent' { 'only words' }
        'throw' { throw 'boom' }
        'keep' {
            Keep colour "red`ngreen"
            Ok
        }
        'kept' { Ok ('it was ' + (Kept colour)) }
        'secret' { Ok ('it has ' + $word.Length) }
        'stubborn' { Needed thing 'a=1' }
        'change*' {
            if (-not $memory.Done) {
                Needed thing 'a=1' 'b=x%y'
            }
            Ok
        }
    }
}

function Apply {
    $memory.Done = $true
    if ($what -eq 'change and say') {
        Changed other 'c=2'
    }
}
"""


@pytest.fixture
def library(tmp_path: Path) -> FolderLibrary:
    for name, more in (("act", ""), ("restart", "reboots: true\nverify: false\n")):
        folder = tmp_path / "templates" / "modules" / name
        folder.mkdir(parents=True)
        (folder / "module.yml").write_text(ACT + more)
        (folder / "windows.ps1.j2").write_text(SCRIPT)
    (tmp_path / "playbooks").mkdir()
    return FolderLibrary(places_of(tmp_path, shipped_folder("templates"), shipped_folder("playbooks")))


def bundle_of(library: FolderLibrary, tmp_path: Path, *steps: str) -> Bundle:
    text = "\n".join(f"  - {step}" for step in steps)
    (tmp_path / "playbooks" / "try.yml").write_text(f"name: try\nsteps:\n{text}\n")
    return compiled(library, "try", HOST).bundles[0]


def frames_of(
    bundle: Bundle, errand: Errand = ERRAND, known: dict[int, StepStatus] | None = None, *, stop: bool = False
) -> list[Frame | bytes]:
    library = open_library(None)
    secrets = tuple(Secret(b"hunter2") for _ in bundle.secrets)
    steps = tuple(replace(step, changes=False) for step in bundle.steps)
    sending = Sending(
        errand, replace(bundle, steps=steps), secrets, runtime_texts(library, windows=True), known or {}
    )
    host = RecordedHost()
    if stop:
        host.files[f"{SPOOL}\\stop".lower()] = b""
    run_work(work_in(program(sending).decode("ascii"), library), host, max_output=errand.max_output)
    reader = FrameReader(errand.nonce)
    return [*reader.feed(bytes(host.out)), reader.close()]


def ends(frames: list[Frame | bytes]) -> list[tuple[str, str]]:
    """Status and reason of each step that ended."""
    return [(each.field(1), each.field(2)) for each in frames if isinstance(each, Frame) and each.verb == "E"]


def last(frames: list[Frame | bytes]) -> tuple[str, ...]:
    (found,) = [each.fields for each in frames if isinstance(each, Frame) and each.verb == "Z"]
    return found


def act(name: str, what: str, more: str = "") -> str:
    return f"{{name: {name}, module: act, params: {{what: {what}}}{more}}}"


def test_each_verdict_has_its_status(library: FolderLibrary, tmp_path: Path) -> None:
    words = (
        "ok",
        "skip",
        "hold",
        "unknown",
        "change",
        "change and say",
        "stubborn",
        "silent",
        "throw",
        "fail",
    )
    steps = [act(f"s{at}", word, ", on_failure: continue") for at, word in enumerate(words)]
    frames = frames_of(bundle_of(library, tmp_path, *steps))
    assert [status for status, _ in ends(frames)] == [
        *("ok", "skipped", "held", "changed", "changed", "changed", "failed", "failed", "failed", "failed")
    ]
    reasons = dict(zip(words, (reason for _, reason in ends(frames)), strict=True))
    assert reasons["silent"] == "the check gave no verdict"
    assert reasons["stubborn"] == "still needed after the change: thing"
    assert reasons["throw"].startswith("boom (line ")
    changes = [each.fields[1:] for each in frames if isinstance(each, Frame) and each.verb == "R"]
    assert changes == [("thing", "a=1", "b=x%y"), ("other", "c=2")]
    assert b"only words\n" in frames
    assert last(frames) == ("end", "1")


def test_a_dry_run_does_nothing_and_forecasts(library: FolderLibrary, tmp_path: Path) -> None:
    bundle = bundle_of(library, tmp_path, act("a", "change"), act("b", "unknown"), act("c", "ok"))
    frames = frames_of(replace(bundle, check_mode=True))
    told = [each.fields for each in frames if isinstance(each, Frame) and each.verb == "E"]
    assert [(fields[1], fields[-1]) for fields in told] == [
        ("changed", "change"),
        ("skipped", "unknown"),
        ("ok", "no-change"),
    ]


def test_a_failure_stops_the_rest_and_conditions_are_asked(library: FolderLibrary, tmp_path: Path) -> None:
    steps = (
        act("a", "change"),
        act("b", "ok", ", when: [{step: a, is: changed}, {fact: os_id, is: windows-server}]"),
        act("c", "ok", ", when: [{fact: os_family, is_not: windows}]"),
        act("d", "fail"),
        act("e", "ok"),
    )
    frames = frames_of(bundle_of(library, tmp_path, *steps))
    assert ends(frames)[1:] == [
        ("ok", "fine"),
        ("skipped", "condition not met: os_family is windows"),
        ("failed", "bad"),
        ("skipped", "not reached: step 4 failed"),
    ]


def test_a_reboot_is_a_barrier_and_what_was_kept_and_known_goes_on(
    library: FolderLibrary, tmp_path: Path
) -> None:
    steps = (
        act("a", "keep"),
        "{name: r, module: restart, params: {what: change}}",
        act("b", "kept"),
        act("c", "ok", ", when: [{step: a, is: ok}]"),
    )
    bundle = bundle_of(library, tmp_path, *steps)
    first = frames_of(bundle)
    assert [status for status, _ in ends(first)] == ["ok", "changed"]
    assert last(first) == ("reboot", "1")
    kept = next(each.fields for each in first if isinstance(each, Frame) and each.fields[:1] == ("kept",))
    assert kept == ("kept", "colour", "red green")
    errand = replace(ERRAND, first_step=2, kept={"colour": "red green"})
    second = frames_of(bundle, errand, {0: StepStatus.OK, 1: StepStatus.CHANGED})
    assert ends(second) == [("ok", "it was red green"), ("ok", "fine")]


def test_a_secret_arrives_and_a_stop_is_heard(library: FolderLibrary, tmp_path: Path) -> None:
    step = '{name: s, module: act, params: {what: secret, word: "env:WORD"}}'
    bundle = bundle_of(library, tmp_path, step, act("b", "ok"))
    assert ends(frames_of(bundle)) == [("ok", "it has 7"), ("ok", "fine")]
    stopped = frames_of(bundle, stop=True)
    assert ends(stopped) == [("skipped", "not reached: cancelled")] * 2
    assert last(stopped) == ("cancelled",)


def test_too_much_output_is_the_last_word_even_when_the_steps_are_over(
    library: FolderLibrary, tmp_path: Path
) -> None:
    bundle = bundle_of(library, tmp_path, act("a", "ok"))
    frames = frames_of(bundle, replace(ERRAND, room=0))
    assert last(frames)[0] == "max-output"
