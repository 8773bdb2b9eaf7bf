"""What was asked for, kept beside the run's JSON lines: `runs resume` makes the same plan from it."""

import json
import os
from datetime import datetime
from pathlib import Path

from mspctl.errors import StorageError
from mspctl.model.place import Place
from mspctl.runstore.filesystem import private_folder
from mspctl.wiring.ledgerfile import ledger_document, read_ledger
from mspctl.wiring.request import Request, Target


def keep_request(folder: Path, run_id: str, request: Request) -> None:
    """Write `<folder>/<run id>.request.json`, mode 0600: what besides the project decides on the plan.

    Raises:
        StorageError: it cannot be written; nothing was touched yet.
    """
    asked = {
        "params": dict(request.params),
        "step_tags": list(request.step_tags),
        "skip_step_tags": list(request.skip_step_tags),
        "line": list(request.line),
        "override": request.override,
        "at": request.at.isoformat() if request.at else None,
        "ledger": ledger_document(request.ledger) if request.ledger else None,
    }
    path = _path(folder, run_id)
    try:
        private_folder(folder)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as file:
            json.dump(asked, file)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StorageError(f"the request cannot be kept: {error.strerror}", place=Place(str(path))) from error


def read_request(folder: Path, run_id: str) -> Request:
    """What was asked for when the run began, without playbook and target; empty if nobody knows."""
    try:
        with _path(folder, run_id).open(encoding="ascii") as file:
            asked = json.load(file)
    except (OSError, ValueError):
        asked = {}
    if not isinstance(asked, dict):
        asked = {}
    params = asked.get("params")
    return Request(
        "",
        Target(),
        params=params if isinstance(params, dict) else {},
        step_tags=_texts(asked.get("step_tags")),
        skip_step_tags=_texts(asked.get("skip_step_tags")),
        line=_texts(asked.get("line")),
        override=str(asked.get("override") or ""),
        at=_time(asked.get("at")),
        ledger=read_ledger(asked.get("ledger")),
    )


def _path(folder: Path, run_id: str) -> Path:
    return folder / f"{run_id}.request.json"


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
