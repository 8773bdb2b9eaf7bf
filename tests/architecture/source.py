"""The source code of mspctl as the architecture tests read it: parsed files, and the functions in them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the top of the repository, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def length(self) -> int:
        return len(self.text.splitlines())

    def at(self, node: ast.AST) -> str:
        """`path:line`, as an editor opens it."""
        return f"{self.path}:{getattr(node, 'lineno', 1)}"


@cache
def sources(folder: str = "mspctl") -> tuple[Source, ...]:
    """Each Python file below a folder of the repository, sorted by path."""
    return tuple(_parsed(path) for path in sorted((ROOT / folder).rglob("*.py")))


def functions(source: Source) -> Iterator[Function]:
    """Each function and method, also the nested ones."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def code_lines(function: Function) -> int:
    """Lines from `def` to the end, without the docstring: explaining is not held against anybody."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return length
    docstring = function.body[0]
    return length - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """Each node that Python evaluates on import: all but the bodies of functions and lambdas."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)]
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _parsed(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(str(path.relative_to(ROOT)), text, ast.parse(text, filename=str(path)))
