"""A month's health score as it was at its end: kept, because the inventory of that day is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Figures = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a client's month came to under one version of the score; a final one stands for ever.

    `figures` are exact numbers as text: `total`, `area.updates`, `security.on_time` and so on. None: not
    measured. `cap` is the kind of cap that held the total down, None if none did.
    """

    client: str
    month: str
    """`2026-11`"""
    version: int
    made: datetime
    figures: Figures
    final: bool = False
    """True once the report that says so was approved, or sent."""
