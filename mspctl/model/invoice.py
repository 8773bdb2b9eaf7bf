"""What was billed: approved once, never changed, taken back only by a credit note."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice, or the credit note for the invoice named by `credits`. Number 0: not yet numbered."""

    series: str
    number: int
    client: str
    month: str
    currency: str
    approved: datetime
    author: str
    document: str
    """The lines as JSON, as they were approved."""
    credits: str = ""

    @property
    def name(self) -> str:
        """Such as `2026-0007`."""
        return f"{self.series}-{self.number:04}"
