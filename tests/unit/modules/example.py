"""Reads the examples of modules: what a host's commands answered, and what the module must make of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.value import Value
from mspctl.parse.scalars import to_value
from mspctl.parse.shape import Shape
from mspctl.parse.source import read_source
from mspctl.parse.yaml import parse_yaml

ROOT = "@root@"
"""Stands for an empty folder that plays the host's file system."""

KEYS = ("title", "params", "check_mode", "facts", "files", "secrets", "commands", "expect", "recorded")
WINDOWS = ("commands", "programs", "com", "adsi", "net", "environment", "registry", "kept", "now")
"""What an example for Windows says of its host; the name of its file begins with `windows-`."""
EXPECTED = (
    "status", "reason", "forecast", "changes", "facts", "metrics", "findings", "held", "notes", "output",
    "files", "calls", "error",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call of a command answers; `stdin` is what it must be given, None if nobody looks."""

    stdout: str = ""
    stderr: str = ""
    status: int = 0
    stdin: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One case of one module; `commands` gives the answers by command line, one per call."""

    module: str
    name: str
    params: Mapping[str, Value]
    check_mode: bool
    facts: Mapping[str, Value]
    files: Mapping[str, Value]
    secrets: Mapping[str, Value]
    commands: Mapping[str, tuple[Answer, ...]]
    expect: Mapping[str, Value]
    windows: Mapping[str, Value] = field(default_factory=dict)
    """What is said of a Windows host; empty for others."""
    recorded: str = ""
    """Where the answers come from."""


def examples(modules: Path, *, windows: bool = False) -> tuple[Path, ...]:
    """The files of all examples of all modules in a folder, for one platform."""
    return tuple(path for path in sorted(modules.glob("*/examples/*.yml")) if for_windows(path) is windows)


def for_windows(path: Path) -> bool:
    """True for an example of the half for Windows."""
    return path.name.startswith("windows-")


def read_example(path: Path) -> Example:
    """An example from its file. Raises ConfigurationError with all problems."""
    problems: list[Problem] = []
    shape = Shape(parse_yaml(read_source(path)), str(path), problems)
    windows = for_windows(path)
    shape.only((*KEYS, *(WINDOWS if windows else ())))
    expect = shape.map("expect")
    if expect is None:
        shape.problem("expect", "an example expects something")
    else:
        expect.only(EXPECTED)
    found = Example(
        module=path.parent.parent.name,
        name=path.stem,
        params=_values(shape, "params"),
        check_mode=shape.flag("check_mode", default=False),
        facts=_values(shape, "facts"),
        files=_values(shape, "files"),
        secrets=_values(shape, "secrets"),
        commands={} if windows else _commands(shape),
        expect=_values(shape, "expect"),
        windows={name: to_value(shape.get(name)) for name in WINDOWS if windows},
        recorded=shape.text("recorded") or "",
    )
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return found


def _values(shape: Shape, key: str) -> Mapping[str, Value]:
    inner = shape.map(key)
    return {} if inner is None else {str(name): to_value(node) for name, node in inner.node.items()}


def _commands(shape: Shape) -> Mapping[str, tuple[Answer, ...]]:
    inner = shape.map("commands")
    if inner is None:
        return {}
    found = {}
    for line in inner.node:
        value = to_value(inner.get(str(line)))
        found[str(line)] = tuple(map(_answer, value if isinstance(value, tuple) else (value,)))
    return found


def _answer(value: Value) -> Answer:
    if value is None or isinstance(value, str):
        return Answer(stdout=value or "")
    if not isinstance(value, Mapping):
        message = f"an answer is text or a map, not {value!r}"
        raise TypeError(message)
    unknown = set(value) - {"stdout", "stderr", "status", "stdin"}
    assert not unknown, f"an answer has no {', '.join(unknown)}"
    status, stdin = value.get("status", 0), value.get("stdin")
    assert isinstance(status, int)
    return Answer(
        str(value.get("stdout") or ""),
        str(value.get("stderr") or ""),
        status,
        None if stdin is None else str(stdin),
    )
