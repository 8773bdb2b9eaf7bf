"""How a provider's reports look, and what a person adds to a month's: values without any file."""

from dataclasses import dataclass
from datetime import date

READABLE = 4.5
"""The contrast that text needs (WCAG 2.2 AA)."""
WHITE, INK = "#ffffff", "#14202b"


@dataclass(frozen=True, slots=True)
class Font:
    """A font of the provider's own: for the `text` or the `titles`, as a data URI."""

    use: str
    weight: int
    source: str
    licence: str
    """Under which it may be part of a report, in the words of whoever put it there."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours are `#rrggbb`; `logo` is a data URI. What is empty is the provider's name or nothing."""

    name: str = ""
    logo: str = ""
    brand: str = "#0c2d4a"
    """The ground of the head; what stands on it is white or ink, whichever can be read."""
    accent: str = "#0f4c75"
    """Titles and links; on white it can be read."""
    highlight: str = "#b3590a"
    """The numbers of the decisions, with white on them."""
    contact: str = ""
    """Whom to ask; more than one line."""
    footer: str = ""
    paper: str = "A4"
    language: str = ""
    """Empty: English."""
    fonts: tuple[Font, ...] = ()
    """They come before ours, which stay for the letters that they lack."""

    def family(self, use: str) -> str:
        """The families for `text` or `titles` that come before ours, as a part of CSS."""
        return f'"Theme {use}", ' if any(font.use == use for font in self.fonts) else ""

    @property
    def on_brand(self) -> str:
        """The colour of the words on the brand's colour."""
        return max((WHITE, INK), key=lambda colour: contrast(colour, self.brand))


OURS = Theme()


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2: 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    low = 0.04045
    red, green, blue = (part / 12.92 if part <= low else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision that a person puts before the client, with its price."""

    what: str
    why: str = ""
    price: str = ""
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """A day that the client should know."""

    day: date
    what: str


@dataclass(frozen=True, slots=True)
class Commentary:
    """What a person wrote about a month: in the place of, or beside, what the report says by itself."""

    verdict: str = ""
    note: str = ""
    decisions: tuple[Asked, ...] = ()
    """If there are any, they stand in the place of those that were found."""
    dates: tuple[Appointment, ...] = ()
    milestone: str = ""
    """What stands beside the month on the line of the year, in this and in later reports."""


NOTHING_SAID = Commentary()
