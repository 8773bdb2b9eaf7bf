"""Runs one example: the module's step in the real worker, under a given shell, on recorded commands."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mspctl.engine.assemble_posix import posix_worker
from mspctl.engine.compile import compile_plan
from mspctl.engine.frames import Frame, FrameReader
from mspctl.engine.sending import Errand, RuntimeTexts, Sending
from mspctl.engine.steptrack import StepTrack
from mspctl.library.folders import FolderLibrary
from mspctl.model.bundle import Bundle
from mspctl.model.event import Event, Report, ReportKind, StepEnded, StepOutput, StepReported
from mspctl.model.inventory import Access, Client, Host, Site
from mspctl.model.playbook import Playbook, Step
from mspctl.model.secret import Secret
from mspctl.model.selection import Selection
from mspctl.model.value import Value
from mspctl.render.jinja import JinjaRenderer
from tests.unit.modules.example import ROOT, Example
from tests.unit.modules.stubs import calls, make_path, surprises

SHELLS = {"dash": ("dash",), "busybox": ("busybox", "sh"), "bash": ("bash", "--posix")}
FACTS = {"os_id": "debian", "os_version": "12", "os_family": "debian", "pkg": "apt", "init": "systemd"}
NONCE = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an example: the step's end, its reports, its output, and what its commands saw."""

    ended: StepEnded
    reports: tuple[Report, ...]
    output: str
    calls: tuple[str, ...]
    surprises: tuple[str, ...]

    def of(self, kind: ReportKind) -> tuple[Report, ...]:
        return tuple(report for report in self.reports if report.kind is kind)


def run_example(example: Example, shell: str, folder: Path, library: FolderLibrary) -> Result:
    """Run the example in a folder of its own; `shell` is a name of SHELLS."""
    root = folder / "root"
    root.mkdir()
    for name, content in example.files.items():
        file = root / name.removeprefix("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(content or ""))
    commands = {
        line.replace(ROOT, str(root)): tuple(
            replace(answer, stdout=answer.stdout.replace(ROOT, str(root))) for answer in answers
        )
        for line, answers in example.commands.items()
    }
    path = make_path(folder / "path", commands)
    bundle = _bundle(example, root, path, library)
    secrets = tuple(Secret(str(example.secrets[str(ref)])) for ref in bundle.secrets)
    texts = RuntimeTexts(library.shell("launch"), library.shell("worker"), library.shell("finish"))
    spool = folder / "spool"
    spool.mkdir()
    # Output goes to a file as on a host: the watchdog's last `sleep` would hold a pipe open.
    with (spool / "out").open("wb") as out:
        subprocess.run(
            [*SHELLS[shell], "-s", "--", str(spool)],
            input=posix_worker(Sending(Errand(NONCE, "spool"), bundle, secrets, texts, {})),
            stdout=out,
            stderr=subprocess.STDOUT,
            env={},
            timeout=150,
            check=False,
        )
    place = folder / "path"
    return result_of((spool / "out").read_bytes(), example, calls(place), surprises(place))


def inserted(value: Value, root: Path) -> Value:
    """The value with the example's folder in place of `@root@`."""
    if isinstance(value, str):
        return value.replace(ROOT, str(root))
    if isinstance(value, tuple):
        return tuple(inserted(item, root) for item in value)
    if isinstance(value, Mapping):
        return {name.replace(ROOT, str(root)): inserted(item, root) for name, item in value.items()}
    return value


def _bundle(example: Example, root: Path, path: str, library: FolderLibrary) -> Bundle:
    params = {name: inserted(value, root) for name, value in example.params.items()}
    playbook = Playbook("example", "", (), (Step(example.name, example.module, params),))
    host = Host("acme", "hq", "web1", Access(address="192.0.2.1", user="root"))
    client = Client("acme", "Acme", "UTC", (Site("hq", (host,)),))
    selection, check = Selection((host,)), example.check_mode
    plan = compile_plan(playbook, selection, [client], library, JinjaRenderer(), params={}, check_mode=check)
    bundle = plan.bundles[0]
    facts = "".join(f"{name}='{value}'\n" for name, value in {**FACTS, **example.facts}.items())
    # The bundle's libraries come after the worker has set PATH: a library of the test's own sets it anew. The
    # step claims to change nothing, which keeps the test away from the machine's lock.
    steps = tuple(replace(step, changes=False) for step in bundle.steps)
    return replace(bundle, steps=steps, libraries=(*bundle.libraries, f"PATH={path}\n{facts}"))


def _events(stream: bytes, check_mode: bool) -> Iterator[Event]:  # noqa: FBT001 - private
    reader, track = FrameReader(NONCE), StepTrack("acme/web1", 1, check_mode)
    for part in (*reader.feed(stream), reader.close()):
        yield from track.frame(part) if isinstance(part, Frame) else track.output(part)


def result_of(
    stream: bytes, example: Example, called: tuple[str, ...], surprising: tuple[str, ...]
) -> Result:
    """What the worker's output says, with what its commands saw."""
    events = tuple(_events(stream, example.check_mode))
    ends = [event for event in events if isinstance(event, StepEnded)]
    assert len(ends) == 1, f"the step did not end once:\n{stream.decode(errors='replace')}"
    output = b"".join(event.chunk for event in events if isinstance(event, StepOutput))
    reports = tuple(event.report for event in events if isinstance(event, StepReported))
    return Result(ends[0], reports, output.decode(errors="replace"), called, surprising)
