"""How the pages look: language, theme, folders of templates, and the colours of the dark style."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mspctl.model.theme import OURS, Theme
from mspctl.report.wording import words
from mspctl.report.wording.speech import Speech
from mspctl.shipped import shipped_folder

FONTS = "/* fonts */"
"""Where the template wants the fonts: which ones is known only when all is written."""
DARK: Mapping[str, str] = {
    "good": "#67cf97",
    "attention": "#f0b35e",
    "risk": "#ff9d94",
    "unmeasured": "#a9b6c2",
    "line": "#8fc1ea",
    "track": "#2c3a47",
    "grid": "#33414e",
    "soft": "#a9b6c2",
    "ink": "#e6ebf0",
    "paper": "#17212b",
    "good-soft": "#17382a",
    "attention-soft": "#3d2d14",
    "risk-soft": "#43201e",
    "unmeasured-soft": "#263340",
    "good-mid": "#2f7a54",
    "attention-mid": "#8a5f1f",
    "risk-mid": "#8f3a34",
    "unmeasured-mid": "#3a4854",
    "line-mid": "#30506d",
    "late": "#e5a13a",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a report is to be made: its language, its theme, and folders whose templates come before ours."""

    speech: Speech = words.ENGLISH
    theme: Theme = OURS
    folders: tuple[Path, ...] = ()


PLAIN = Look()
"""English, in our own colours."""


def report_folder() -> Path:
    """Where the shipped templates, catalogues and fonts are."""
    return shipped_folder("templates") / "report"
