"""Scopes, functions, and how a function takes its parameters."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from tests.unit.powershell.engine.values import Bare, PsError, Val, to_text

AUTOMATIC: tuple[tuple[str, Val], ...] = (
    ("true", True),
    ("false", False),
    ("null", None),
    ("pid", 4242),
    ("pshome", "C:\\Windows\\System32\\WindowsPowerShell\\v1.0"),
)


@dataclass(eq=False)
class Scope:
    """Variables and functions by name in lower case; what is not here is looked for with the caller."""

    parent: "Scope | None" = None
    variables: dict[str, Val] = field(default_factory=dict)
    functions: dict[str, "Function"] = field(default_factory=dict)

    def _chain(self) -> "Iterator[Scope]":
        at: Scope | None = self
        while at is not None:
            yield at
            at = at.parent

    def read(self, name: str) -> Val:
        for scope in self._chain():
            if name.lower() in scope.variables:
                return scope.variables[name.lower()]
        raise PsError(
            f"The variable '${name}' cannot be retrieved because it has not been set.", "VariableIsUndefined"
        )

    def write(self, name: str, value: Val) -> None:
        self.variables[name.lower()] = value

    def function(self, name: str) -> "Function | None":
        return next((s.functions[name.lower()] for s in self._chain() if name.lower() in s.functions), None)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function: its type's name and the text of its default, empty if it has none."""

    name: str
    type: str
    default: str


@dataclass(frozen=True)
class Function:
    """A function: its parameters, None if it declares none, and the node of its body."""

    name: str
    parameters: tuple[Parameter, ...] | None
    body: Node | None


_PARAMETER = re.compile(r"((?:\[[^\]]*\]+\s*)*)\$(\w+)\s*(?:=\s*(.*))?", re.DOTALL)


def declared(block: Node | None) -> tuple[Parameter, ...] | None:
    """The parameters of a `param(…)`; read from its text, as the grammar takes two of them for an array."""
    if block is None:
        return None
    text = (block.text or b"").decode()
    inside = text[text.index("(") + 1 : text.rindex(")")]
    found = [_PARAMETER.fullmatch(part.strip()) for part in _parts(inside)]
    return tuple(
        Parameter(m[2], m[1].strip().strip("[]") + ("[]" if "[]]" in m[1] else ""), m[3] or "")
        for m in found
        if m
    )


def _parts(text: str) -> Iterator[str]:
    depth, start, quote = 0, 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    if text[start:].strip():
        yield text[start:]


Given = list[tuple[str, Val]]
"""What stands behind a command: each value with its parameter's name, empty if it has none."""


def bind(
    function: Function, given: list[Val], cast: Callable[[str, Val], Val], default: Callable[[str], Val]
) -> tuple[dict[str, Val], list[Val]]:
    """The function's variables, and what is left for `$args`. Raises PsError for an unknown parameter."""
    parameters = function.parameters
    if parameters is None:
        return {}, [f"-{word.name}" if isinstance(word, Bare) else word for word in given]
    values: dict[str, Val] = {}
    rest: list[Val] = []
    queue = list(given)
    while queue:
        word = queue.pop(0)
        if not isinstance(word, Bare):
            rest.append(word)
            continue
        parameter = next((p for p in parameters if p.name.lower() == word.name.lower()), None)
        if parameter is None:
            raise PsError(
                f"A parameter cannot be found that matches parameter name '{word.name}' of {function.name}"
            )
        values[parameter.name] = (
            True if parameter.type.lower() == "switch" and not word.glued else queue.pop(0)
        )
    for parameter in parameters:
        if parameter.name not in values and rest and parameter.type.lower() != "switch":
            values[parameter.name] = rest.pop(0)
        if parameter.name not in values:
            values[parameter.name] = (
                default(parameter.default) if parameter.default else _empty(parameter.type)
            )
        elif parameter.type:
            values[parameter.name] = cast(parameter.type, values[parameter.name])
    return values, rest


def _empty(kind: str) -> Val:
    word = kind.lower()
    return (
        ""
        if word == "string"
        else 0
        if word in ("int", "long")
        else False
        if word in ("bool", "switch")
        else None
    )


def named(given: list[Val], switches: frozenset[str], positions: tuple[str, ...]) -> Given:
    """The words of a command that is no function, paired."""
    found: Given = []
    queue, places = list(given), list(positions)
    while queue:
        word = queue.pop(0)
        if not isinstance(word, Bare):
            found.append((places.pop(0) if places else "", word))
        elif not word.glued and (word.name.lower() in switches or not queue or isinstance(queue[0], Bare)):
            found.append((word.name, True))
        else:
            found.append((word.name, queue.pop(0)))
    return found


def shown(word: Val) -> str:
    return f"-{word.name}" if isinstance(word, Bare) else to_text(word)
