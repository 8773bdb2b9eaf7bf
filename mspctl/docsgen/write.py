"""Put pages into docs/, or say which differ from what stands there."""

from collections.abc import Iterable
from pathlib import Path

from mspctl.docsgen.page import NOTICE, Page


def stale(pages: Iterable[Page], docs: Path) -> tuple[str, ...]:
    """Paths of pages that are missing, differ, or were generated once and no longer are."""
    wanted = {page.path: page.text for page in pages}
    differing = [path for path, text in wanted.items() if _text(docs / path) != text]
    return tuple(sorted([*differing, *(path for path in _generated(docs) if path not in wanted)]))


def write(pages: Iterable[Page], docs: Path) -> tuple[str, ...]:
    """Bring docs/ up to date; returns the paths that were written or removed."""
    wanted = {page.path: page.text for page in pages}
    changed = stale((Page(path, text) for path, text in wanted.items()), docs)
    for path in changed:
        target = docs / path
        if path in wanted:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(wanted[path], encoding="utf-8")
        else:
            target.unlink()
    return changed


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _generated(docs: Path) -> list[str]:
    return [
        str(path.relative_to(docs))
        for path in docs.rglob("*.md")
        if path.read_text(encoding="utf-8").startswith(NOTICE)
    ]
