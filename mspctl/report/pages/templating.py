"""Templates of pages: nothing that a host said is markup, and nothing in it steers a display."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mspctl.report.facts.visible import css_text, visible

if TYPE_CHECKING:
    from jinja2 import Environment


def environment(folders: Sequence[Path]) -> "Environment":
    """Templates of these folders, the first one wins."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - slow to import
    from markupsafe import Markup  # noqa: PLC0415 - comes with jinja2

    made = Environment(
        loader=FileSystemLoader(list(folders)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        # Everything printed goes through this, then through autoescape: nobody has to remember either.
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    # No character is left in it that could end the string or the style.
    made.filters["cssstr"] = lambda text: Markup(css_text(text))  # noqa: S704 - as above
    return made
