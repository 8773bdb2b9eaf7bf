"""The page about errors, from the classes: a class's docstring is what the terminal and the manual say."""

import inspect
from collections.abc import Iterator

from mspctl import errors
from mspctl.docsgen.page import Page, block, code, page, prose, table

INTRODUCTION = """
An error is about this side: the command line, the project's files, this machine, or a bug. What goes wrong on
a host is not an error but that host's [outcome](outcomes.md).
"""
ENDING = """
Every message says what is wrong, where (`file:line:column` and the dotted path of the setting) and what to do
about it.
"""


def errors_reference() -> Page:
    """The tree of errors and, for each, its exit code and what it tells the user."""
    rows = [
        (code(error.__name__), str(error.exit_code), inspect.getdoc(error) or "")
        for error in _below(errors.MspctlError)
    ]
    return page(
        "reference/errors.md",
        "Errors",
        prose(INTRODUCTION),
        block("text", _tree()),
        table(["Error", "Exit code", "What it means"], rows),
        prose(ENDING),
    )


def _tree() -> str:
    lines = (errors.__doc__ or "").splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip().startswith("MspctlError"))
    end = next(number for number in range(start, len(lines)) if not lines[number].strip())
    return inspect.cleandoc("\n" + "\n".join(lines[start:end]))


def _below(error: type[errors.MspctlError]) -> Iterator[type[errors.MspctlError]]:
    for child in error.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from _below(child)
