"""Reads the files of an inventory: each one strictly, all their problems together."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.place import Place
from mspctl.parse.files import ClientFile, ProviderFile
from mspctl.parse.node import List, Map, Node, Scalar, Step, dotted
from mspctl.parse.secretname import names_secret
from mspctl.parse.source import read_source
from mspctl.parse.validate import validate
from mspctl.parse.yaml import parse_on

FileT = TypeVar("FileT", bound=BaseModel)

PROVIDER = "mspctl.yml"
CLIENTS = "clients"

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
_REFERENCE = re.compile(r"(?:cred:)?(?:env|file|systemd):\S+|\{\{.*\}\}")


@dataclass(frozen=True, slots=True)
class Read(Generic[FileT]):
    """One file: what it says, the tree with the places, and its bytes for the digest."""

    file: str
    content: bytes
    root: Map
    block: FileT


def read_provider(folder: Path) -> Read[ProviderFile] | tuple[Problem, ...]:
    """`mspctl.yml` of an inventory folder, or what is wrong with it."""
    return _read(folder / PROVIDER, f"{folder.name}/{PROVIDER}", ProviderFile)


def read_client(folder: Path, name: str) -> Read[ClientFile] | tuple[Problem, ...]:
    """`clients/<name>.yml` of an inventory folder, or what is wrong with it."""
    file = f"{folder.name}/{CLIENTS}/{name}.yml"
    read = _read(folder / CLIENTS / f"{name}.yml", file, ClientFile)
    if isinstance(read, Read) and read.block.client != name:
        problem = f"the client is called `{read.block.client}`, but the file `{name}.yml`"
        node = read.root["client"]  # type: ignore[index] # a str finds a Scalar
        place = Place(file, node.line, node.column) if node is not None else Place(file)
        return (Problem(problem, place, "client", f"rename one: the file to {read.block.client}.yml"),)
    return read


def _read(path: Path, file: str, model: type[FileT]) -> Read[FileT] | tuple[Problem, ...]:
    try:
        source = read_source(path, file=file)
    except ConfigurationError as error:
        return error.problems
    root, problems = parse_on(source)
    if root is None:
        return problems
    secrets = _plain_secrets(root, file) if _SUSPICIOUS.search(source.text) else ()
    block = validate(model, root, file)
    found = (*problems, *(block if isinstance(block, tuple) else ()))
    told = {problem.place for problem in found}
    found += tuple(problem for problem in secrets if problem.place not in told)
    return found if found or isinstance(block, tuple) else Read(file, source.content, root, block)


_SUSPICIOUS = re.compile(r"(?i)pass|kennwort|secret|token|key|credential|pwd|pw|psk")
_HINT = "put it elsewhere and write env:NAME, file:PATH or systemd:NAME"


def _plain_secrets(root: Map, file: str) -> tuple[Problem, ...]:
    """Private keys anywhere, and variables whose name says that they hold a secret."""
    problems: list[Problem] = []
    todo: list[tuple[Node, tuple[Step, ...]]] = [(root, ())]
    while todo:
        node, path = todo.pop()
        if isinstance(node, Map):
            todo.extend((child, (*path, str(key))) for key, child in node.items())
        elif isinstance(node, List):
            todo.extend((child, (*path, index)) for index, child in enumerate(node))
        elif isinstance(node, Scalar) and _is_plain_secret(node, path):
            place = Place(file, node.line, node.column)
            problems.append(
                Problem("a secret is never written here, only a reference to it", place, dotted(path), _HINT)
            )
    return tuple(sorted(problems, key=lambda problem: problem.place or Place(file)))


def _is_plain_secret(node: Scalar, path: tuple[Step, ...]) -> bool:
    if _PRIVATE_KEY.search(node):
        return True
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    is_free = any(step in {"vars", "contacts", "contract"} for step in path[:-1])
    return is_free and bool(node) and names_secret(name) and not _REFERENCE.fullmatch(node)
