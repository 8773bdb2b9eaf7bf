"""All generated pages: one visible list."""

from mspctl.docsgen.errors_page import errors_reference
from mspctl.docsgen.page import Page
from mspctl.docsgen.verdicts import exit_codes_page, outcomes_page


def pages() -> tuple[Page, ...]:
    """Every generated page of this version of mspctl."""
    return (
        outcomes_page(),
        exit_codes_page(),
        errors_reference(),
    )
