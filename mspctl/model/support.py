"""Until when the makers of an operating system support a release: dates, and what a day makes of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class SupportState(StrEnum):
    """What the dates say of a release on a day."""

    ENDED = "ended"
    EXTENDED = "extended"
    """The ordinary support is over; security fixes go on in a way that may have to be bought or set up."""
    SUPPORTED = "supported"
    ROLLING = "rolling"
    """It has no releases that could end."""
    UNKNOWN = "not-known"


@dataclass(frozen=True, slots=True)
class SupportTerm:
    """The dates of one release, who says so and when somebody looked. `until` None: a rolling release.

    `os` and `version` are ID and VERSION_ID of /etc/os-release. The last day of support is `until` itself.
    """

    os: str
    version: str
    until: date | None
    source: str
    checked: date
    extended: date | None = None
    extended_by: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """A release on a day; `term` is None where nobody has written down a date."""

    state: SupportState
    term: SupportTerm | None = None

    @property
    def last_day(self) -> date | None:
        """The last day on which fixes can be had in some way; None if there is none or nobody knows."""
        if self.term is None:
            return None
        return self.term.extended or self.term.until


NOT_KNOWN = Support(SupportState.UNKNOWN)


class SupportTable:
    """Terms by system and version."""

    def __init__(self, terms: Iterable[SupportTerm] = ()) -> None:
        self._terms: Mapping[tuple[str, str], SupportTerm] = {(term.os, term.version): term for term in terms}

    def __len__(self) -> int:
        return len(self._terms)

    @property
    def lines(self) -> tuple[str, ...]:
        """Each term as `debian|12|2026-07-11|2028-06-30`, for a host that looks for its own."""
        return tuple(
            "|".join((term.os, term.version, *(str(day or "") for day in (term.until, term.extended))))
            for term in self._terms.values()
        )

    def look(self, os: str, version: str, day: date) -> Support:
        """What is known of a release on a day.

        A version that has no dates of its own takes those of the longest part that has: 9.4 those of 9, but
        15.9 not those of 15.6. What is not written down is never supported.
        """
        term = self._term(os, version)
        if term is None:
            return NOT_KNOWN
        if term.until is None:
            return Support(SupportState.ROLLING, term)
        if day <= term.until:
            return Support(SupportState.SUPPORTED, term)
        if term.extended is not None and day <= term.extended:
            return Support(SupportState.EXTENDED, term)
        return Support(SupportState.ENDED, term)

    def _term(self, os: str, version: str) -> SupportTerm | None:
        rolling = self._terms.get((os, ""))
        if rolling is not None:
            return rolling
        parts = version.split(".") if version else []
        candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((self._terms[os, each] for each in candidates if (os, each) in self._terms), None)


def newest(*sources: Iterable[SupportTerm]) -> tuple[SupportTerm, ...]:
    """One term for each release: the one that was checked last; of the same day, the later source."""
    chosen: dict[tuple[str, str], SupportTerm] = {}
    for source in sources:
        for term in source:
            known = chosen.get((term.os, term.version))
            if known is None or term.checked >= known.checked:
                chosen[term.os, term.version] = term
    return tuple(chosen.values())


def overridden(terms: Iterable[SupportTerm], own: Iterable[SupportTerm]) -> tuple[SupportTerm, ...]:
    """The terms with the user's `own` in the place of those for the same releases, however old they are."""
    return tuple({(term.os, term.version): term for term in (*terms, *own)}.values())
