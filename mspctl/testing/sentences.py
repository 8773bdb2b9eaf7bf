"""Every sentence that a report can say, gathered from the code and the templates, for its catalogues."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml
from babel.messages.extract import extract

from mspctl import report
from mspctl.report.pages.look import report_folder
from mspctl.shipped import shipped_folder

Sentence = tuple[str, ...]
"""One text, or the forms for one and for more."""
_FOR_STAFF = ("onboarding", "staff")
"""Rooms of the report that the provider's own people read, in English."""
_KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"say": None, "many": (1, 2)}


def sentences() -> Iterator[tuple[Sentence, str]]:
    """Each sentence and where it stands, with what the checks of the security baseline are called."""
    for file in sorted(Path(report.__file__).parent.rglob("*.py")):
        if file.parent.name not in _FOR_STAFF:
            yield from _found("python", file)
    for file in sorted(report_folder().rglob("*.j2")):
        yield from _found("jinja2.ext:babel_extract", file)
    for file in sorted((shipped_folder("templates") / "modules").glob("*/module.yml")):
        for name, check in (yaml.safe_load(file.read_text(encoding="utf-8")).get("checks") or {}).items():
            yield (check["title"],), f"{file.parent.name}: {name}"


def _found(method: str, file: Path) -> Iterator[tuple[Sentence, str]]:
    with file.open("rb") as stream:
        for line, message, _, _ in extract(method, stream, keywords=_KEYWORDS):
            forms = message if isinstance(message, tuple) else (message,)
            yield tuple(forms), f"{file.name}:{line}"
