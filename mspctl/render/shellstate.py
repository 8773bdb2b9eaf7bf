"""Reads shell text from left to right and knows what is open: quotes, expansions, comments, here-documents.

POSIX.1-2017, Shell Command Language, 2.2 (quoting), 2.6 (expansions), 2.7.4 (here-documents), as far as a
linter needs them. Where the text is too rich for it, `lost` becomes true.
"""

import re
from dataclasses import dataclass, field

_HEREDOC = re.compile(r"<<(-?)[ \t]*\\?['\"]?([A-Za-z_][A-Za-z0-9_]*)['\"]?")
# The subject of a `case` may be an expression of the template, which is where this text then ends.
_CASE = re.compile(r"case[ \t]+(?:$|(?:\"[^\"\n]*\"|[^\s;]+)[ \t]+in\b)")
_ESAC = re.compile(r"esac\b")
_BREAKS = " \t\n;(|&"
_KEPT = 200


@dataclass(slots=True)
class ShellState:
    """What is open after the text taken so far, innermost last; `tail` is the end of that text.

    Marks: `'` `"` `` ` `` quotes, `(` a subshell or `$(`, `{` a `${`, `#` a comment, `<` a here-document,
    `c` a `case`.
    """

    open: list[str] = field(default_factory=list)
    tail: str = ""
    escaped: bool = False
    """The text ends with a backslash that takes the next character's meaning."""
    lost: bool = False
    """What is open is not certain any more."""
    _heredocs: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def inside(self) -> str:
        """The innermost mark, empty at the top."""
        return self.open[-1] if self.open else ""

    def take(self, text: str) -> None:
        """Read on."""
        index = 1 if self.escaped and text else 0
        self.escaped = False
        while index < len(text):
            index = self._step(text, index)
        self.escaped = index > len(text)
        self.tail = (self.tail + text)[-_KEPT:]

    def take_value(self) -> None:
        """A value was put in here: one or more words."""
        self.escaped = False
        self.tail += "x"

    def _step(self, text: str, index: int) -> int:
        match self.inside:
            case "<":
                return self._heredoc(text, index)
            case "'":
                return self._until("'", text, index)
            case "#":
                # The newline ends the comment, and is read again: it may begin a here-document.
                return self._until("\n", text, index) - (text[index] == "\n")
            case _:
                return self._expanding(text, index)

    def _expanding(self, text: str, index: int) -> int:
        char, inside = text[index], self.inside
        if char == "\\":
            return index + 2
        if char == "$" and text[index + 1 : index + 2] in ("(", "{"):
            return self._push(text[index + 1], index + 1)
        if char in '"`':
            return self._until(char, text, index) if inside == char else self._push(char, index)
        if inside == "{":
            return self._braced(text, index)
        return index + 1 if inside in ('"', "`") else self._command(text, index)

    def _braced(self, text: str, index: int) -> int:
        if text[index] == "'":
            # Between double quotes it depends on the operator whether this quotes anything.
            self.lost = self.lost or '"' in self.open
            return index + 1 if '"' in self.open else self._push("'", index)
        return self._until("}", text, index)

    def _command(self, text: str, index: int) -> int:
        char = text[index]
        before = text[index - 1] if index else self.tail[-1:]
        begins = not before or before in _BREAKS
        if char in "'(" or (char == "#" and begins):
            return self._push(char, index)
        if char == ")" and self.inside == "(":
            return self._until(")", text, index)
        if char == "<" and (found := _HEREDOC.match(text, index)):
            self._heredocs.append((found[2], bool(found[1])))
            return found.end()
        if char == "\n" and self._heredocs:
            return self._push("<", index)
        return self._word(text, index) if begins else index + 1

    def _word(self, text: str, index: int) -> int:
        if _CASE.match(text, index):
            self.open.append("c")
            return index + len("case")
        if self.inside == "c" and _ESAC.match(text, index):
            self.open.pop()
        return index + 1

    def _heredoc(self, text: str, index: int) -> int:
        end = text.find("\n", index)
        line = text[index : end if end >= 0 else len(text)]
        word, tabs = self._heredocs[0]
        if (line.lstrip("\t") if tabs else line) == word:
            self._heredocs.pop(0)
            if not self._heredocs:
                self.open.pop()
        return len(text) if end < 0 else end + 1

    def _push(self, mark: str, index: int) -> int:
        self.open.append(mark)
        return index + 1

    def _until(self, end: str, text: str, index: int) -> int:
        if text[index] == end:
            self.open.pop()
        return index + 1
