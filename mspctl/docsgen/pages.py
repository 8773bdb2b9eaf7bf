"""All generated pages: one visible list."""

from pathlib import Path

from mspctl.docsgen.changelog import changelog_page
from mspctl.docsgen.command_line import command_line_page
from mspctl.docsgen.errors_page import errors_reference
from mspctl.docsgen.inventory import inventory_page
from mspctl.docsgen.modules import modules_page
from mspctl.docsgen.page import Page
from mspctl.docsgen.playbooks import playbooks_page
from mspctl.docsgen.verdicts import exit_codes_page, outcomes_page


def pages(docs: Path) -> tuple[Page, ...]:
    """Every generated page of this version of mspctl; `docs` is where the changelog's fragments are."""
    return (
        command_line_page(),
        inventory_page(),
        playbooks_page(),
        modules_page(),
        outcomes_page(),
        exit_codes_page(),
        errors_reference(),
        changelog_page(docs),
    )
