"""Keys that hosts show, beside what is pinned: as a table and as a document."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mspctl.cli.console import Console, Document

if TYPE_CHECKING:
    from mspctl.transports.survey import Sighting

_SAID: Mapping[str, str] = {
    "known": "pinned",
    "unknown": "new",
    "changed": "CHANGED: not the pinned key",
    "revoked": "REVOKED: never trusted",
}


def show_sightings(console: Console, client: str, seen: "Sequence[Sighting]") -> None:
    """A line for each key, and what is pinned in its place where it has changed."""
    rows = []
    for one in seen:
        where = f"{one.address}:{one.port}"
        if one.failure is not None:
            rows.append((one.host.name, where, "", one.failure.detail, one.failure.reason))
        for key, verdict in zip(one.keys, one.verdicts, strict=True):
            word = "vouched for" if one.vouched else _SAID[_of_key(one, verdict)]
            rows.append((one.host.name, where, key.get_name(), print_of(key.asbytes(), key.get_name()), word))
        if one.verdict == "changed":
            rows += [
                (one.host.name, where, pinned.kind, print_of(pinned.blob, pinned.kind), "is pinned")
                for pinned in one.pinned
            ]
    console.table(f"host keys of {client}", ("host", "address", "type", "fingerprint", "what is known"), rows)


def _of_key(one: "Sighting", verdict: str) -> str:
    """A key of another type than the pinned ones is no change of a host that shows a pinned one too."""
    return "unknown" if one.verdict == "known" and verdict == "changed" else verdict


def sighting_document(one: "Sighting", *, pinned: bool) -> dict[str, Document]:
    """The same for a program."""
    return {
        "host": one.host.name,
        "address": one.address,
        "port": one.port,
        "verdict": one.verdict.value if one.verdict else None,
        "reason": one.failure.reason if one.failure else None,
        "pinned_now": pinned,
        "keys": [
            {"type": key.get_name(), "fingerprint": print_of(key.asbytes(), key.get_name())}
            for key in one.keys
        ],
        "pinned": [{"type": pin.kind, "fingerprint": print_of(pin.blob, pin.kind)} for pin in one.pinned],
    }


def print_of(blob: bytes, kind: str) -> str:
    """A key's fingerprint."""
    from mspctl.transports.trust import fingerprint  # noqa: PLC0415 - not needed for --help

    return fingerprint(blob, kind)
