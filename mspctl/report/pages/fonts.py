"""The fonts inside the page, so that it looks the same everywhere and asks nobody for them."""

import base64
from collections.abc import Iterator
from pathlib import Path

from mspctl.model.theme import Theme

_LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,"
    "U+20AC,U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
_LATIN_EXTENDED = "U+0100-02BA,U+02BD-02C5,U+02C7-02CC,U+02CE-02D7,U+1E00-1E9F,U+1EF2-1EFF,U+2C60-2C7F"
_EXTENDED_LETTERS = (("\u0100", "\u024f"), ("\u1e00", "\u1eff"))


_FACES = (
    ("Inter", 400, "inter-latin-400-normal.woff2"),
    ("Inter", 600, "inter-latin-600-normal.woff2"),
    ("Source Serif 4", 400, "source-serif-4-latin-400-normal.woff2"),
    ("Source Serif 4", 600, "source-serif-4-latin-600-normal.woff2"),
)
_EXTENDED = (
    ("Inter", 400, "inter-latin-ext-400-normal.woff2"),
    ("Inter", 600, "inter-latin-ext-600-normal.woff2"),
)


_DRAWN = 'font-family="Inter, sans-serif"'
"""How the charts name their font."""


def embedded(text: str, theme: Theme, folder: Path, mark: str) -> str:
    """The page with its fonts in the place of `mark`: the theme's, also in the charts, and ours.

    Nothing that a host said can look like the font of a chart: its quotes are escaped.
    """
    inside = (*_theme_faces(theme), *faces(folder, text))
    if theme.family("text"):
        text = text.replace(_DRAWN, "font-family=\"'Theme text', Inter, sans-serif\"")
    return text.replace(mark, "".join(inside), 1)


def _theme_faces(theme: Theme) -> Iterator[str]:
    for font in theme.fonts:
        rules = f"font-weight: {font.weight}; src: url({font.source});"
        yield f'@font-face {{ font-family: "Theme {font.use}"; {rules} }}\n'


def faces(folder: Path, text: str) -> Iterator[str]:
    """The CSS of the fonts for a text: those for the names of Central Europe only if there are such names.

    A font that is missing is left out: the reader's own takes its place.
    """
    wanted = [(*face, _LATIN) for face in _FACES]
    if any(first <= character <= last for character in set(text) for first, last in _EXTENDED_LETTERS):
        wanted += [(*face, _LATIN_EXTENDED) for face in _EXTENDED]
    for family, weight, name, characters in wanted:
        file = folder / name
        if file.is_file():
            content = base64.b64encode(file.read_bytes()).decode()
            source = f'url(data:font/woff2;base64,{content}) format("woff2")'
            rules = f"font-weight: {weight}; src: {source}; unicode-range: {characters};"
            yield f'@font-face {{ font-family: "{family}"; {rules} }}\n'
