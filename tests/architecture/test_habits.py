"""Habits that were the ruin of other programs, refused by reading the syntax trees."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Source, at_import, sources

# Each place where any exception at all may be caught, and why.
CATCH_ALL = {
    "mspctl/cli/main.py": "the one place that turns a bug into a message and an exit code",
    "mspctl/engine/execute.py": "a bug at work on one host is that host's outcome `broken`; the others go on",
    "mspctl/transports/winrm/courier.py": "hands what was raised on its thread to whoever asked",
}
CATCH_ALL_LIMIT = 5

MUTABLE_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MUTABLE_CALLS = frozenset(
    {"dict", "list", "set", "bytearray", "defaultdict", "deque", "OrderedDict", "Counter"}
)
MOCKS = frozenset({"unittest", "mock", "pytest_mock"})
# An annotation with one of these makes mypy refuse each write.
READ_ONLY = frozenset({"Mapping", "Sequence", "Collection", "Iterable", "Set", "AbstractSet"})


def test_modules_say_what_they_are_about() -> None:
    silent = [
        source.path for source in sources() if source.text.strip() and not ast.get_docstring(source.tree)
    ]
    assert not silent, "a docstring is the first thing that a reader needs:\n" + "\n".join(silent)


def test_no_state_hides_in_modules() -> None:
    found = [source.at(node) for source in sources() for node in module_assignments(source) if mutable(node)]
    assert not found, "make it a tuple, a frozenset, or annotate it as Mapping or Sequence:\n" + "\n".join(
        found
    )


def test_no_function_writes_globals() -> None:
    found = [
        source.at(node)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Global)
    ]
    assert not found, "give the object to those who use it:\n" + "\n".join(found)


def test_any_exception_is_caught_in_named_places_only() -> None:
    found = [
        source.at(node)
        for source in sources()
        if source.path not in CATCH_ALL
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler) and catches_all(node)
    ]
    assert not found, "catch what can happen, let bugs through:\n" + "\n".join(found)
    assert len(CATCH_ALL) <= CATCH_ALL_LIMIT


def test_the_environment_is_not_read_at_import() -> None:
    found = [
        source.at(node) for source in sources() for node in at_import(source.tree) if reads_environment(node)
    ]
    assert not found, "read it in cli or wiring and hand it on:\n" + "\n".join(found)


def test_nothing_is_patched() -> None:
    found = [
        source.at(node)
        for folder in ("mspctl", "tests")
        for source in sources(folder)
        for node in ast.walk(source.tree)
        if imports_mock(node)
    ]
    assert not found, "use a fake from mspctl.testing:\n" + "\n".join(found)


def module_assignments(source: Source) -> Iterator[ast.Assign | ast.AnnAssign]:
    for node in source.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield node


def mutable(node: ast.Assign | ast.AnnAssign) -> bool:
    if isinstance(node, ast.AnnAssign) and names_in(node.annotation) & READ_ONLY:
        return False
    if isinstance(node, ast.Assign) and not any(names_a_global(target) for target in node.targets):
        return False
    if isinstance(node.value, ast.Call):
        return bool(names_in(node.value.func) & MUTABLE_CALLS)
    return isinstance(node.value, MUTABLE_DISPLAYS)


def names_a_global(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id not in {"__all__", "pytest_plugins"}


def names_in(tree: ast.AST) -> frozenset[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)})


def catches_all(clause: ast.ExceptHandler) -> bool:
    """One that tidies up and raises again (a rollback) swallows nothing."""
    last = clause.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    return clause.type is None or bool(names_in(clause.type) & {"Exception", "BaseException"})


def reads_environment(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}


def imports_mock(node: ast.AST) -> bool:
    match node:
        case ast.ImportFrom(module=str(module), names=names):
            return module.split(".")[0] in MOCKS or any(alias.name in MOCKS for alias in names)
        case ast.Import(names=names):
            return any(alias.name.split(".")[0] in MOCKS for alias in names)
    return False
