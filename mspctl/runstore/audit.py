"""The audit log: who started, stopped, trusted or was refused what; each line bound to the one before it.

A line holds the SHA-256 of the line before, so a changed, removed or reordered line is found and named.
Whoever can write the file can also write all of it anew, or cut its end off: against that, keep `head`
on another machine.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from mspctl.errors import StorageError
from mspctl.model.place import Place
from mspctl.runstore.codec import canonical, digest, time_text
from mspctl.runstore.filesystem import make_private_folder

FIRST = "0" * 64
"""What the first line names as the digest of the line before it."""
_TAIL = 64 * 1024
_LONGEST = 16 * 1024


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line: `number` counts from 1, `at` is UTC text, `actor` a user, `event` a stable word."""

    number: int
    at: str
    actor: str
    event: str
    fields: tuple[tuple[str, str], ...]
    before: str


class AuditLog:
    """The file `audit.jsonl` of a state folder, mode 0600, only ever appended to, under a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, at: datetime, actor: str, event: str, fields: Mapping[str, str]) -> None:
        """Add a line; on return it is on the disk.

        Raises:
            StorageError: it cannot be written.
        """
        with self._opened(os.O_RDWR | os.O_CREAT | os.O_APPEND) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            last = _last_line(file)
            number = _number(last) + 1
            before = digest(last) if last else FIRST
            short = {name: value[:_LONGEST] for name, value in fields.items()}
            line = {"number": number, "at": time_text(at), "actor": actor, "event": event, "fields": short}
            start = "" if not last or _ends_well(file) else "\n"
            os.write(file, f"{start}{canonical({**line, 'before': before})}\n".encode(errors="replace"))
            os.fsync(file)

    def entries(self) -> Iterator[AuditEntry]:
        """All lines that can be read, oldest first. Raises StorageError."""
        for line in self._lines():
            entry = _entry(line)
            if entry is not None:
                yield entry

    def verify(self) -> tuple[int, str]:
        """How many lines are sound from the first on, and what is wrong after them (empty if nothing is)."""
        expected, count = FIRST, 0
        for position, line in enumerate(self._lines(), 1):
            entry = _entry(line)
            if entry is None:
                return (
                    count,
                    f"line {position} is no line of an audit log: it was changed, or a write was cut off",
                )
            if entry.number != position:
                return (
                    count,
                    f"line {position} says that it is line {entry.number}: lines were removed or moved",
                )
            if entry.before != expected:
                return count, f"line {position - 1} is not the one that line {position} was written after"
            expected, count = digest(line), position
        return count, ""

    def head(self) -> str:
        """The digest of the last line: what to keep on another machine."""
        last = FIRST
        for line in self._lines():
            last = digest(line)
        return last

    def _lines(self) -> Iterator[str]:
        if not self.path.exists():
            return
        with self._opened(os.O_RDONLY) as number, os.fdopen(os.dup(number), encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    yield line.rstrip("\n")

    @contextmanager
    def _opened(self, flags: int) -> Iterator[int]:
        if flags & os.O_CREAT:
            make_private_folder(self.path.parent)
        try:
            number = os.open(self.path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _cannot(self.path, error) from error
        try:
            yield number
        except OSError as error:
            raise _cannot(self.path, error) from error
        finally:
            os.close(number)


def _cannot(path: Path, error: OSError) -> StorageError:
    problem = f"the audit log cannot be used: {error.strerror}"
    return StorageError(
        problem, place=Place(str(path)), hint="see `ls -l` of the file, and whether the disk is full"
    )


def _last_line(file: int) -> str:
    size = os.fstat(file).st_size
    text = os.pread(file, _TAIL, max(0, size - _TAIL)).decode(errors="replace")
    lines = [line for line in text.split("\n") if line.strip()]
    return lines[-1] if lines else ""


def _ends_well(file: int) -> bool:
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


def _number(line: str) -> int:
    entry = _entry(line) if line else None
    return entry.number if entry else 0


def _entry(line: str) -> AuditEntry | None:
    try:
        found = json.loads(line)
        fields = tuple((str(name), str(value)) for name, value in found["fields"].items())
        return AuditEntry(
            int(found["number"]),
            str(found["at"]),
            str(found["actor"]),
            str(found["event"]),
            fields,
            str(found["before"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
