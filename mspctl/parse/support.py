"""Reads support dates: our own file and a project's, which look alike, and Debian's distro-info-data."""

import csv
import re
from collections.abc import Iterator
from datetime import date

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.support import SupportTerm
from mspctl.parse.node import shown
from mspctl.parse.shape import Shape
from mspctl.parse.source import Source
from mspctl.parse.yaml import parse_yaml

_KEYS = ("os", "version", "until", "rolling", "extended", "extended_by", "source", "checked")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ORDINARY, _DEBIAN_LTS, _UBUNTU_ESM = "eol", "eol-lts", "eol-esm"


def parse_support(source: Source) -> tuple[SupportTerm, ...]:
    """The terms of a file whose `releases` is a list of rows.

    Raises:
        ConfigurationError: everything that is wrong with it, each problem with its place.
    """
    problems: list[Problem] = []
    shape = Shape(parse_yaml(source), source.file, problems)
    shape.only(("releases",))
    found: dict[tuple[str, str], SupportTerm] = {}
    for row in shape.maps("releases"):
        term = _term(row)
        if (term.os, term.version) in found:
            row.problem(
                "os", f"{term.os} {term.version} is there twice".replace("  ", " "), "keep one of them"
            )
        found[term.os, term.version] = term
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return tuple(found.values())


def _term(row: Shape) -> SupportTerm:
    row.only(_KEYS)
    rolling = row.flag("rolling", default=False)
    until, extended = _day(row, "until"), _day(row, "extended")
    if rolling and (until or extended or row.text("version")):
        row.problem("rolling", "a rolling release has no version and no dates", "remove one or the other")
    if not rolling:
        row.required("version")
        if until is None and row.get("until") is None:
            row.problem("until", "`until` is missing", "the last day of support, or rolling: true")
    if until and extended and extended <= until:
        row.problem(
            "extended", f"{extended} is not after {until}", "the last day of what comes after `until`"
        )
    return SupportTerm(
        row.required("os"),
        row.text("version"),
        until,
        row.required("source"),
        _day(row, "checked", required=True) or date.min,
        extended,
        row.text("extended_by"),
    )


def _day(row: Shape, key: str, *, required: bool = False) -> date | None:
    text = row.required(key) if required else row.text(key)
    day = _iso_day(text)
    if text and day is None:
        row.problem(key, f"`{shown(text)}` is not a day", "write it as 2028-06-30")
    return day


def _iso_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text and _DAY.fullmatch(text) else None
    except ValueError:
        return None


def parse_distro_dates(text: str, os: str, checked: date) -> tuple[SupportTerm, ...]:
    """The terms of `debian.csv` or `ubuntu.csv`; lines without an end date say nothing and are left out.

    The file is the distribution's, so a line that cannot be read is left out, too: its release is not known.
    """
    return tuple(_distro_rows(text, os, checked))


def _distro_rows(text: str, os: str, checked: date) -> Iterator[SupportTerm]:
    column, name = (_DEBIAN_LTS, "Debian LTS") if os == "debian" else (_UBUNTU_ESM, "Ubuntu Pro (ESM)")
    for row in csv.DictReader(text.splitlines()):
        version = (row.get("version") or "").partition(" ")[0]
        until, extended = _iso_day(row.get(_ORDINARY)), _iso_day(row.get(column))
        if version and until:
            later = extended if extended and extended > until else None
            source = f"distro-info-data, {os}.csv"
            yield SupportTerm(os, version, until, source, checked, later, name if later else "")
