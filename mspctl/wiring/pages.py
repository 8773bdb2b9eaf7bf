"""Pages as files, in the formats that were asked for."""

from dataclasses import dataclass
from pathlib import Path

from mspctl.report.formats.pdf import pdf
from mspctl.wiring.privatefile import write_file


@dataclass(frozen=True, slots=True)
class Paper:
    """How and where: `language` is empty for the theme's own."""

    formats: tuple[str, ...]
    folder: Path
    language: str = ""


def write_paper(page: str, name: str, paper: Paper) -> tuple[str, ...]:
    """Write a page as HTML and PDF; the names of the files.

    Raises:
        UsageError: a PDF needs an extra that is not installed.
        StorageError: a file cannot be written.
    """
    files = []
    for form in paper.formats:
        path = paper.folder / f"{name}.{form}"
        write_file(path, pdf(page) if form == "pdf" else page.encode())
        files.append(str(path))
    return tuple(files)
