"""What the user asked for before any verb."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The global options; None where the default shall be found."""

    project: Path | None = None
    database: str | None = None
