"""The audit log: who started, stopped, trusted or was refused what; each line bound to the one before it.

A line holds the SHA-256 of the line before, so a changed, removed or reordered line is found and named.
Whoever can write the file can also write all of it anew, or cut its end off: against that, keep `head`
on another machine.
"""

import errno
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
            StorageError: it cannot be written; the log is as it was.
        """
        with self._opened(os.O_RDWR | os.O_CREAT | os.O_APPEND) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            lines = _last_lines(file)
            number = next((entry.number for line in reversed(lines) if (entry := _entry(line))), 0) + 1
            before = digest(lines[-1]) if lines else FIRST
            short = {name: value[:_LONGEST] for name, value in fields.items()}
            line = {"number": number, "at": time_text(at), "actor": actor, "event": event, "fields": short}
            start = "" if not lines or _ends_well(file) else "\n"
            _write(file, f"{start}{canonical({**line, 'before': before})}\n".encode(errors="replace"))

    def entries(self) -> Iterator[AuditEntry]:
        """All lines that can be read, oldest first. Raises StorageError."""
        for line in self._lines():
            entry = _entry(line)
            if entry is not None:
                yield entry

    def verify(self) -> tuple[int, tuple[str, ...]]:
        """How many lines there are, and everything that is wrong with them, in order."""
        before, number, count, wrong = FIRST, 0, 0, list[str]()
        for count, line in enumerate(self._lines(), 1):
            entry = _entry(line)
            if entry is None:
                wrong.append(f"line {count} is none of an audit log: it was changed, or a write was cut off")
            else:
                if entry.number != number + 1:
                    wrong.append(f"line {count} has the number {entry.number}: lines were removed or moved")
                if entry.before != before:
                    wrong.append(f"line {count} was not written after the line that stands before it")
                number = entry.number
            before = digest(line)
        return count, tuple(wrong)

    def head(self) -> str:
        """The digest of the last line: what to keep on another machine."""
        last = FIRST
        for line in self._lines():
            last = digest(line)
        return last

    def _lines(self) -> Iterator[str]:
        if not self.path.exists():
            return
        with (
            self._opened(os.O_RDONLY) as number,
            os.fdopen(os.dup(number), encoding="utf-8", errors="replace") as file,
        ):
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


def _write(file: int, content: bytes) -> None:
    """All of it or nothing: half a line would look like tampering."""
    size = os.fstat(file).st_size
    written = os.write(file, content)
    if written != len(content):
        os.ftruncate(file, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(file)


def _last_lines(file: int) -> list[str]:
    size = os.fstat(file).st_size
    text = os.pread(file, _TAIL, max(0, size - _TAIL)).decode(errors="replace")
    return [line for line in text.split("\n") if line.strip()]


def _ends_well(file: int) -> bool:
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


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
