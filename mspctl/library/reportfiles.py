"""The project's `report/` folder: themes, commentaries and templates, the provider's and each client's own.

report/theme.toml                     the provider's theme
report/templates/                     templates that come before the shipped ones
report/clients/acme/theme.toml        what is different for a client
report/clients/acme/templates/
report/clients/acme/2026-11.toml      what a person says about a month
report/clients/acme/plans.yml         other plans that the client's months are held against
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mspctl.errors import ConfigurationError
from mspctl.library.files import read_below
from mspctl.library.fontfiles import MIME, check_font
from mspctl.model.place import Place
from mspctl.model.theme import NOTHING_SAID, OURS, Commentary, Font, Theme
from mspctl.parse.reportfiles import parse_commentary, parse_theme
from mspctl.parse.source import read_source

_LOGOS: Mapping[str, str] = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
_LARGEST = 256 * 1024
_SIGNS: Mapping[str, bytes] = {
    ".svg": b"<",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".jpg": b"\xff\xd8",
    ".jpeg": b"\xff\xd8",
}


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """What stands there for one client; `notes` say what could not be taken."""

    theme: Theme
    templates: tuple[Path, ...]
    notes: tuple[str, ...]


def report_files(project: Path, client: str) -> ReportFiles:
    """The client's theme over the provider's over ours, and the folders of templates.

    Raises:
        ConfigurationError: a theme is wrong, or its logo cannot be taken.
    """
    theme, notes = OURS, list[str]()
    places = (project / "report", project / "report" / "clients" / client)
    for folder in places:
        theme, more = _themed(folder, theme, str(folder.relative_to(project)))
        notes += more
    templates = tuple(each / "templates" for each in reversed(places) if (each / "templates").is_dir())
    return ReportFiles(theme, templates, tuple(notes))


def _themed(folder: Path, base: Theme, shown: str) -> tuple[Theme, Iterable[str]]:
    file = folder / "theme.toml"
    if not file.exists():
        return base, ()
    name = f"{shown}/{file.name}"
    found = parse_theme(read_source(file, file=name, max_bytes=_LARGEST), base)
    theme = found.theme
    if found.logo:
        theme = replace(theme, logo=_logo(folder, found.logo, Place(name)))
    if found.fonts:
        theme = replace(theme, fonts=tuple(_font(folder, font, Place(name)) for font in found.fonts))
    return theme, found.notes


def _font(folder: Path, font: Font, place: Place) -> Font:
    """The font as a data URI, if its maker lets it be part of a document."""
    kind = Path(font.source).suffix.lower()
    if kind not in MIME:
        raise ConfigurationError(f"the font {font.source!r} is no TTF, OTF, WOFF or WOFF2", place=place)
    content = _beside(folder, font.source, "font", place)
    check_font(content, font.source, place)
    return replace(font, source=f"data:{MIME[kind]};base64,{base64.b64encode(content).decode()}")


def _beside(folder: Path, name: str, what: str, place: Place) -> bytes:
    content = read_below(folder, name)
    if content is None:
        raise ConfigurationError(f"there is no {what} {name!r} beside it", place=place)
    if len(content) > _LARGEST:
        raise ConfigurationError(f"the {what} is larger than {_LARGEST // 1024} KiB", place=place)
    return content


def _logo(folder: Path, name: str, place: Place) -> str:
    """The logo as a data URI: a picture of the project, never one from elsewhere."""
    kind = Path(name).suffix.lower()
    if kind not in _LOGOS:
        raise ConfigurationError(f"the logo {name!r} is no SVG, PNG or JPEG", place=place)
    content = _beside(folder, name, "logo", place)
    if not content.lstrip().startswith(_SIGNS[kind]):
        raise ConfigurationError(f"the logo {name!r} is not what its name says", place=place)
    return f"data:{_LOGOS[kind]};base64,{base64.b64encode(content).decode()}"


def plans_name(client: str) -> str:
    """Where the plans stand that a client's months are held against."""
    return f"report/clients/{client}/plans.yml"


def commentary_name(client: str, month: str) -> str:
    """Where the commentary on a client's month stands in the project."""
    return f"report/clients/{client}/{month}.toml"


def commentary(project: Path, client: str, month: str) -> Commentary:
    """What a person says about a client's month; nothing if there is no such file.

    Raises:
        ConfigurationError: the file is wrong.
    """
    name = commentary_name(client, month)
    file = project / name
    if not file.exists():
        return NOTHING_SAID
    return parse_commentary(read_source(file, file=name, max_bytes=_LARGEST))
