"""Gathers the support dates: those shipped, those of the controller's distribution, the project's."""

from datetime import UTC, date, datetime
from pathlib import Path

from mspctl import parse
from mspctl.model.support import SupportTable, SupportTerm, newest, overridden
from mspctl.parse.source import read_source
from mspctl.parse.support import parse_distro_dates, parse_support

DISTRO_DATES = Path("/usr/share/distro-info")
_SHIPPED = Path(parse.__file__).with_name("support.yml")
_SYSTEMS = ("debian", "ubuntu")
_MAX_BYTES = 1024 * 1024


def support_table(inventory: Path | None, *, distro_dates: Path = DISTRO_DATES) -> SupportTable:
    """The dates for a project; `inventory` is the folder that may hold a `support.yml`.

    Raises:
        ConfigurationError: that file is wrong (all problems at once).
    """
    known = newest(
        parse_support(read_source(_SHIPPED)), *(_distro_terms(distro_dates, os) for os in _SYSTEMS)
    )
    own = inventory / "support.yml" if inventory else None
    if own is None or not own.exists():
        return SupportTable(known)
    source = read_source(own, file=f"{own.parent.name}/{own.name}", max_bytes=_MAX_BYTES)
    return SupportTable(overridden(known, parse_support(source)))


def _distro_terms(folder: Path, os: str) -> tuple[SupportTerm, ...]:
    """None if the package is not there. Its file is as old as the package: that is when it was checked."""
    file = folder / f"{os}.csv"
    try:
        text, checked = file.read_text(encoding="utf-8", errors="replace"), _day_of(file)
    except OSError:
        return ()
    return parse_distro_dates(text, os, checked)


def _day_of(file: Path) -> date:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).date()
