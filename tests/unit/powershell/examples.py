"""Runs an example of a Windows module: its program, as compiled, on a recorded host."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from mspctl.engine.assemble import program
from mspctl.engine.assemble_windows import END, SECRETS
from mspctl.engine.capturing import Captured, captured, recording
from mspctl.engine.compile import compile_plan
from mspctl.engine.frames import Frame, FrameReader
from mspctl.engine.sending import Errand, Sending
from mspctl.engine.steptrack import StepTrack
from mspctl.library.folders import FolderLibrary
from mspctl.model.event import Event, HostEnded
from mspctl.model.inventory import Access, Client, ConnectionKind, Host, Site
from mspctl.model.outcome import Outcome
from mspctl.model.playbook import Playbook, Step
from mspctl.model.secret import Secret
from mspctl.model.selection import Selection
from mspctl.model.value import Value
from mspctl.render.jinja import JinjaRenderer
from mspctl.wiring.capturing import recorder_for
from mspctl.wiring.running import runtime_texts
from tests.unit.modules.example import Example
from tests.unit.modules.runner import NONCE, Result, result_of
from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.engine.machine import Machine, tree
from tests.unit.powershell.engine.values import Hash, Thing, Val, recorded
from tests.unit.powershell.recording import RecordingMachine

SPOOL = "C:\\ProgramData\\mspctl\\mspctl-0123456789abcdef"
_VERSION = "hklm:\\software\\microsoft\\windows nt\\currentversion"
_BUILD = {"InstallationType": "Server", "CurrentBuild": "20348", "UBR": 2113}


def run_windows(example: Example, library: FolderLibrary) -> tuple[Result, RecordedHost]:
    """What comes of the example, and the host as it was left."""
    host = _host(example)
    run_work(_work(example, library), host)
    return result_of(bytes(host.out), example, tuple(host.calls), tuple(host.surprises)), host


class _Stream(Thing):
    """The file to which the worker writes."""

    def __init__(self, out: bytearray) -> None:
        super().__init__(
            {"write()": lambda content, *_rest: out.extend(content), "flush()": None, "length": 0},
            "System.IO.FileStream",
        )
        self._out = out

    def get(self, name: str) -> Val:
        return len(self._out) if name.lower() == "length" else super().get(name)


def run_recorded(example: Example, library: FolderLibrary) -> Captured:
    """What the recorder of `mspctl dev capture` tells of a dry run, as the controller reads it."""
    reader, track = FrameReader(NONCE), StepTrack("acme/dc1", 2, True)  # noqa: FBT003 - a dry run
    events: list[Event] = []
    for part in (*reader.feed(said_recorded(example, library)), reader.close()):
        events += track.frame(part) if isinstance(part, Frame) else track.output(part)
    found = captured([*events, HostEnded("acme/dc1", datetime(2026, 11, 29, tzinfo=UTC), Outcome.OK)])
    assert not found.trouble, found.trouble
    return found


def said_recorded(example: Example, library: FolderLibrary) -> bytes:
    """All that the worker says in a recorded run of the example."""
    host = _host(example)
    before = sys.getrecursionlimit()
    # Each call of the module's goes through several of the recorder's.
    sys.setrecursionlimit(before * 4)
    try:
        run_work(_work(example, library, record=True), host, machine=RecordingMachine(host))
    finally:
        sys.setrecursionlimit(before)
    assert not host.surprises, host.surprises
    return bytes(host.out)


@dataclass(frozen=True, slots=True)
class Work:
    """What the worker's runspace gets: its script, and the lines with the secrets."""

    script: str
    secrets: tuple[str, ...]


def run_work(
    work: Work, host: RecordedHost, *, max_output: int = 1_000_000, machine: Machine | None = None
) -> None:
    """Runs what `work_in` gave; what it says is in `host.out`."""
    machine = machine or Machine(host)
    host.registry.setdefault(_VERSION, dict(_BUILD))
    shared = Hash(
        [
            *(("Step", -1), ("Limit", 0), ("Soft", True), ("Closed", False), ("SyncRoot", "")),
            *(("Stream", _Stream(host.out)), ("MaxOutput", max_output)),
        ]
    )
    secrets = ["", *work.secrets]
    machine.top.variables.update(mspctlshared=shared, mspctlspool=SPOOL, mspctlsecrets=secrets)
    script = tree(work.script)
    assert not script.has_error, "the grammar does not take the program"
    machine.run(script)


def work_in(sent: str, library: FolderLibrary) -> Work:
    """The worker's part of the program as it is sent."""
    texts = runtime_texts(library, windows=True).windows
    assert texts is not None
    worker, _, secrets = sent.split(END)[1].partition(SECRETS)
    begin = worker.index("$Work = {\n") + len("$Work = {\n")
    return Work(worker[begin : worker.index("}\n" + texts.finish)], tuple(secrets.splitlines()))


def _host(example: Example) -> RecordedHost:
    given = {name: recorded_map(value) for name, value in example.windows.items() if name != "now"}
    keys = {
        key.lower(): {name: recorded(value) for name, value in (values or {}).items()}
        for key, values in given["registry"].items()
    }
    host = RecordedHost(
        commands=given["commands"],
        programs=given["programs"],
        com=given["com"],
        adsi=given["adsi"],
        net=given["net"],
        environment={"SystemDrive": "C:", "PROCESSOR_ARCHITECTURE": "AMD64", **given["environment"]},
        registry=keys,
    )
    host.files.update({name.lower(): content_of(text) for name, text in example.files.items()})
    if example.windows.get("now"):
        host.now = recorded(example.windows["now"])
    return host


def content_of(text: Value) -> bytes:
    """A file's content: text, or bytes as `@hex@efbbbf`."""
    said = str(text or "")
    return bytes.fromhex(said.removeprefix("@hex@")) if said.startswith("@hex@") else said.encode()


def recorded_map(value: Value) -> Mapping[str, Val]:
    """A map of the example, empty if it is not there."""
    assert value is None or isinstance(value, Mapping), "expected a map"
    return value or {}


def _work(example: Example, library: FolderLibrary, *, record: bool = False) -> Work:
    playbook = Playbook("example", "", (), (Step(example.name, example.module, example.params),))
    host = Host("acme", "hq", "dc1", Access(ConnectionKind.WINRM, "192.0.2.1"), os="windows")
    client = Client("acme", "Acme", "UTC", (Site("hq", (host,)),))
    plan = compile_plan(
        playbook,
        Selection((host,)),
        [client],
        library,
        JinjaRenderer(),
        params={},
        check_mode=example.check_mode,
    )
    (bundle,) = plan.bundles
    bundle = replace(bundle, steps=tuple(replace(step, changes=False) for step in bundle.steps))
    if record:
        bundle = recording(bundle, recorder_for(library, windows=True))
    secrets = tuple(Secret(str(example.secrets[str(ref)]).encode()) for ref in bundle.secrets)
    texts = runtime_texts(library, windows=True)
    errand = Errand(NONCE, "spool", kept=recorded_map(example.windows.get("kept")))
    return work_in(program(Sending(errand, bundle, secrets, texts, {})).decode("ascii"), library)
