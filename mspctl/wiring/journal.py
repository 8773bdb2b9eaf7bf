"""One file of JSON lines per run, for log shippers: what happened, without what steps printed."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import Enum
from pathlib import Path

from mspctl.model.event import Event, Report, StepOutput
from mspctl.model.run import Run
from mspctl.model.window import Redactor


class Journal:
    """Appends to `<folder>/<run id>.jsonl`, mode 0600. The run log is the truth: trouble here stops nothing.

    Each line is an object with `event` (such as `host-ended`), `run`, and the event's fields by their names.
    """

    def __init__(self, folder: Path, run_id: str, redactor: Redactor) -> None:
        self.path = folder / f"{run_id}.jsonl"
        self._run_id = run_id
        self._redactor = redactor
        self.trouble = ""
        """Why the file could not be written, empty if all is well."""

    def begin(self, run: Run, request: Mapping[str, object]) -> None:
        """The first line: the run, and what was asked for (for `runs resume`)."""
        self._append(
            [
                {
                    "event": "run-planned",
                    "run": run.id,
                    "at": run.started,
                    "client": run.client,
                    "playbook": run.playbook,
                    "check_mode": run.check_mode,
                    "digest": run.digest,
                    "version": run.version,
                    "hosts": [row.host for row in run.hosts],
                    "request": request,
                }
            ]
        )

    def write(self, events: Sequence[Event]) -> None:
        """What happened; what steps printed stays in the run log."""
        self._append([self._line(event) for event in events if not isinstance(event, StepOutput)])

    def finish(self, at: datetime) -> None:
        """The last line."""
        self._append([{"event": "run-finished", "run": self._run_id, "at": at}])

    def _line(self, event: Event) -> Mapping[str, object]:
        return {"event": _dashed(type(event).__name__), "run": self._run_id, **_fields(event)}

    def _append(self, lines: Sequence[Mapping[str, object]]) -> None:
        if self.trouble or not lines:
            return
        text = "".join(self._redactor.text(json.dumps(line, default=_plain)) + "\n" for line in lines)
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            number = os.open(self.path, flags, 0o600)
            with os.fdopen(number, "w", encoding="ascii") as file:
                file.write(text)
        except OSError as error:
            self.trouble = f"{self.path}: {error.strerror}"


def read_request(folder: Path, run_id: str) -> Mapping[str, object] | None:
    """What was asked for when the run began; None if this machine does not know."""
    try:
        with (folder / f"{run_id}.jsonl").open(encoding="ascii") as file:
            first = json.loads(file.readline())
        request = first["request"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return request if isinstance(request, dict) else None


def _fields(event: Event | Report) -> Mapping[str, object]:
    return {field.name: getattr(event, field.name) for field in fields(event)}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, Report):
        return {**_fields(value), "fields": dict(value.fields)}
    if isinstance(value, Enum):
        return value.value
    return str(value)


def _dashed(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
