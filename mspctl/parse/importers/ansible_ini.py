"""Reads an Ansible inventory in INI form. Its grammar is that of ansible-core's `ini` inventory plugin."""

import ast
import re
import shlex
import warnings

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.parse.importers.ansible_tree import UNGROUPED, Tree, Variables
from mspctl.parse.importers.draft import Foreign
from mspctl.parse.importers.hostrange import expand_hosts
from mspctl.parse.node import shown
from mspctl.parse.source import Source

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?")
_CHILD = re.compile(r"([^:\]\s]+)\s*(?:#.*)?")
_LITERAL_LIMIT = 10_000


def read_ini(source: Source) -> Tree:
    """The groups and hosts of the file.

    Raises:
        ConfigurationError: a line is none of the grammar's.
    """
    tree = Tree()
    group, kind = UNGROUPED, "hosts"
    for number, written in enumerate(source.text.splitlines(), start=1):
        line = written.strip()
        if not line or line[0] in "#;":
            continue
        place = Place(source.file, number, 1)
        if section := _SECTION.fullmatch(line):
            group, kind = section[1], section[2] or "hosts"
            if kind not in {"hosts", "children", "vars"}:
                raise ConfigurationError(f"`[{shown(group)}:{kind}]` is no section", place=place)
            tree.group(group)
        else:
            _line(tree, group, kind, line, place)
    return tree


def _line(tree: Tree, group: str, kind: str, line: str, place: Place) -> None:
    if kind == "vars":
        name, equals, value = line.partition("=")
        if not equals:
            raise ConfigurationError("expected name=value", place=place)
        tree.group(group).variables[name.strip()] = parse_value(value.strip())
    elif kind == "children":
        child = _CHILD.fullmatch(line)
        if child is None:
            raise ConfigurationError("expected the name of a group", place=place)
        tree.add_child(group, child[1])
    else:
        _hosts(tree, group, line, place)


def _hosts(tree: Tree, group: str, line: str, place: Place) -> None:
    try:
        words = shlex.split(line, comments=True)
        names, port = expand_hosts(words[0])
    except ValueError:
        raise ConfigurationError("the quotes of this line do not match", place=place) from None
    except ConfigurationError as error:
        raise ConfigurationError(error.problems[0].problem, place=place) from None
    variables: Variables = {}
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals:
            raise ConfigurationError("expected name=value after the host's name", place=place)
        variables[name] = parse_value(value)
    for name in names:
        tree.add_host(group, name, port, variables)


def parse_value(text: str) -> Foreign:
    """A value as Ansible takes it: a Python literal if it is one, else the text."""
    if len(text) > _LITERAL_LIMIT:
        return text
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return _plain(ast.literal_eval(text), text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return text


def _plain(value: object, text: str) -> Foreign:
    if isinstance(value, list | tuple | set):
        return [_plain(item, str(item)) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item, str(item)) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, str | bool | int | float) or value is None else text
