"""Each row of the page about break/fix and managed service is done by a command that exists."""

import re
import shlex

import pytest

from tests.architecture.source import ROOT
from tests.docs.test_examples import parse

PAGE = (ROOT / "docs/explanation/break-fix-and-managed.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
PARTS = {cells[0].removeprefix("| "): cells[1] for cells in ROWS if cells[1] != "Command"}
# What the issue about the desk names, word for word.
BREAK_FIX = (
    "request",
    "diagnosis",
    "fix",
    "hourly billing",
    "per-incident billing",
    "no commitment",
    "cost history",
)
MANAGED = (
    "contract", "monitoring", "maintenance", "troubleshooting", "planning", "subscription", "accountability",
    "less downtime", "scaling", "onboarding investment",
)  # fmt: skip


def test_no_part_is_left_out() -> None:
    assert set(PARTS) >= {*BREAK_FIX, *MANAGED}


@pytest.mark.parametrize("part", PARTS)
def test_the_command_of_a_part_exists(part: str) -> None:
    command = re.fullmatch(r"`mspctl (.+)`", PARTS[part])
    assert command, f"{part} has no command"
    parse(shlex.split(command[1]))
