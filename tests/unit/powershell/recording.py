"""The interpreter with what the recorder of `mspctl dev capture` needs: commands as values, and replaced."""

import json
from dataclasses import replace
from itertools import pairwise

from tree_sitter import Node

from tests.unit.powershell.engine.expressions import text_of
from tests.unit.powershell.engine.machine import Machine
from tests.unit.powershell.engine.scopes import Function, Scope
from tests.unit.powershell.engine.values import Bare, Hash, PsError, Thing, Val, thing, to_text


class _Word(str):
    """A parameter's name in `$args`: splatted, it is one again."""

    __slots__ = ()


class RecordingMachine(Machine):
    """Runs a program in which functions stand in for commands."""

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
                asking = to_text(words["name"]).startswith(("Get-", "Test-"))
                return [thing({"Name": words["name"]})] if asking else []
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
    if isinstance(value, str | int | float | None):
        return value
    raise PsError(f"{value!r} is not copied")
