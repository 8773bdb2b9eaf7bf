"""A generated page, and the few pieces of Markdown that pages are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NOTICE = "<!-- Written by `python -m mspctl.docsgen`; edit the code that it describes. -->"


@dataclass(frozen=True, slots=True)
class Page:
    """One file below docs/: `path` such as `reference/outcomes.md`, and its whole text."""

    path: str
    text: str


def page(path: str, title: str, *parts: str) -> Page:
    """A page of parts with a blank line between them, under the notice that it is generated."""
    return Page(
        path, "\n\n".join([NOTICE, f"# {title}", *(part.strip("\n") for part in parts if part)]) + "\n"
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; `|` and line breaks in cells are made harmless."""
    lines = [_row(heads), _row(["---"] * len(heads))]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def prose(text: str) -> str:
    """One paragraph: line breaks of the source are not those of the page."""
    return " ".join(text.split())


def code(text: str) -> str:
    """Text as inline code; empty text stays empty."""
    return f"`{text}`" if text else ""


def block(language: str, text: str) -> str:
    """A fenced block, with a fence longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"
