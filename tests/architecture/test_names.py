"""The words of the house: names that say nothing are refused."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import Source, sources

# What each of these hides: who does it, to what, for whom. A better word was found each time so far.
REFUSED = frozenset({"manager", "helper", "helpers", "util", "utils", "context", "handler", "data", "info"})
# A playbook has handlers; the modules that read, compile and describe playbooks speak of them.
PLAYBOOK_WORDS = frozenset({"handler", "handlers"})
PLAYBOOK_MODULES = (
    "mspctl/model/playbook",
    "mspctl/parse/playbook",
    "mspctl/engine/compile",
    "mspctl/docsgen/playbook",
)
# Attributes that paramiko's classes give these names to.
GIVEN_BY_OTHERS = frozenset({"auth_handler", "interactive_handler"})
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
            case ast.Attribute(attr=name, value=ast.Name(id="self"), ctx=ast.Store()):
                yield name, node


def refused(name: str, path: str = "") -> frozenset[str]:
    if name in PLAYBOOK_WORDS | GIVEN_BY_OTHERS:
        return frozenset()
    allowed = PLAYBOOK_WORDS if path.startswith(PLAYBOOK_MODULES) else frozenset()
    return (words(name) & REFUSED) - allowed


def test_names_say_what_they_stand_for() -> None:
    found = [
        f"{source.at(node)}: {name}"
        for source in sources()
        for name, node in given_names(source)
        if refused(name, source.path)
    ]
    assert not found, "see the words in docs/contributing.md:\n" + "\n".join(found)


def test_words_are_found_inside_names() -> None:
    assert words("HostInfoManager") == {"host", "info", "manager"}
    assert refused("run_data") == {"data"}
    assert refused("error_handler", "mspctl/cli/main.py")
    assert not refused("handlers", "mspctl/engine/compile_steps.py")
    assert not refused("_handler_recipe", "mspctl/engine/compile_choice.py")
    assert not refused("metadata")
