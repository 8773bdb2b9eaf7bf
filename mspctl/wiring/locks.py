"""One run per client and playbook at a time: flock on a file, which dies with the process that holds it."""

import fcntl
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from mspctl.errors import LockHeld, StorageError
from mspctl.model.place import Place
from mspctl.runstore.filesystem import private_folder

_UNSAFE = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who holds a lock, as written into its file; for people, never used to decide anything.

    `runs` are the ids of the runs that the holder has begun and not ended: left behind by a dead one.
    """

    pid: int
    user: str
    started: datetime
    command: str
    runs: tuple[str, ...] = ()

    def text(self) -> str:
        """As JSON, one line."""
        return json.dumps(
            {
                "pid": self.pid,
                "user": self.user,
                "started": self.started.isoformat(timespec="seconds"),
                "command": self.command,
                "runs": list(self.runs),
            }
        )

    @classmethod
    def read(cls, text: str) -> "Claim | None":
        """None if the file is empty or not ours."""
        try:
            fields = json.loads(text)
            return cls(
                int(fields["pid"]),
                str(fields["user"]),
                datetime.fromisoformat(fields["started"]),
                str(fields["command"]),
                tuple(map(str, fields["runs"])),
            )
        except (ValueError, KeyError, TypeError):
            return None


class JobLock:
    """The lock of one client and playbook; a context manager, held until its end or the process's.

    `left_behind` are the ids of runs that an earlier holder, now dead, began and did not end.
    """

    def __init__(self, folder: Path, client: str, playbook: str, claim: Claim) -> None:
        self.path = folder / f"{_word(client)}-{_word(playbook)}.lock"
        self._what = f"{playbook} for {client}"
        self._claim = claim
        self._file = -1
        self.left_behind: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def take(self) -> None:
        """Get it now.

        Raises:
            LockHeld: another process has it; the message says who and since when.
            StorageError: the file cannot be made.
        """
        self._file = self._locked()
        before = Claim.read(_text(self._file))
        self.left_behind = before.runs if before else ()
        # Who ends before it has closed them leaves them to the next.
        self.announce(self.left_behind)

    def probe(self) -> None:
        """See whether it could be had now, and leave what an earlier holder wrote as it is.

        Raises:
            LockHeld: another process has it.
            StorageError: the file cannot be made.
        """
        os.close(self._locked())

    def _locked(self) -> int:
        try:
            private_folder(self.path.parent)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(
                f"the lock cannot be made: {error.strerror}", place=Place(str(self.path))
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = Claim.read(_text(file))
            os.close(file)
            raise self._held(holder) from None
        return file

    def announce(self, runs: Iterable[str]) -> None:
        """Say which runs have begun under this lock, before their first row is written."""
        claim = self._claim
        self._write(Claim(claim.pid, claim.user, claim.started, claim.command, tuple(runs)).text())

    def release(self, *, clean: bool = False) -> None:
        """Give it back; `clean` if no run was left without its end."""
        if self._file < 0:
            return
        if clean:
            self._write("")
        os.close(self._file)
        self._file = -1

    def _write(self, text: str) -> None:
        content = text.encode()
        try:
            os.pwrite(self._file, content, 0)
            os.ftruncate(self._file, len(content))
            os.fsync(self._file)
        except OSError as error:
            raise StorageError(
                f"the lock cannot be written: {error.strerror}",
                place=Place(str(self.path)),
                hint="see `df` and `ls -ld` of its folder",
            ) from error

    def _held(self, holder: Claim | None) -> LockHeld:
        hint = "wait for it to end; it gives the lock back even if it is killed"
        if holder is None:
            return LockHeld(f"{self._what} is at work in another process", hint=hint)
        age = _age(datetime.now(UTC) - holder.started)
        who = f"{holder.user}, process {holder.pid}, since {holder.started:%Y-%m-%d %H:%M:%SZ} ({age})"
        return LockHeld(f"{self._what} is at work already: {who}: {holder.command}", hint=hint)


def claim(user: str, command: Sequence[str]) -> Claim:
    """The claim of this process."""
    return Claim(os.getpid(), user, datetime.now(UTC), " ".join(command))


def _text(file: int) -> str:
    return os.pread(file, 65536, 0).decode(errors="replace")


def _word(name: str) -> str:
    return _UNSAFE.sub("_", name.lower())[:80]


def _age(span: timedelta) -> str:
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
