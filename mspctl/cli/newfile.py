"""A file that a command writes: beside its place and moved in, so that a reader never sees half of it."""

import os
from pathlib import Path

from mspctl.errors import StorageError
from mspctl.model.place import Place


def write_new(path: Path, text: str, *, what: str, option: str, mode: int = 0o600) -> None:
    """Put `text` there, readable by this user only unless `mode` says more; folders are made.

    Raises:
        StorageError: it cannot be written; `what` names it, `option` would give another place.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StorageError(
            f"the {what} cannot be written: {error.strerror}",
            place=Place(str(path)),
            hint=f"give another place with {option}",
        ) from error
