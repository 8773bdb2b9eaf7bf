"""The drafts of reports in the project, who approved them, and the archive of what was sent.

report/drafts/acme/2026-11/           the report, the mail's text and page, draft.json, approval.json
report/sent/acme/2026-11-1.eml        what was sent, byte by byte
report/sent/acme/2026-11-1.json       to whom, when, by whom, who approved it, what became of it
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from mspctl.errors import StorageError, UsageError
from mspctl.model.place import Place
from mspctl.model.snapshot import Snapshot
from mspctl.wiring.privatefile import write_file

TEXT, PAGE, RECORD, APPROVAL = "mail.txt", "mail.html", "draft.json", "approval.json"


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it lies there now; `digest` is the SHA-256 over the names and contents of all its files."""

    folder: Path
    files: Mapping[str, bytes]
    subject: str
    commentary: str
    """The digest of the commentary that it was made of; empty: there was none."""
    snapshot: Snapshot | None = None
    """What the month came to in it; None: nothing is kept of it."""

    @property
    def digest(self) -> str:
        """It changes with every byte of every file."""
        whole = sha256()
        for name, content in sorted(self.files.items()):
            whole.update(f"{name} {sha256(content).hexdigest()}\n".encode())
        return whole.hexdigest()


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved which bytes, and when."""

    by: str
    at: str
    digest: str


@dataclass(frozen=True, slots=True)
class Sending:
    """An entry of the archive. `fate` is `sending` from before the connection until the answer is known."""

    fate: str
    at: str
    by: str
    to: tuple[str, ...]
    draft: str
    mail: str
    """The SHA-256 of the mail."""
    approved_by: str = ""
    approved_at: str = ""
    why: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


def draft_folder(project: Path, client: str, month: str) -> Path:
    """Where the draft of a client's month lies."""
    return project / "report" / "drafts" / client / month


def read_draft(project: Path, client: str, month: str) -> Draft:
    """The draft, each file read once: what is checked is what is sent.

    Raises:
        UsageError: there is none, or a part of it is missing.
        StorageError: it cannot be read.
    """
    folder = draft_folder(project, client, month)
    report = f"{client}-{month}"
    hint = f"mspctl report draft --client {client} --month {month}"
    if not (folder / RECORD).is_file():
        raise UsageError(f"there is no draft of {month} for {client}", hint=hint)
    files = {}
    for name in (f"{report}.html", f"{report}.pdf", TEXT, PAGE, RECORD):
        content = _read(folder / name)
        if content is None:
            raise UsageError(f"{name} of the draft is missing", hint=hint)
        files[name] = content
    told = _told(files[RECORD], folder / RECORD)
    subject, said = str(told.get("subject", "")), str(told.get("commentary", ""))
    return Draft(folder, files, subject, said, _snapshot(told.get("snapshot"), client, folder / RECORD))


def snapshot_record(snapshot: Snapshot | None) -> dict[str, object] | None:
    """What a draft says of what its month came to."""
    if snapshot is None:
        return None
    made, figures = snapshot.made.isoformat(), dict(snapshot.figures)
    return {"month": snapshot.month, "version": snapshot.version, "made": made, "figures": figures}


def _snapshot(told: object, client: str, file: Path) -> Snapshot | None:
    if told is None:
        return None
    match told:
        case {"month": str(month), "version": int(version), "made": str(made), "figures": dict(figures)}:
            return Snapshot(client, month, version, datetime.fromisoformat(made), figures)
    raise StorageError("this is not what mspctl wrote there", place=Place(str(file)))


def write_record(folder: Path, told: Mapping[str, object]) -> None:
    """Complete a draft: what it says of itself comes last. Nobody has approved this one. StorageError."""
    write_file(folder / RECORD, _json(told))


def forget_approval(folder: Path) -> None:
    """A draft that is made again is one that nobody has seen. Raises StorageError."""
    try:
        for name in (APPROVAL, RECORD):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"the old draft cannot be taken away: {error.strerror}", place=Place(str(folder))
        ) from error


def approval_of(draft: Draft) -> Approval | None:
    """The approval that lies beside the draft, whatever it approved. Raises StorageError."""
    content = _read(draft.folder / APPROVAL)
    if content is None:
        return None
    told = _told(content, draft.folder / APPROVAL)
    return Approval(str(told.get("by", "")), str(told.get("at", "")), str(told.get("digest", "")))


def write_approval(draft: Draft, approval: Approval) -> None:
    """Keep who approved it. Raises StorageError."""
    write_file(draft.folder / APPROVAL, _json(asdict(approval)))


def sendings(project: Path, client: str, month: str) -> tuple[tuple[Path, Sending], ...]:
    """What was sent of a month, or tried, in its order. Raises StorageError."""
    folder = project / "report" / "sent" / client
    numbered = [(_number(file), file) for file in folder.glob(f"{month}-*.json")]
    return tuple((file, _sending(file)) for number, file in sorted(numbered) if number)


def next_entry(project: Path, client: str, month: str) -> Path:
    """The archive's next place, without a suffix."""
    taken = [_number(file) for file, _ in sendings(project, client, month)]
    return project / "report" / "sent" / client / f"{month}-{max(taken, default=0) + 1}"


def write_sending(entry: Path, sending: Sending) -> None:
    """Write down what is known of a sending. Raises StorageError."""
    write_file(entry.with_name(f"{entry.name}.json"), _json(asdict(sending)))


def _number(file: Path) -> int:
    number = file.stem.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdecimal() else 0


def _sending(file: Path) -> Sending:
    told = _told(_read(file) or b"", file)
    to, refused = told.pop("to", None), told.pop("refused", None)
    texts = {key: str(value) for key, value in told.items()}
    if not isinstance(to, list) or not isinstance(refused, dict) or texts.keys() != _TEXTS:
        raise StorageError("this is no entry of the archive", place=Place(str(file)))
    fate, at, by, draft, mail = (texts[key] for key in ("fate", "at", "by", "draft", "mail"))
    return Sending(
        fate,
        at,
        by,
        tuple(map(str, to)),
        draft,
        mail,
        texts["approved_by"],
        texts["approved_at"],
        texts["why"],
        refused,
    )


_TEXTS = frozenset({"fate", "at", "by", "draft", "mail", "approved_by", "approved_at", "why"})


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"it cannot be read: {error.strerror}", place=Place(str(file))) from error


def _told(content: bytes, file: Path) -> dict[str, object]:
    try:
        told = json.loads(content)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise StorageError("this is not what mspctl wrote there", place=Place(str(file)))
    return told


def _json(told: Mapping[str, object]) -> bytes:
    return (json.dumps(told, indent=2, sort_keys=True) + "\n").encode()
