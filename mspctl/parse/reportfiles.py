"""The files that a person writes for reports: the theme, and the commentary on a month."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.theme import READABLE, WHITE, Appointment, Asked, Commentary, Font, Theme, contrast
from mspctl.parse.source import Source
from mspctl.parse.toml import Table, parse_toml

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
_PAPERS = ("A4", "Letter")
MOST_DECISIONS = 3
LONGEST_MILESTONE = 30
_KEYS = ("name", "logo", "brand", "accent", "highlight", "contact", "footer", "paper", "language", "font")
_WEIGHTS: Mapping[str, int] = {"normal": 400, "bold": 600}


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """A theme as it is written: `logo` is the name of a file beside it; `notes` say what was not taken."""

    theme: Theme
    logo: str
    notes: tuple[str, ...] = ()
    fonts: tuple[Font, ...] = ()
    """Their `source` is the name of a file beside it."""


def parse_theme(source: Source, base: Theme) -> ThemeFile:
    """A theme file over the theme that it changes.

    A colour on which text could not be read is not taken: what it changes stays, and a note says so.

    Raises:
        ConfigurationError: everything that is wrong with it.
    """
    problems: list[Problem] = []
    table = parse_toml(source, problems)
    table.only(*_KEYS)
    notes: list[str] = []
    accent = _readable(table, "accent", base.accent, notes, source.file)
    highlight = _readable(table, "highlight", base.highlight, notes, source.file)
    theme = Theme(
        name=table.text("name", base.name),
        logo=base.logo,
        brand=_colour(table, "brand", base.brand),
        accent=accent,
        highlight=highlight,
        contact=table.text("contact", base.contact),
        footer=table.text("footer", base.footer),
        paper=table.one_of("paper", _PAPERS, base.paper),
        language=table.text("language", base.language),
        fonts=base.fonts,
    )
    fonts = tuple(_font(each) for each in table.tables("font"))
    if theme.language and not _LANGUAGE.fullmatch(theme.language):
        table.problem("language", f"`{theme.language}` is no language", "such as en or de")
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return ThemeFile(theme, table.text("logo"), tuple(notes), fonts)


def _font(table: Table) -> Font:
    table.only("file", "use", "weight", "licence")
    use, weight = (
        table.one_of("use", ("text", "titles"), "text"),
        table.one_of("weight", tuple(_WEIGHTS), "normal"),
    )
    return Font(use, _WEIGHTS[weight], table.required("file"), table.required("licence"))


def _colour(table: Table, key: str, default: str) -> str:
    value = table.text(key, default)
    if _COLOUR.fullmatch(value):
        return value.lower()
    table.problem(key, f"`{value}` is no colour", "write it as #0c2d4a")
    return default


def _readable(table: Table, key: str, default: str, notes: list[str], file: str) -> str:
    value = _colour(table, key, default)
    found = contrast(value, WHITE)
    if found >= READABLE:
        return value
    notes.append(f"{file}: {key} {value} cannot be read on white (contrast {found:.1f}, needed {READABLE})")
    return default


def parse_commentary(source: Source) -> Commentary:
    """What a person wrote about a month.

    Raises:
        ConfigurationError: everything that is wrong with it.
    """
    problems: list[Problem] = []
    table = parse_toml(source, problems)
    table.only("verdict", "note", "milestone", "decision", "date")
    asked = table.tables("decision")
    if len(asked) > MOST_DECISIONS:
        table.problem("decision", f"{len(asked)} decisions are too many", f"at most {MOST_DECISIONS}")
    milestone = " ".join(table.text("milestone").split())
    if len(milestone) > LONGEST_MILESTONE:
        hint = f"at most {LONGEST_MILESTONE} letters have room beside the line"
        table.problem("milestone", f"{len(milestone)} letters are too many", hint)
    told = Commentary(
        table.text("verdict").strip(),
        table.text("note").strip(),
        tuple(_asked(each) for each in asked),
        tuple(each for each in map(_appointment, table.tables("date")) if each is not None),
        milestone,
    )
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return told


def _asked(table: Table) -> Asked:
    table.only("what", "why", "price", "by")
    return Asked(table.required("what"), table.text("why"), table.text("price"), table.day("by"))


def _appointment(table: Table) -> Appointment | None:
    table.only("day", "what")
    day, what = table.day("day"), table.required("what")
    if day is None:
        table.problem("day", "`day` is missing")
        return None
    return Appointment(day, what)
