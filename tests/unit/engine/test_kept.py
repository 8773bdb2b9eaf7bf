"""What a step keeps for a later one: in the same bundle, over a reboot, and never as anything but text."""

import subprocess

import pytest

from mspctl.engine.assemble import program
from mspctl.engine.frames import Frame, FrameReader
from mspctl.engine.sending import Errand, Sending
from mspctl.engine.steptrack import MAX_KEPT, StepTrack
from mspctl.model.event import Report, ReportKind
from mspctl.testing.shell_transport import ShellTransport
from tests.unit.engine.bundles import bundle, events, plan, step, step_endings, texts

ASK = 'check() { if kept a.b; then ok "it was $REPLY"; else ok "it was nothing"; fi; }'
NASTY = "it's $(touch /tmp/never) `id` %0A \\ = 2"


def keeping(value: str) -> str:
    quoted = value.replace("'", "'\\''")
    return f"check() {{ keep a.b first; keep a.b '{quoted}'; ok; }}"


@pytest.mark.parametrize("value", ["plain", NASTY, "two\nlines"])
def test_a_later_step_of_the_bundle_is_told(value: str) -> None:
    found = events(plan(bundle(step(0, keeping(value)), step(1, ASK))), ShellTransport())
    assert step_endings(found)[1].reason == f"it was {value}".replace("\n", " ")


def test_nothing_kept_is_nothing() -> None:
    assert step_endings(events(plan(bundle(step(0, ASK))), ShellTransport()))[0].reason == "it was nothing"


@pytest.mark.parametrize(
    "shell", [["dash"], ["bash", "--posix"], ["busybox", "sh"]], ids=lambda argv: argv[0]
)
def test_the_next_bundle_is_told_by_its_program(shell: list[str]) -> None:
    nonce = "0" * 32
    errand = Errand(nonce, f"mspctl-kept-{shell[0]}", first_step=1, kept={"a.b": NASTY, "a": "other"})
    sent = program(Sending(errand, bundle(step(0, "check() { ok; }"), step(1, ASK)), (), texts(), {}))
    argv = [*shell, "-s"]
    ran = subprocess.run(
        argv, input=sent + b"mspctl_acknowledge\n", capture_output=True, timeout=100, check=False
    )
    frames = [item for item in FrameReader(nonce).feed(ran.stdout) if isinstance(item, Frame)]
    (ended,) = (frame for frame in frames if frame.verb == "E")
    assert ended.field(2) == f"it was {NASTY}"


def test_a_lying_host_can_keep_no_line_of_its_own_and_not_endlessly_many() -> None:
    track = StepTrack("h", 1)
    track.keep(Report(ReportKind.KEPT, "a\nb", "x"))
    track.keep(Report(ReportKind.KEPT, "a=b", "x"))
    track.keep(Report(ReportKind.FACT, "fact", "x"))
    assert not track.kept
    for number in range(MAX_KEPT + 5):
        track.keep(Report(ReportKind.KEPT, f"n{number}", "one\ntwo"))
    assert len(track.kept) == MAX_KEPT
    assert track.kept["n0"] == "one two"
