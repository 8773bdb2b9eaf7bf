"""What was compiled does on a host what the playbook says: the real worker's text under each shell."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from mspctl.engine.assemble_posix import posix_worker
from mspctl.engine.frames import Frame, FrameReader
from mspctl.engine.sending import Errand, RuntimeTexts, Sending
from mspctl.engine.steptrack import StepTrack
from mspctl.model.event import StepEnded
from tests.unit.compiling import SAY, Project, host
from tests.unit.render.shells import SHELLS

NONCE = "fedcba9876543210fedcba9876543210"
SCRIPT = """check() {
    case {{ text }} in
    needed) needed "do it" ;;
    failed) failed "cannot" ;;
    *) ok ;;
    esac
}
apply() { changed done; }
"""
PLAYBOOK = """\
steps:
  - {name: Works, module: say, params: {text: needed}, notify: [Told]}
  - {name: Nothing, module: say, params: {text: ok}, notify: [Not told]}
  - {name: After, module: say, params: {text: ok}, when: [{step: Works, is: changed}]}
  - {name: Not after, module: say, params: {text: ok}, when: [{step: Nothing, is: changed}]}
  - {name: Elsewhere, module: say, params: {text: ok}, when: [{fact: os_id, is: beos}]}
  - {name: Unwanted, module: say, params: {text: ok}, when: [{var: wanted, is: "yes"}]}
  - {name: Breaks, module: say, params: {text: failed}, on_failure: continue}
handlers:
  - {name: Told, module: say, params: {text: needed}}
  - {name: Not told, module: say, params: {text: needed}}
"""


@pytest.mark.parametrize("shell", SHELLS)
def test_conditions_handlers_and_failures_come_out_as_written(tmp_path: Path, shell: str) -> None:
    (tmp_path / "spool").mkdir()
    project = Project(tmp_path)
    project.module("say", f"{SAY}verify: false\n", SCRIPT)
    project.playbook(PLAYBOOK)
    ends = run(project, shell, tmp_path / "spool")
    assert [f"{end.status}: {end.reason}".removesuffix(": ") for end in ends[:4]] == [
        "changed: do it",
        "ok",
        "ok",
        "skipped: condition not met: the step Nothing is ok",
    ]
    assert ends[4].reason.startswith("condition not met: os_id is ")
    assert ends[5].reason == "condition not met: variable wanted is not set"
    assert [f"{end.status}: {end.reason}" for end in ends[6:]] == [
        "failed: cannot",
        "changed: do it",
        "skipped: condition not met: no step that notifies it changed",
    ]


def run(project: Project, shell: str, spool: Path) -> list[StepEnded]:
    bundle = project.compile(host()).bundles[0]
    # Without steps that change anything the worker leaves the machine's lock alone.
    bundle = replace(bundle, steps=tuple(replace(step, changes=False) for step in bundle.steps))
    library = project.library()
    texts = RuntimeTexts(library.shell("launch"), library.shell("worker"), library.shell("finish"))
    with (spool / "out").open("wb") as out:
        subprocess.run(
            [*SHELLS[shell], "-s", "--", str(spool)],
            input=posix_worker(Sending(Errand(NONCE, "spool"), bundle, (), texts, {})),
            stdout=out,
            env={},
            timeout=100,
            check=True,
        )
    reader, track = FrameReader(NONCE), StepTrack("acme/web1", len(bundle.steps))
    frames = [part for part in reader.feed((spool / "out").read_bytes()) if isinstance(part, Frame)]
    events = [event for frame in frames for event in track.frame(frame)]
    return [event for event in events if isinstance(event, StepEnded)]
