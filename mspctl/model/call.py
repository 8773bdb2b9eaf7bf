"""Calls: a client's visits to the desk, as what was written down about them, which is never changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType


class CallWord(StrEnum):
    """What was written down."""

    ASKED = "asked"
    """A ticket came in; nobody is at work yet."""
    STARTED = "started"
    NOTED = "noted"
    STOPPED = "stopped"
    RESUMED = "resumed"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One thing written down about a call.

    `at` is when it happened as told, `written` when it was written down; `fields` depend on the word.
    """

    call: int
    client: str
    word: CallWord
    at: datetime
    written: datetime
    author: str
    text: str = ""
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
