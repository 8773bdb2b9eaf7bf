"""How values look in the tables, and back."""

import hashlib
import json
import zlib
from datetime import UTC, datetime

from mspctl.model.event import Report, ReportKind
from mspctl.model.run import Output, StepOutline

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def time_text(at: datetime) -> str:
    """An aware time as fixed-width UTC text.

    Raises:
        ValueError: the time is naive: it could mean anything.
    """
    if at.tzinfo is None:
        message = f"a naive time: {at}"
        raise ValueError(message)
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_value(text: str | None) -> datetime | None:
    """The time in a text of `time_text`."""
    return None if text is None else datetime.fromisoformat(text)


def canonical(value: object) -> str:
    """JSON that is the same text for the same value everywhere: what digests are made of."""
    return _ENCODER.encode(value)


def digest(text: str) -> str:
    """SHA-256 of a text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def pack(content: bytes) -> bytes:
    """Compressed for the table; level 1 is much faster than the default and little larger on apt's output."""
    return zlib.compress(content, 1) if content else b""


def unpack(blob: bytes) -> bytes:
    """The bytes in a blob of `pack`."""
    return zlib.decompress(blob) if blob else b""


def output_digest(output: Output) -> str:
    """SHA-256 over head, tail and gap; empty if there was no output."""
    if not output.head and not output.dropped:
        return ""
    digest = hashlib.sha256(f"{len(output.head)} {len(output.tail)} {output.dropped}\n".encode())
    digest.update(output.head)
    digest.update(output.tail)
    return digest.hexdigest()


def outline_text(outline: tuple[StepOutline, ...]) -> str:
    """The steps of a bundle as text."""
    return canonical([[step.name, step.module] for step in outline])


def outline_value(text: str) -> tuple[StepOutline, ...]:
    """The steps in a text of `outline_text`."""
    return tuple(StepOutline(name, module) for name, module in json.loads(text))


def report_columns(report: Report) -> dict[str, str]:
    """A report as columns."""
    fields = canonical([list(pair) for pair in report.fields]) if report.fields else ""
    return {"kind": report.kind.value, "name": report.name, "value": report.value, "fields": fields}


def report_value(kind: str, name: str, value: str, fields: str) -> Report:
    """A report from its columns."""
    pairs = tuple((key, content) for key, content in json.loads(fields)) if fields else ()
    return Report(ReportKind(kind), name, value, pairs)
