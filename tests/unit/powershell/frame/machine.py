"""The interpreter with what the frame's own scripts need beyond modules: `exit`, stdin, text as code."""

from collections.abc import Callable, Iterator

from tree_sitter import Node

from tests.unit.powershell.engine.dotnet import cast
from tests.unit.powershell.engine.expressions import text_of
from tests.unit.powershell.engine.machine import Machine, tree
from tests.unit.powershell.engine.scopes import Function, Scope, bind, declared
from tests.unit.powershell.engine.values import Code, Val, to_whole, truth


class ExitError(BaseException):
    """`exit`: no `catch` catches it."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Lines:
    """What is left of stdin, line by line; `next_line` waits and gives None at the end."""

    def __init__(self, next_line: Callable[[], str | None]) -> None:
        self._next_line = next_line

    def __iter__(self) -> Iterator[str]:
        while (line := self._next_line()) is not None:
            yield line


class FrameMachine(Machine):
    """Runs a script of the frame."""

    def _do_flow_control_statement(self, node: Node, scope: Scope) -> None:
        if text_of(node.children[0]).lower() == "exit":
            raise ExitError(
                to_whole(self.single(node.named_children[0], scope)) if node.named_children else 0
            )
        super()._do_flow_control_statement(node, scope)

    def _do_foreach_statement(self, node: Node, scope: Scope) -> None:
        variable, source, block = node.named_children
        if text_of(source).lower() not in ("$input", "$control"):
            super()._do_foreach_statement(node, scope)
            return
        for line in self.value(_variable_in(source), scope):
            self.assign(variable, line, scope)
            if not self._loop(block, scope):
                return

    def _do_do_statement(self, node: Node, scope: Scope) -> None:
        block, condition = node.named_children
        while self._loop(block, scope) and truth(self.single(condition.named_children[0], scope)):
            pass

    def block(self, code: Code, given: list[Val], scope: Scope) -> list[Val]:
        inside = code.node.named_children if code.node else ()
        parameters = declared(next((child for child in inside if child.type == "param_block"), None))
        if parameters is None:
            return super().block(code, given, scope)
        function = Function("", parameters, None)
        variables, _ = bind(function, given, lambda kind, value: cast(kind, value, self.host), str)
        for name, value in variables.items():
            scope.write(name, value)
        return super().block(code, [], scope)


def _variable_in(node: Node) -> Node:
    while node.type != "variable":
        (node,) = node.named_children
    return node


def code_of(text: str) -> Code:
    """A script block made of a text. Raises AssertionError if the grammar does not take it."""
    made = tree(text)
    assert not made.has_error, text
    return Code(made)
