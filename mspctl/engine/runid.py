"""Names of runs: sortable by time, safe as a file name, readable to people; and names nobody can guess."""

import hashlib
import re
from datetime import UTC, datetime

_SAFE = re.compile(r"[^a-z0-9]+")
_PATTERN = re.compile(r"\d{8}T\d{4}Z-[a-z0-9-]{1,80}-[0-9a-f]{4}")


def run_id(started: datetime, client: str, playbook: str, entropy: bytes) -> str:
    """Such as `20261123T2326Z-acme-patch-7f3a`: UTC minute, client, playbook, four hex digits of `entropy`.

    Two runs of one client and playbook in one minute collide once in 65,536; the run log refuses the second.
    """
    stamp = started.astimezone(UTC).strftime("%Y%m%dT%H%MZ")
    return f"{stamp}-{_word(client)}-{_word(playbook)}-{entropy[:2].hex():0>4}"


def _word(name: str) -> str:
    return _SAFE.sub("-", name.lower())[:39].strip("-") or "x"


def is_run_id(text: str) -> bool:
    """True if `text` has the shape of a run id; nothing else may become part of a path."""
    return _PATTERN.fullmatch(text) is not None


def derive(nonce: str, *names: str) -> str:
    """32 hex digits that nobody can guess who knows only another host's."""
    return hashlib.sha256("\0".join((nonce, *names)).encode()).hexdigest()[:32]
