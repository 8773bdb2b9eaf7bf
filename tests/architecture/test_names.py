"""The words of the house: names that say nothing are refused."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import Source, sources

# What each of these hides: who does it, to what, for whom. A better word was found each time so far.
REFUSED = frozenset({"manager", "helper", "helpers", "util", "utils", "context", "handler", "data", "info"})
# A playbook has handlers; the packages that read, compile and show playbooks speak of them.
PLAYBOOK_WORDS = frozenset({"handler", "handlers"})
WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


def words(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in WORD.findall(name))


def given_names(source: Source) -> Iterator[tuple[str, ast.AST]]:
    """Each name that our code gives: modules, classes, functions, parameters, variables, fields."""
    module = source.path.removesuffix(".py").rsplit("/", 1)[-1]
    yield module, source.tree
    for node in ast.walk(source.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name, node
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node


def refused(name: str) -> frozenset[str]:
    if name in PLAYBOOK_WORDS:
        return frozenset()
    return words(name) & REFUSED


def test_names_say_what_they_stand_for() -> None:
    found = [
        f"{source.at(node)}: {name}"
        for source in sources()
        for name, node in given_names(source)
        if refused(name)
    ]
    assert not found, "see the words in docs/contributing.md:\n" + "\n".join(found)


def test_words_are_found_inside_names() -> None:
    assert words("HostInfoManager") == {"host", "info", "manager"}
    assert refused("run_data") == {"data"}
    assert not refused("handlers")
    assert not refused("metadata")
