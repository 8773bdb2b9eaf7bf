"""The interpreter with what the recorder of `mspctl dev capture` needs: commands and objects replaced."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from tree_sitter import Node

from tests.unit.powershell.engine.cmdlets import CMDLETS
from tests.unit.powershell.engine.expressions import text_of
from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.engine.machine import Machine, tree
from tests.unit.powershell.engine.scopes import Function, Scope
from tests.unit.powershell.engine.values import (
    NOTHING,
    Bare,
    Code,
    Hash,
    PsError,
    Thing,
    Val,
    collected,
    thing,
    to_text,
)


class _Word(str):
    """A parameter's name in `$args`: splatted, it is one again."""

    __slots__ = ()


class _Made(Thing):
    """An object whose members were added: values, and blocks that are run with it as `$this`."""

    def __init__(self, run: Callable[[Code, Thing, list[Val]], Val]) -> None:
        super().__init__({}, "System.Management.Automation.PSCustomObject")
        self._run = run
        self._blocks: dict[str, tuple[Code, Code]] = {}

    def add(self, kind: str, name: str, first: Val, second: Val) -> None:
        if kind == "scriptmethod":
            self.put(f"{name}()", lambda *given: self._run(first, self, list(given)))
        elif kind == "scriptproperty":
            self._blocks[name.lower()] = (first, second)
        else:
            super().put(name, first)

    def has(self, name: str) -> bool:
        return name.lower() in self._blocks or super().has(name)

    def get(self, name: str) -> Val:
        block = self._blocks.get(name.lower())
        return self._run(block[0], self, []) if block else super().get(name)

    def put(self, name: str, value: Val) -> None:
        block = self._blocks.get(name.lower())
        if block:
            self._run(block[1], self, [value])
        else:
            super().put(name, value)


class RecordingMachine(Machine):
    """Runs a program in which functions stand in for commands, and objects for objects."""

    def __init__(self, host: RecordedHost) -> None:
        super().__init__(host)
        host.statics = {
            **host.statics,
            "scriptblock::create": lambda text: Code(tree(text)),
            "object::referenceequals": lambda one, other: one is other,
        }

    def _run(self, code: Code, this: Thing, given: list[Val]) -> Val:
        scope = Scope(self.top)
        scope.write("this", this)
        scope.write("args", given)
        return collected(self._body(code.node, scope))

    def value(self, node: Node, scope: Scope) -> Val:
        if node.type == "variable" and text_of(node).lower().startswith("${function:"):
            return scope.function(text_of(node)[11:-1])
        return super().value(node, scope)

    def _command(self, node: Node, values: list[Val], scope: Scope) -> list[Val]:
        target = next((child for child in node.named_children if child.type == "command_name_expr"), None)
        if target is not None and target.named_children[0].type == "path_command_name":
            command = self.value(target.named_children[0].named_children[0], scope)
            if isinstance(command, Thing):
                return self._cmdlet(to_text(command.get("Name")), self._words(node, scope), values, scope)
        return super()._command(node, values, scope)

    def _cmdlet(self, name: str, given: list[Val], values: list[Val], scope: Scope) -> list[Val]:
        words = {w.name.lower(): v for w, v in pairwise(given) if isinstance(w, Bare)}
        match name.lower():
            case "set-item":
                function = words["value"]
                assert isinstance(function, Function)
                made = to_text(words["path"]).rpartition(":")[2]
                self.top.functions[made.lower()] = replace(function, name=made)
                return []
            case "get-command" if "commandtype" not in words and not self._asks(scope):
                asked = to_text(words["name"])
                ours = asked.lower() in CMDLETS and not asked.startswith(("Get-", "Test-", "New-Object"))
                return [] if ours or scope.function(asked) else [thing({"Name": asked, "ModuleName": "A"})]
            case "add-member":
                made = words["inputobject"]
                assert isinstance(made, _Made)
                kind, name = to_text(words["membertype"]).lower(), to_text(words["name"])
                made.add(kind, name, words["value"], words.get("secondvalue"))
                return []
            case "new-object" if to_text(words.get("typename")).lower() == "psobject":
                return [_Made(self._run)]
            case "convertto-json":
                return [json.dumps(_plain(words["inputobject"]))]
        return super()._cmdlet(name, given, values, scope)

    def _call(self, function: Function, given: list[Val], values: list[Val], scope: Scope) -> list[Val]:
        if function.parameters is None:
            given = [_Word(f"-{word.name}") if isinstance(word, Bare) else word for word in given]
        scope = Scope(scope)
        me = thing({"Name": function.name})
        scope.write("MyInvocation", thing({"MyCommand": me, "ExpectingInput": bool(values)}))
        return super()._call(function, given, values, scope)

    def _asks(self, scope: Scope) -> bool:
        """True if the module asks, not the recorder when it starts."""
        return scope.function("Check") is not None

    def _splatted(self, value: Val) -> list[Val]:
        return [Bare(word[1:]) if isinstance(word, _Word) else word for word in super()._splatted(value)]


def _plain(value: Val) -> object:
    if isinstance(value, Hash):
        return {to_text(key): _plain(value[key]) for key in value}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | float | None) or value is NOTHING:
        return None if value is NOTHING else value
    raise PsError(f"{value!r} is not copied")
