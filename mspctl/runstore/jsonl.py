"""One JSONL file per run for log shippers: each line one event, told when it is complete.

What a step printed comes as one line when the step ends (head and tail, bounded), not chunk by chunk: only
then can a secret that lies across two chunks be taken out.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from mspctl.errors import StorageError
from mspctl.model.event import (
    BundleStarted,
    Connected,
    Event,
    HostEnded,
    HostStarted,
    LinkLost,
    Rebooting,
    StepEnded,
    StepOutput,
    StepReported,
    StepStarted,
)
from mspctl.model.hostfold import MAX_FIELDS, plain
from mspctl.model.run import Run
from mspctl.model.window import NoSecrets, Redactor, Window
from mspctl.runstore.codec import canonical, time_text
from mspctl.runstore.filesystem import make_private_folder

Line = Mapping[str, object]


class JsonLines:
    """The file of one run, `<folder>/<run id>.jsonl`, mode 0600, appended to, written out per batch.

    Opening raises StorageError if the file cannot be written. Later the run is worth more than this file: the
    first failure calls `warn` with a sentence, and nothing more is written.
    """

    def __init__(
        self, folder: Path, run: Run, *, warn: Callable[[str], None], redactor: Redactor | None = None
    ) -> None:
        self.path = folder / f"{run.id}.jsonl"
        self._run = run
        self._warn = warn
        self._redactor = redactor or NoSecrets()
        self._printed: dict[tuple[str, int], Window] = {}
        self._over: set[str] = set()
        self._file: int | None = self._open(folder)
        planned = {
            "event": "planned",
            "at": time_text(run.started),
            "hosts": [host.host for host in run.hosts],
        }
        self._append(
            [planned | {"client": run.client, "playbook": run.playbook, "check_mode": run.check_mode}]
        )

    def _open(self, folder: Path) -> int:
        make_private_folder(folder)
        try:
            flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(self.path, flags, 0o600)
            os.fchmod(descriptor, 0o600)
        except OSError as error:
            problem = f"the log file {self.path} cannot be written: {error.strerror}"
            raise StorageError(problem, hint="see `ls -ld` of the file and its folder") from error
        return descriptor

    def record(self, events: Iterable[Event]) -> None:
        """Append events. Never raises."""
        self._append(self._told_lines(events))

    def spilled(self, events: Iterable[Event]) -> tuple[str, ...]:
        """The lines of events that could not be recorded, for somewhere else; the file does not get them."""
        return tuple(map(self._text, self._told_lines(events)))

    def _told_lines(self, events: Iterable[Event]) -> list[Line]:
        lines: list[Line] = []
        for event in events:
            if event.host not in self._over:
                lines.extend(self._lines(event))
        return lines

    def _text(self, line: Line) -> str:
        return canonical({"run": self._run.id, **line})

    def finish(self, at: datetime) -> None:
        """Append the end of the run."""
        self._append([{"event": "finished", "at": time_text(at)}])

    def close(self) -> None:
        """Close the file; it stays."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, lines: Sequence[Line]) -> None:
        if self._file is None or not lines:
            return
        text = "".join(self._text(line) + "\n" for line in lines)
        content = memoryview(text.encode(errors="replace"))
        try:
            while content:
                content = content[os.write(self._file, content) :]
        except OSError as error:
            self._warn(f"the log file {self.path} is incomplete from here on: {error.strerror}")
            self.close()

    def _lines(self, event: Event) -> list[Line]:
        if isinstance(event, StepOutput):
            self._printed.setdefault((event.host, event.index), Window()).add(event.chunk)
            return []
        before: list[Line] = []
        if isinstance(event, StepStarted):
            self._printed.pop((event.host, event.index), None)  # begun again: what it printed comes again
        elif isinstance(event, StepEnded):
            before = self._output(event.host, event.index)
        elif isinstance(event, HostEnded):
            self._over.add(event.host)
            for host, index in sorted(self._printed):
                before += self._output(host, index) if host == event.host else []
        told = {
            name: plain(value, self._redactor) if isinstance(value, str) else value
            for name, value in _told(event, self._redactor).items()
        }
        return [*before, {"host": event.host, **told}]

    def _output(self, host: str, index: int) -> list[Line]:
        window = self._printed.pop((host, index), None)
        if window is None:
            return []
        output = window.output(self._redactor)
        text = plain(output.text, self._redactor, limit=len(output.text) + 1)
        return [{"event": "output", "host": host, "step": index, "text": text, "dropped": output.dropped}]


def _told(event: Event, redactor: Redactor) -> Line:
    match event:
        case StepStarted() | StepReported() | StepEnded():
            return _told_of_step(event, redactor)
        case StepOutput():
            return {}
        case _:
            return {"at": time_text(event.at), **_told_of_host(event)}


def _told_of_step(event: StepStarted | StepReported | StepEnded, redactor: Redactor) -> Line:
    match event:
        case StepStarted():
            return {"event": "step-started", "step": event.index}
        case StepReported(report=report):
            fields = [
                [plain(name, redactor), plain(value, redactor)] for name, value in report.fields[:MAX_FIELDS]
            ]
            told = {"event": "reported", "step": event.index, "kind": report.kind.value}
            return {**told, "name": report.name, "value": report.value, "fields": fields}
        case StepEnded():
            told = {"event": "step-ended", "step": event.index, "status": event.status.value}
            forecast = event.forecast and event.forecast.value
            return {**told, "reason": event.reason, "seconds": event.seconds, "forecast": forecast}


def _told_of_host(
    event: HostStarted | Connected | BundleStarted | LinkLost | Rebooting | HostEnded,
) -> Line:
    match event:
        case HostStarted():
            return {"event": "host-started", "attempt": event.attempt}
        case Connected():
            return {"event": "connected", "fingerprint": event.fingerprint, "seconds": event.seconds}
        case BundleStarted():
            return {"event": "bundle-started", "first_step": event.first_step}
        case LinkLost():
            return {"event": "link-lost", "detail": event.detail}
        case Rebooting():
            return {"event": "rebooting"}
        case HostEnded():
            verdict = {"outcome": event.outcome.value, "reason": event.reason, "detail": event.detail}
            figures = {"seconds": event.seconds, "round_trips": event.round_trips}
            return {"event": "host-ended", **verdict, "remedy": event.remedy, **figures}
