"""How a provider's reports look: name, logo, colours, footer. The default is ours and bears no mark of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours are `#rrggbb`; `logo` is a data URI. What is empty is the provider's name or nothing."""

    name: str = ""
    logo: str = ""
    brand: str = "#0c2d4a"
    """The ground of the head; what stands on it is white or ink, whichever can be read."""
    accent: str = "#0f4c75"
    footer: str = ""
    paper: str = "A4"

    @property
    def on_brand(self) -> str:
        """The colour of the words on the brand's colour."""
        return max(("#ffffff", "#14202b"), key=lambda colour: contrast(colour, self.brand))


OURS = Theme()


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2: 1 to 21; text needs 4.5."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    low = 0.03928
    red, green, blue = (part / 12.92 if part <= low else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
