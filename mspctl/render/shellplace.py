"""Refuses a value inside quotes, comments and here-documents of shell text: its quotes would not hold there.

A value is put in as `'…'`. Between double quotes those quotes are letters and `$(…)` in the value would
run; so a template may put values only where a word may stand.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mspctl.render.shellstate import ShellState

_FREE = frozenset({"raw", "secret"})
_COMMANDS = ("", "(", "c")
_COMMAND_START = re.compile(r"(^|[\n;|&{(!]|\b(then|do|else|if|elif|while|until))[ \t]*$")
_ASSIGNED = re.compile(r"(^|[\n;|&{(\s])[A-Za-z_][A-Za-z0-9_]*=\"?\$\([ \t]*$")


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An expression where a value cannot stand; `line` counts from 1 within the template."""

    line: int
    problem: str
    hint: str


def misplaced(tokens: Iterable[tuple[int, str, str]]) -> Misplaced | None:
    """The first expression of a template, given as Jinja2's tokens, that stands where a value cannot."""
    shell, expression, line = ShellState(), list[str](), 0
    for number, kind, text in tokens:
        if kind == "data":
            shell.take(text)
        elif kind == "variable_begin":
            expression, line = [], number
        elif kind == "variable_end":
            found = _judge(shell, expression, line)
            if found:
                return found
            shell.take_value()
        elif kind != "whitespace":
            expression.append(text)
    return None


def _judge(shell: ShellState, expression: list[str], line: int) -> Misplaced | None:
    last = expression[-1] if len(expression) > 1 and expression[-2] == "|" else ""
    if last == "secret" and not _feeds_stdin(shell):
        hint = "write {{ name | secret }} | command, or variable=$({{ name | secret }})"
        return Misplaced(line, "a secret cannot be an argument: secrets only by stdin", hint)
    place = _place(shell)
    if not place or last in _FREE:
        return None
    return Misplaced(line, f"a value cannot stand {place}", "values bring their own quotes; put it outside")


def _place(shell: ShellState) -> str:
    """Where the shell is, in words; empty where a word may stand."""
    if shell.escaped:
        return "after a backslash"
    if shell.tail.endswith("$") and shell.inside not in ("'", "#", "<"):
        return "after a $"
    if shell.lost:
        return 'after a single quote inside "${…}"'
    names = {
        "'": "inside single quotes",
        '"': "inside double quotes",
        "`": "inside backquotes",
        "#": "inside a comment",
        "<": "inside a here-document",
        "{": "inside ${…}",
    }
    return names.get(shell.inside, "")


def _feeds_stdin(shell: ShellState) -> bool:
    if shell.inside not in _COMMANDS or shell.escaped or shell.lost:
        return False
    if shell.inside == "(" and shell.tail.rstrip(" \t").endswith("$("):
        return _ASSIGNED.search(shell.tail) is not None
    return _COMMAND_START.search(shell.tail) is not None
