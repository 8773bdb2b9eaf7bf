"""Writes files that only this user reads: reports, drafts, invoices."""

import os
from pathlib import Path

from mspctl.errors import StorageError
from mspctl.model.place import Place
from mspctl.runstore.filesystem import private_folder


def write_file(path: Path, content: bytes) -> None:
    """Write beside it and move it in place, readable by this user only: a reader never sees half a report.

    Raises:
        StorageError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        private_folder(path.parent)
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        hint = "give another folder with --output"
        raise StorageError(
            f"the report cannot be written: {error.strerror}", place=Place(str(path)), hint=hint
        ) from error
