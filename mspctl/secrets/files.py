"""`file:` secrets: a file of the project that only its owner can read, checked on the opened file itself."""

import os
import stat
from pathlib import Path

from mspctl.errors import SecretError
from mspctl.model.secret import Secret, SecretRef

LIMIT = 1024 * 1024
_OTHERS = 0o077


class FileSecrets:
    """Reads files below or beside the project's `folder`; an absolute path stays what it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def resolve(self, ref: SecretRef) -> Secret:
        """The content of the file. The line end of a one-line file is dropped; keys stay as they are.

        Raises:
            SecretError: not there, no regular file, readable by others, of another owner, or too large.
        """
        return Secret(trimmed(read_guarded(self._folder / ref.path, ref)))


def trimmed(content: bytes) -> bytes:
    """A password as it was meant: editors end lines. Several lines are a key: kept whole."""
    if content.count(b"\n") != 1 or not content.endswith(b"\n"):
        return content
    return content[:-2] if content.endswith(b"\r\n") else content[:-1]


def read_guarded(path: Path, ref: SecretRef) -> bytes:
    """Read a secret file; what is checked is what is read, because both go through one open file.

    Raises:
        SecretError: see FileSecrets.resolve.
    """
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for ever.
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise SecretError(f"{ref}: {error.strerror}", place=ref.place) from None
    try:
        _check(os.fstat(number), path, ref)
        return _read(number)
    except OSError as error:
        raise SecretError(f"{ref}: {error.strerror}", place=ref.place) from None
    finally:
        os.close(number)


def _read(number: int) -> bytes:
    content = bytearray()
    while len(content) < LIMIT and (chunk := os.read(number, LIMIT)):
        content += chunk
    return bytes(content)


def _check(found: os.stat_result, path: Path, ref: SecretRef) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise SecretError(f"{ref}: not a regular file", place=ref.place)
    if found.st_size > LIMIT:
        raise SecretError(f"{ref}: larger than 1 MiB", place=ref.place)
    if found.st_uid not in {0, os.geteuid()}:
        raise SecretError(f"{ref}: belongs to user {found.st_uid}", place=ref.place, hint=f"chown it: {path}")
    if found.st_mode & _OTHERS:
        mode = stat.S_IMODE(found.st_mode)
        raise SecretError(
            f"{ref}: mode {mode:04o} lets others read it", place=ref.place, hint=f"chmod 600 {path}"
        )
