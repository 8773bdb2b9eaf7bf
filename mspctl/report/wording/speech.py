"""The language of a report: sentences from a catalogue, numbers, days and money as its readers write them."""

from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mspctl.errors import UsageError
from mspctl.model.currency import minor_digits

if TYPE_CHECKING:
    from babel import Locale

SOURCE_LANGUAGE = "en"
_WRITTEN_AS: Mapping[str, str] = MappingProxyType({"en": "en_GB"})
"""Which country's way of writing days and numbers a language takes if it names none."""
_GERMAN = "de"


class Speech:
    """Speaks one language. A sentence that its catalogue lacks stays English: it is never left out.

    Sentences hold their values as `{name}`; what is put in is never read as a sentence itself.
    """

    def __init__(self, language: str = SOURCE_LANGUAGE, catalogue: NullTranslations | None = None) -> None:
        self.language = language
        self._catalogue = catalogue or NullTranslations()

    def say(self, text: str, **values: object) -> str:
        """A sentence with its values."""
        told = self._catalogue.gettext(text)
        return told.format_map(values) if values else told

    def many(self, one: str, more: str, count: int, **values: object) -> str:
        """A sentence that depends on a count, which stands in it as `{count}`."""
        told = self._catalogue.ngettext(one, more, count)
        return told.format_map({"count": self.number(count), **values})

    def number(self, value: float | Decimal | Fraction, digits: int = 0) -> str:
        """Grouped, with so many decimals."""
        from babel.numbers import format_decimal  # noqa: PLC0415 - slow to import

        shape = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(_decimal(value), shape, locale=self._locale)

    def change(self, value: int) -> str:
        """With its sign; nothing is said of no change."""
        sign = "+" if value > 0 else "\u2212"
        return f"{sign}{self.number(abs(value))}" if value else "\u00b10"

    def tenths(self, value: int) -> str:
        """Tenths of a point."""
        return self.number(Decimal(value) / 10, 1)

    def earned(self, tenths: int, available: int, *, whole: bool) -> str:
        """Points of those that are available: what misses next to nothing has not all of them."""
        told = self.tenths(tenths)
        return told if whole or tenths < available else self.say("under {least}", least=told)

    def lost(self, tenths: int) -> str:
        """Points that are gone; what is less than a tenth is not nothing."""
        return f"\u2212{self.tenths(tenths)}" if tenths else self.say("under {least}", least=self.tenths(1))

    def percent(self, value: float | Decimal | Fraction, digits: int = 0) -> str:
        """A share of 1."""
        from babel.numbers import format_percent  # noqa: PLC0415 - slow to import

        shape = "#,##0" + ("." + "0" * digits if digits else "") + (" %" if self.language == _GERMAN else "%")
        return format_percent(_decimal(value), shape.replace(" ", "\u00a0"), locale=self._locale)

    def money(self, value: Decimal, currency: str) -> str:
        """An amount of a currency."""
        from babel.numbers import format_currency  # noqa: PLC0415 - slow to import

        digits = minor_digits(currency)
        shape = self._locale.currency_formats["standard"].pattern.replace(
            "0.00", "0" + ("." + "0" * digits if digits else "")
        )
        return format_currency(value, currency, shape, self._locale, currency_digits=False)

    def bytes(self, value: int) -> str:
        """A size in the units that disks are sold in."""
        size, unit = Decimal(value), "B"
        for larger in ("kB", "MB", "GB", "TB", "PB"):
            if size < 1000:  # noqa: PLR2004 - decimal units
                break
            size, unit = size / 1000, larger
        return f"{self.number(size, 0 if size >= 100 or unit == 'B' else 1)}\u00a0{unit}"  # noqa: PLR2004

    def length(self, seconds: float) -> str:
        """A stretch of time as people say it, never shorter than it is: minutes, then hours, then days."""
        minutes = ceil(seconds / 60)
        if minutes < 100 and minutes % 60:  # noqa: PLR2004 - two digits
            return self.say("{count} min", count=self.number(minutes))
        hours = ceil(minutes / 6) / 10
        if hours < 48:  # noqa: PLR2004 - two days
            return self.say("{hours} h", hours=self.number(hours, 0 if hours == int(hours) else 1))
        return self.many("{count} day", "{count} days", ceil(hours / 24))

    def day(self, value: date) -> str:
        """Such as `4 November 2026`."""
        return self._date(value, "d. MMMM y" if self.language == _GERMAN else "d MMMM y")

    def short_day(self, value: date) -> str:
        """Such as `4 Nov`."""
        return self._date(value, "d. MMM" if self.language == _GERMAN else "d MMM")

    def near_day(self, value: date) -> str:
        """Such as `Wed 4 Nov`."""
        return self._date(value, "ccc, d. MMM" if self.language == _GERMAN else "ccc d MMM")

    def plain_day(self, value: date) -> str:
        """Such as `4 Nov 2026`."""
        return self._date(value, "d. MMM y" if self.language == _GERMAN else "d MMM y")

    def local_day(self, at: datetime, zone: tzinfo | None) -> str:
        """The day of a moment in a zone, without its year."""
        return self.short_day(at.astimezone(zone).date())

    def plain_local_day(self, at: datetime, zone: tzinfo | None) -> str:
        """The day of a moment in a zone, with its year."""
        return self.plain_day(at.astimezone(zone).date())

    def month(self, value: date) -> str:
        """Such as `November 2026`."""
        return self._date(value, "LLLL y")

    def month_name(self, value: date) -> str:
        """Such as `November`."""
        return self._date(value, "LLLL")

    def short_month(self, value: date) -> str:
        """Such as `Nov`."""
        return self._date(value, "LLL").rstrip(".")

    def listed(self, parts: tuple[str, ...], most: int = 4) -> str:
        """Such as `a, b and c`; of more than `most` only the first are named."""
        if len(parts) > most:
            rest = self.many("{count} more", "{count} more", len(parts) - most + 1)
            parts = (*parts[: most - 1], rest)
        if len(parts) <= 1:
            return "".join(parts)
        return self.say("{first} and {last}", first=", ".join(parts[:-1]), last=parts[-1])

    def _date(self, value: date, shape: str) -> str:
        from babel.dates import format_date  # noqa: PLC0415 - slow to import

        return format_date(value, shape, locale=self._locale)

    @property
    def _locale(self) -> "Locale":
        return _locale(self.language)


def _decimal(value: float | Decimal | Fraction) -> Decimal:
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(value)


@lru_cache(maxsize=8)
def _locale(language: str) -> "Locale":
    from babel import Locale  # noqa: PLC0415 - slow to import

    return Locale.parse(_WRITTEN_AS.get(language, language).replace("-", "_"))


def speech_of(language: str, folder: Path) -> Speech:
    """Speaks a language whose catalogue is `<folder>/<language>.po`; English needs none.

    Raises:
        UsageError: there is no such catalogue, or it is none.
    """
    if language == SOURCE_LANGUAGE:
        return Speech()
    known = sorted({SOURCE_LANGUAGE, *(file.stem for file in folder.glob("*.po"))})
    if language not in known:
        raise UsageError(f"there are no reports in {language!r}", hint=f"there are: {', '.join(known)}")
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - slow to import
    from babel.messages.pofile import PoFileError, read_po  # noqa: PLC0415 - slow to import

    compiled = BytesIO()
    try:
        with (folder / f"{language}.po").open("rb") as file:
            write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    except (PoFileError, ValueError) as error:
        raise UsageError(f"{language}.po is no catalogue of sentences: {error}") from error
    compiled.seek(0)
    return Speech(language, GNUTranslations(compiled))
