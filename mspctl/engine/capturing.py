"""A step whose calls are recorded, for an example of its module: what is put around it, and read from it."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mspctl.engine.watching import start_of, watched
from mspctl.errors import InternalError
from mspctl.model.bundle import Bundle, BundleStep
from mspctl.model.event import Event, HostEnded, Report, ReportKind, StepEnded, StepOutput, StepReported
from mspctl.model.outcome import StepStatus
from mspctl.model.playbook import OnFailure

HARMLESS: tuple[str, ...] = tuple(
    """
    [ awk base64 basename cat chmod chown cksum cmp comm cp cut date dd diff dirname echo env expr
    false find grep head id join kill ln ls mkdir mktemp mv nl od paste printf pwd readlink realpath
    rm rmdir sed seq sh sha256sum sleep sort stat tac tail tee test timeout touch tr true uname uniq
    wc xargs
    """.split()  # noqa: SIM905 - a list of forty strings is harder to read
)
"""Programs that only read, reckon and handle the files they are given: no example needs to record them."""

_WORD = re.compile(r"[a-z][a-z0-9_.+-]+")


@dataclass(frozen=True, slots=True)
class Call:
    """One call as an example tells it: its line, and its answer in the words of examples."""

    line: str
    answer: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Source:
    """Something that answers by itself, as `lib/watch.ps1` tells it.

    `kind` is com, adsi, program, environment, type or new (an object of .NET), `line` what was opened, with
    `words`. In `node` stands by each member's name what it said; for a method, `Name()`, a list of calls:
    words, answer or error.
    """

    kind: str
    line: str
    words: tuple[str, ...]
    node: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of the step, and what its calls answered, in order. `facts` are the bundle's own.

    `sources` are what it asked that is no command.
    """

    host: HostEnded
    ended: StepEnded | None
    reports: tuple[Report, ...]
    calls: tuple[Call, ...]
    facts: Mapping[str, str]
    sources: tuple[Source, ...] = ()
    trouble: str = ""
    """Why the recorder did not tell all."""


def recording(bundle: Bundle, recorder: str) -> Bundle:
    """The bundle of one step with a recorder (the library `record`) before it and its word after it."""
    if len(bundle.steps) != 1:
        message = "a step is captured alone"
        raise InternalError(message)
    (step,) = bundle.steps
    windows = bundle.host.windows
    if windows:
        step = replace(step, body=watched(step.body))
        bundle = replace(bundle, libraries=tuple(map(watched, bundle.libraries)))
    text = "\n".join((step.body, *bundle.libraries))
    begin = start_of(text) if windows else f"record_begin '{' '.join(_programs(text))}'"
    last = BundleStep(
        index=step.index + 1,
        name="Recorded",
        module="capture",
        body=_TELL_WINDOWS if windows else _TELL,
        guard="" if windows else ":",
        changes=False,
    )
    steps = (replace(step, on_failure=OnFailure.CONTINUE), last)
    return replace(bundle, steps=steps, libraries=(*bundle.libraries, recorder, begin))


_TELL = "check() {\n    record_tell\n    ok\n}"
_TELL_WINDOWS = "function Check {\n    Write-Record\n    Ok\n}"


def captured(events: Iterable[Event]) -> Captured:
    """What the events of such a bundle tell."""
    ended: StepEnded | None = None
    told = bytearray()
    reports: list[Report] = []
    facts: dict[str, str] = {}
    last: HostEnded | None = None
    trouble = ""
    for event in events:
        match event:
            case StepEnded(index=0):
                ended = event
            case StepEnded(index=1, status=StepStatus.FAILED):
                trouble = event.reason
            case StepReported(index=0):
                reports.append(event.report)
            case StepReported(index=1) if event.report.kind is ReportKind.FACT:
                facts[event.report.name] = event.report.value
            case StepOutput(index=1):
                told += event.chunk
            case HostEnded():
                last = event
            case _:
                pass
    if last is None:
        message = "the host has no last word"
        raise InternalError(message)
    said = tuple(_told(told.decode(errors="replace")))
    calls = tuple(each for each in said if isinstance(each, Call))
    sources = tuple(each for each in said if isinstance(each, Source))
    return Captured(last, ended, tuple(reports), calls, facts, sources, trouble)


def _programs(text: str) -> tuple[str, ...]:
    return tuple(sorted(set(_WORD.findall(text)) - set(HARMLESS)))


def _told(text: str) -> Iterator[Call | Source]:
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "call" and rest.count(" ") == 3:  # noqa: PLR2004 - as record_tell writes it
            status, *parts = rest.split(" ")
            said, stdout, stderr = map(_decoded, parts)
            answer: dict[str, object] = {"stdout": stdout} if stdout else {}
            answer |= {"stderr": stderr} if stderr else {}
            yield Call(said, answer | {"status": int(status) if status.isdigit() else 0})
        elif kind == "json":
            told = json.loads(_decoded(rest))
            said = str(told.pop("line"))
            if "source" in told:
                yield Source(str(told["source"]), said, tuple(told["words"] or ()), told["node"])
            else:
                yield Call(said, told)


def _decoded(text: str) -> str:
    return "" if text == "-" else base64.b64decode(text).decode(errors="replace")
