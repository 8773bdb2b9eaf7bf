"""The fenced blocks of README.md and docs/, each with the place where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source import ROOT

# A fence may be indented, inside a list.
FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,})(?P<language>[a-z0-9+-]*)(?P<rest>.*)$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: language, text, and `file:line` of its first line."""

    language: str
    text: str
    place: str


def blocks(*languages: str) -> list[Block]:
    """All blocks in one of these languages, in the order of files and lines."""
    return [block for path in pages() for block in blocks_of(path) if block.language in languages]


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks_of(path: Path) -> Iterator[Block]:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    for number, line in lines:
        opened = FENCE.match(line)
        if opened is None:
            continue
        inside: list[str] = []
        for _, text in lines:
            if text.strip() == opened["fence"]:
                break
            inside.append(text.removeprefix(opened["indent"]))
        place = f"{path.relative_to(ROOT)}:{number + 1}"
        yield Block(opened["language"], "\n".join(inside) + "\n", place)
