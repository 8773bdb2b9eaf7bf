"""The changelog, put together from fragments: one folder per version, one file per change."""

from pathlib import Path

from mspctl.docsgen.page import Page, page

UNRELEASED = "unreleased"


def changelog_page(docs: Path) -> Page:
    """Versions from the newest to the oldest, what is not released yet above all."""
    folders = [path for path in (docs / "changelog").iterdir() if path.is_dir()]
    return page(
        "changelog/index.md",
        "Changelog",
        *(part for folder in sorted(folders, key=_order, reverse=True) for part in _section(folder)),
    )


def _order(folder: Path) -> tuple[bool, tuple[int, ...]]:
    if folder.name == UNRELEASED:
        return (True, ())
    return (False, tuple(map(int, folder.name.split("."))))


def _section(folder: Path) -> list[str]:
    fragments = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))]
    title = "Not released yet" if folder.name == UNRELEASED else folder.name
    return [f"## {title}", *fragments] if fragments else []
