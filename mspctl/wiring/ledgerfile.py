"""A client's ledger as JSON: what a resumed run has to know, however the run log has changed since."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mspctl.model.ledger import Ledger


def ledger_document(ledger: "Ledger") -> dict[str, Any]:
    """Ready for JSON."""
    return {
        "seen": [[each.package, each.version, each.security, each.first.isoformat()] for each in ledger.seen],
        "approved": [list(pair) for pair in ledger.approved],
        "rejected": [list(rejected) for rejected in ledger.rejected],
        "quarantined": [list(pair) for pair in ledger.quarantined],
    }


def read_ledger(document: object) -> "Ledger | None":
    """The ledger of a document that `ledger_document` made; None for anything else."""
    if not isinstance(document, dict):
        return None
    from mspctl.model.ledger import Ledger, Seen  # noqa: PLC0415 - only resumed runs read it

    try:
        return Ledger(
            tuple(
                Seen(package, version, security, datetime.fromisoformat(first))
                for package, version, security, first in document["seen"]
            ),
            tuple((package, version) for package, version in document["approved"]),
            tuple((package, version, reason) for package, version, reason in document["rejected"]),
            tuple((package, version) for package, version in document["quarantined"]),
        )
    except (KeyError, TypeError, ValueError):
        return None
