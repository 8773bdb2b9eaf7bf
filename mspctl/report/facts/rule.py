"""The digits of the rule 3-2-1-1-0: which there are, and what may be said about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class DigitName(StrEnum):
    """In their order."""

    COPIES = "copies"
    MEDIA = "media"
    OFFSITE = "offsite"
    IMMUTABLE = "immutable"
    ERRORS = "errors"


_WANTED: Mapping[DigitName, int] = {
    DigitName.COPIES: 3,
    DigitName.MEDIA: 2,
    DigitName.OFFSITE: 1,
    DigitName.IMMUTABLE: 1,
    DigitName.ERRORS: 0,
}


class Reason(StrEnum):
    """Why something does not count."""

    UNSEEN = "unseen"
    NO_MEDIUM = "no-medium"
    NOT_AGREED = "not-agreed"
    NOT_PROVEN = "not-proven"
    NOT_CHECKED = "not-checked"
    BACKUP_FAILED = "backup-failed"
    PROOF_FAILED = "proof-failed"
    CHECK_FAILED = "check-failed"


@dataclass(frozen=True, slots=True)
class Lack:
    """What does not count, and the copy that it is about; empty if it is about none."""

    reason: Reason
    name: str = ""


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of the rule: the names that count (of copies; of media), and what does not."""

    name: DigitName
    have: tuple[str, ...]
    lacks: tuple[Lack, ...] = ()

    @property
    def wanted(self) -> int:
        """How many there are to be."""
        return _WANTED[self.name]

    @property
    def met(self) -> bool:
        """True if there are enough; of errors, if nothing speaks against it."""
        return not self.lacks if self.name is DigitName.ERRORS else len(self.have) >= self.wanted

    @property
    def shown(self) -> str:
        """The digit, or x if it is not met."""
        return str(self.wanted) if self.met else "x"
