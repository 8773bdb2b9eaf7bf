"""When the client's computers may be worked on next."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A window for the work on some hosts (their names); `ends` is None where only the start is laid down."""

    begins: datetime
    ends: datetime | None
    hosts: tuple[str, ...] = ()
