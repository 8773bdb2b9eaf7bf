"""What can be said of PowerShell text without a PowerShell: grammar, habits, the commands it calls."""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import tree_sitter_pwsh
from tree_sitter import Language, Node, Parser

from mspctl.shipped import shipped_folder

BUILDS = ("server-2016", "server-2019")
"""The profiled builds with PowerShell 5.1, the version that the scripts are for."""
OPTIONAL = frozenset({"get-wbsummary", "get-wbjob", "get-wingetpackage", "update-wingetpackage"})
"""Commands of optional features and modules, which the profiled machines had not installed."""
AUTOMATIC = frozenset(
    {"args", "input", "host", "pid", "error", "matches", "home", "event", "sender", "this", "profile", "pwd"}
)
_HABITS = (
    (re.compile(r"(?<![=!<>+\-*/])==(?!=)"), "== compares nothing here: -eq"),
    (re.compile(r"&&|\|\|"), "&& and || are of PowerShell 7"),
    (re.compile(r"\?\?|\?\.\w|\?\["), "??, ?. and ?[ are of PowerShell 7"),
    (
        re.compile(r"\$(?!(?:env|script|global|local|private|using):\w)[A-Za-z_]\w*:(?!:)", re.IGNORECASE),
        'a colon behind a name makes it a drive: "${name}:"',
    ),
    (re.compile(r"[|({;&]\s*[%?]\s*[{(]|\|\s*[%?]\s+\w"), "% and ? are aliases: write the command"),
    (
        re.compile(
            r"\$(Is(Windows|Linux|MacOS|CoreCLR)|PSStyle|EnabledExperimentalFeatures)\b", re.IGNORECASE
        ),
        "this variable is of PowerShell 7",
    ),
    (
        re.compile(r"(?<![\w.$])(0b[01]+|\d+(u[lsy]?|n|s|y)[kmgtp]?b?)\b", re.IGNORECASE),
        "this kind of number is of PowerShell 7",
    ),
    (re.compile(r"^\s*exit\b", re.MULTILINE), "exit ends the whole work"),
    (re.compile(r"[^\x00-\x7f]"), "not ASCII: the code page of a console would spoil it"),
)
_AT_HOME = re.compile(r"(launch|bootstrap|worker)\.ps1$|^bundle|text$")
_PLACE = re.compile(r"(?<!')@[a-z]+@(?!')")
"""A place in a text where the script puts a quoted value."""


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_pwsh.language()))


@cache
def _profiles() -> dict[str, Any]:
    packed = Path(__file__).with_name("profiles") / "commands.json.gz"
    found: dict[str, Any] = json.loads(gzip.decompress(packed.read_bytes()))
    return found


def lint(text: str, name: str, beside: str = "") -> Iterator[str]:
    """Each complaint with its line. `beside` is what is loaded with it: its functions are known.

    A here-string is the program of another process, which has none of these functions.
    """
    tree = _parser().parse(text.encode())
    known = _functions(text + beside)
    for node in _walk(tree.root_node):
        at = f"{name}:{node.start_point.row + 1}"
        if node.is_error or node.is_missing:
            yield f"{at}: the grammar does not take {_text(node)[:60]!r}"
        elif node.type == "command":
            yield from (f"{at}: {each}" for each in _command(node, known))
        elif node.type == "assignment_expression":
            yield from (f"{at}: {each}" for each in _assignment(node))
        elif node.type == "try_statement" and not {each.type for each in node.children} & _CAUGHT:
            yield f"{at}: try without catch or finally"
        elif node.type == "parameter_list":
            parts = [part for each in node.children for part in each.children if part.type == "variable"]
            names = [_text(part).lower() for part in parts]
            yield from (
                f"{at}: two parameters {name}" for name in sorted(set(names)) if names.count(name) > 1
            )
        elif node.type == "ternary_expression":
            yield f"{at}: a ternary is of PowerShell 7"
        elif node.type == "verbatim_here_string_characters":
            yield from lint(_PLACE.sub("'x'", _text(node)[3:-3]) + "\n", f"{at} text")
    yield from _habits(text, name)


_CAUGHT = frozenset({"catch_clauses", "finally_clause"})


def _assignment(node: Node) -> Iterator[str]:
    left = _text(node).partition("=")[0].strip().lower()
    if left.removeprefix("$") in AUTOMATIC:
        yield f"{left} belongs to PowerShell"
    if re.match(r"[\d'\"]", left):
        yield f"{left} cannot be assigned to"
    above = node.parent.parent if node.parent else None
    if above is not None and above.type in ("if_statement", "elseif_clause", "while_condition"):
        yield "= in a condition assigns: -eq"


def _habits(text: str, name: str) -> Iterator[str]:
    for pattern, complaint in _HABITS:
        if complaint.startswith("exit") and _AT_HOME.search(name):
            continue
        for found in pattern.finditer(_without_literals(text)):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{name}:{line}: {complaint}"


def _without_literals(text: str) -> str:
    """The text with what stands in apostrophes and comments blanked out, at the same length."""

    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[ -~]", " ", found[0])

    return re.sub(r"@'\n.*?\n'@|'[^'\n]*'|(?m:(?<![\w`])#.*$)", blank, text, flags=re.DOTALL)


def _command(node: Node, known: frozenset[str]) -> Iterator[str]:
    name = next((_text(child) for child in node.children if child.type == "command_name"), "")
    word = name.lower()
    if not re.fullmatch(r"[a-z][\w-]*", word) or word in known:
        return
    for build in BUILDS:
        profile = _profiles()[build]
        if word in OPTIONAL:
            continue
        if word in profile["aliases"]:
            yield f"{name} is an alias: write the command"
            return
        parameters = profile["commands"].get(word)
        if parameters is None:
            yield f"{build} has no command {name}"
            continue
        everything = {*parameters, *(profile["common"] if "+" in parameters else ())}
        for given in _parameters(node):
            if given not in everything:
                yield f"{build}: {name} has no parameter -{given}"


def _parameters(node: Node) -> Iterator[str]:
    for child in _walk(node):
        if child.type == "command_parameter" and _owner(child) == node:
            yield _text(child).lower().removeprefix("-").rstrip(":")


def _owner(node: Node) -> Node | None:
    at = node.parent
    while at is not None and at.type != "command":
        at = at.parent
    return at


def libraries() -> str:
    """The worker and all libraries: what a library may find beside it."""
    folder = shipped_folder("templates") / "bundle" / "windows"
    return "\n".join(path.read_text() for path in (folder / "worker.ps1", *sorted(folder.glob("lib/*.ps1"))))


def _functions(text: str) -> frozenset[str]:
    names = re.findall(r"(?m)^\s*function\s+([\w-]+)", text)
    return frozenset(name.lower() for name in names) | {"check", "apply", "invoke-declaredcheck"}


def _walk(node: Node) -> Iterator[Node]:
    yield node
    if not node.is_error:
        for child in node.children:
            yield from _walk(child)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def main() -> int:
    """Lints every PowerShell file that stands alone; those of modules are linted by the tests, rendered."""
    folder = shipped_folder("templates") / "bundle" / "windows"
    known = libraries()
    paths = sorted(folder.rglob("*.ps1"))
    found = [each for path in paths for each in lint(path.read_text(), path.name, known)]
    sys.stderr.writelines(f"{each}\n" for each in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
