"""Refuses a value inside quotes, comments and here-documents of shell text: its own quotes would not hold there.

A value is put in as `'…'`. Between double quotes those quotes are letters and `$(…)` in the value would run; so
a template may put values only where a word may stand. One pass over the template's tokens keeps the shell's
state; where shell syntax is too rich for it (a `)` of `case` inside `$(…)`), it errs towards refusing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_FREE = frozenset({"raw", "secret"})
_HEREDOC = re.compile(r"<<(-?)[ \t]*(\\?['\"]?)([A-Za-z_][A-Za-z0-9_]*)['\"]?")
_PLACES = {"'": "single quotes", '"': "double quotes", "`": "backquotes", "#": "a comment", "<": "a here-document"}
_COMMAND_START = re.compile(r"(^|[\n;|&{(!]|\b(then|do|else|if|elif|while|until))[ \t]*$")
_ASSIGNED = re.compile(r"(^|[\n;|&{(\s])[A-Za-z_][A-Za-z0-9_]*=\"?\$\($")


@dataclass(frozen=True, slots=True)
class Misplaced:
    """An expression where a value cannot stand; `line` counts from 1 within the template."""

    line: int
    problem: str
    hint: str


@dataclass(slots=True)
class _Shell:
    """The shell's state after the text read so far: what is open, innermost last."""

    open: list[str] = field(default_factory=list)
    heredocs: list[tuple[str, bool]] = field(default_factory=list)
    read: str = ""

    @property
    def inside(self) -> str:
        return self.open[-1] if self.open else ""

    def take(self, text: str) -> None:
        index = 0
        while index < len(text):
            index = self._step(text, index)
        self.read = (self.read + text)[-200:]

    def _step(self, text: str, index: int) -> int:
        char, inside = text[index], self.inside
        if inside == "<":
            return self._heredoc(text, index)
        if inside == "'":
            return self._close(index, char == "'")
        if inside == "#":
            return self._close(index, char == "\n", keep=True)
        if char == "\\":
            return index + 2
        if char == "$" and text[index + 1 : index + 2] in ("(", "{"):
            self.open.append(text[index + 1])
            return index + 2
        if char == '"' or char == "`":
            return self._close(index, closes=True) if inside == char else self._push(char, index)
        if inside in ('"', "`", "{"):
            return self._close(index, char == "}") if inside == "{" else index + 1
        return self._command(text, index, char)

    def _command(self, text: str, index: int, char: str) -> int:
        before = text[index - 1] if index else self.read[-1:]
        if char == "'":
            return self._push(char, index)
        if char == "(":
            return self._push(char, index)
        if char == ")":
            return self._close(index, self.inside == "(")
        if char == "#" and (not before or before in " \t\n;(|&"):
            return self._push(char, index)
        if char == "<" and (found := _HEREDOC.match(text, index)):
            self.heredocs.append((found[3], bool(found[1])))
            return found.end()
        if char == "\n" and self.heredocs:
            self.open.append("<")
        return index + 1

    def _heredoc(self, text: str, index: int) -> int:
        end = text.find("\n", index)
        line = text[index : end if end >= 0 else len(text)]
        word, tabs = self.heredocs[0]
        if (line.lstrip("\t") if tabs else line) == word:
            self.heredocs.pop(0)
            if not self.heredocs:
                self.open.pop()
        return len(text) if end < 0 else end + 1

    def _push(self, char: str, index: int) -> int:
        self.open.append(char)
        return index + 1

    def _close(self, index: int, closes: bool, *, keep: bool = False) -> int:  # noqa: FBT001 - private
        if closes:
            self.open.pop()
        return index if keep and closes else index + 1


def misplaced(tokens: Iterable[tuple[int, str, str]]) -> Misplaced | None:
    """The first expression of a template, given as Jinja2's tokens, that stands where a value cannot."""
    shell, expression, line = _Shell(), list[str](), 0
    for number, kind, text in tokens:
        if kind == "data":
            shell.take(text)
        elif kind == "variable_begin":
            expression, line = [], number
        elif kind == "variable_end":
            found = _judge(shell, expression, line)
            if found:
                return found
            shell.read += "x"
        elif kind != "whitespace":
            expression.append(text)
    return None


def _judge(shell: _Shell, expression: list[str], line: int) -> Misplaced | None:
    last = expression[-1] if len(expression) > 1 and expression[-2] == "|" else ""
    if last == "secret":
        return None if _feeds_stdin(shell) else Misplaced(
            line,
            "a secret cannot be an argument: secrets only by stdin",
            "write {{ name | secret }} | command, or variable=$({{ name | secret }})",
        )
    place = _PLACES.get(shell.inside) or ("${…}" if shell.inside == "{" else "")
    if not place or last in _FREE:
        return None
    return Misplaced(line, f"a value cannot stand inside {place}", "values bring their own quotes; put it outside")


def _feeds_stdin(shell: _Shell) -> bool:
    if shell.inside in ("'", "#", "<", "`"):
        return False
    if shell.inside == "(" and shell.read.endswith("$("):
        return _ASSIGNED.search(shell.read) is not None
    return shell.inside in ("", "(") and _COMMAND_START.search(shell.read) is not None
