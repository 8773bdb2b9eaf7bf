"""How a client's reports and other pages look: theme, language, templates."""

from mspctl.library.reportfiles import report_files
from mspctl.report.pages.look import Look, report_folder
from mspctl.report.wording.speech import SOURCE_LANGUAGE, speech_of
from mspctl.wiring.app import App


def report_look(app: App, slug: str, language: str) -> tuple[Look, tuple[str, ...]]:
    """How a client's report looks, and notes on what of its theme could not be taken.

    `language` is empty for the theme's own.

    Raises:
        ConfigurationError: a theme is wrong.
        UsageError: there is no such language.
    """
    found = report_files(app.project, slug)
    wanted = language or found.theme.language or SOURCE_LANGUAGE
    return Look(speech_of(wanted, report_folder() / "locale"), found.theme, found.templates), found.notes
