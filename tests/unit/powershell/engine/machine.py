"""Runs PowerShell text on a recorded host: the part of the language that our scripts are written in.

It is no PowerShell. It refuses what it does not know, and what strict mode refuses: names never set,
properties that an object has not.
"""

from collections.abc import Callable
from functools import cache

import tree_sitter_pwsh
from tree_sitter import Language, Node, Parser

from tests.unit.powershell.engine.cmdlets import CMDLETS, SWITCHES
from tests.unit.powershell.engine.dotnet import cast
from tests.unit.powershell.engine.expressions import Expressions, text_of, type_named
from tests.unit.powershell.engine.host import RecordedHost, error_record
from tests.unit.powershell.engine.operators import add, arithmetic, equal, like
from tests.unit.powershell.engine.scopes import AUTOMATIC, Function, Scope, bind, declared, named
from tests.unit.powershell.engine.values import (
    NOTHING,
    Bare,
    Code,
    Hash,
    PsError,
    Val,
    collected,
    is_null,
    to_text,
    truth,
    unrolled,
)

_PLACES: dict[str, tuple[str, ...]] = {"write-output": ("InputObject",), "where-object": ("FilterScript",)}


class _ReturnedError(Exception):
    """`return`: what it gave is in the output already."""


class _BreakError(Exception):
    """`break`."""


class _ContinueError(Exception):
    """`continue`."""


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_pwsh.language()))


def tree(text: str) -> Node:
    """The syntax tree of a text."""
    return _parser().parse(text.encode()).root_node


class Machine(Expressions):
    """One run of texts on a host."""

    def __init__(self, host: RecordedHost) -> None:
        super().__init__(host)
        self.top = Scope(variables=dict(AUTOMATIC))
        self._out: list[list[Val]] = []

    def run(self, node: Node) -> list[Val]:
        """Runs the statements below the node at the top. Raises PsError."""
        try:
            return self.statements(node, self.top)
        except _ReturnedError:
            return []

    def statements(self, node: Node, scope: Scope) -> list[Val]:
        self._out.append([])
        try:
            self._statement(node, scope)
        finally:
            found = self._out.pop()
        return found

    def _statement(self, node: Node, scope: Scope) -> None:
        found: Callable[[Node, Scope], None] | None = getattr(self, f"_do_{node.type}", None)
        if found is None:
            raise PsError(f"the interpreter of the tests does not know {node.type}: {text_of(node)[:60]}")
        found(node, scope)

    def _block(self, node: Node, scope: Scope) -> None:
        for child in node.named_children:
            self._statement(child, scope)

    _do_program = _do_statement_list = _do_statement_block = _do_script_block_body = _block
    _do_named_block_list = _block

    def _do_script_block(self, node: Node, scope: Scope) -> None:
        for child in node.named_children:
            if child.type != "param_block":
                self._statement(child, scope)

    def _skip(self, _node: Node, _scope: Scope) -> None:
        """Nothing to do."""

    _do_comment = _do_empty_statement = _do_param_block = _skip

    def _do_function_statement(self, node: Node, scope: Scope) -> None:
        name = text_of(node.named_children[0])
        body = next((child for child in node.children if child.type == "script_block"), None)
        inside = body.named_children if body else ()
        block = next((child for child in inside if child.type == "param_block"), None)
        scope.functions[name.lower()] = Function(name, declared(block), body)

    # Pipelines.

    def _do_pipeline(self, node: Node, scope: Scope) -> None:
        self._out[-1] += self._piped(node, scope)

    _do_pipeline_chain = _do_pipeline

    def single(self, node: Node, scope: Scope) -> Val:
        inner = node
        while (
            inner.type in ("pipeline", "pipeline_chain", "assignment_value")
            and len(inner.named_children) == 1
        ):
            inner = inner.named_children[0]
        if inner.type in ("pipeline", "pipeline_chain", "assignment_value", "command"):
            return collected(self._piped(inner, scope))
        if inner.type.endswith("_statement"):
            return collected(self.statements(inner, scope))
        return self.value(inner, scope)

    def _piped(self, node: Node, scope: Scope) -> list[Val]:
        if node.type == "command":
            return self._command(node, [], scope)
        parts = [child for child in node.named_children if child.type not in ("redirection", "comment")]
        if node.type == "pipeline" and len(parts) == 1:
            return self._element(parts[0], [], scope)
        values: list[Val] = []
        for part in parts:
            values = self._element(part, values, scope)
        return values

    def _element(self, node: Node, values: list[Val], scope: Scope) -> list[Val]:
        if node.type == "assignment_expression":
            self._assignment(node, scope)
            return []
        if node.type in ("pipeline_chain", "pipeline"):
            return self._piped(node, scope)
        if node.type == "command":
            return self._command(node, values, scope)
        value = self.value(node, scope)
        return unrolled(value)

    def _assignment(self, node: Node, scope: Scope) -> None:
        left, sign, right = node.named_children
        value = self.single(right, scope)
        word = text_of(sign)
        if word != "=":
            old = self.value(left, scope)
            value = add(old, value) if word == "+=" else arithmetic(word[0], old, value)
        self.assign(left, value, scope)

    def _left_assignment_expression(self, node: Node, scope: Scope) -> Val:
        return self.value(node.named_children[0], scope)

    # Commands.

    def _command(self, node: Node, values: list[Val], scope: Scope) -> list[Val]:
        sign = next((text_of(c) for c in node.children if c.type == "command_invocation_operator"), "")
        given = self._words(node, scope)
        if sign:
            (target,) = [c for c in node.named_children if c.type in ("command_name_expr", "command_name")]
            code = self.value(target.named_children[0], scope)
            return self.block(code, given, scope if sign == "." else Scope(scope))
        name = text_of(next(c for c in node.children if c.type in ("command_name", "path_command_name")))
        function = scope.function(name)
        if function is not None:
            return self._call(function, given, values, scope)
        return self._cmdlet(name, given, values, scope)

    def _cmdlet(self, name: str, given: list[Val], values: list[Val], scope: Scope) -> list[Val]:
        self._caller = scope
        pairs = named(given, SWITCHES, _PLACES.get(name.lower(), ()))
        known = CMDLETS.get(name.lower())
        if known is not None and not self.host.tells(name, pairs):
            return known(_Caller(self, scope), values, {key.lower(): value for key, value in pairs})
        quiet = any(k.lower() == "erroraction" and to_text(v).lower() == "silentlycontinue" for k, v in pairs)
        return self.host.command(name, pairs, quiet=quiet)

    def _words(self, node: Node, scope: Scope) -> list[Val]:
        elements = next((c for c in node.children if c.type == "command_elements"), None)
        found: list[Val] = []
        for child in elements.children if elements else ():
            if child.type == "command_parameter":
                found.append(Bare(text_of(child)[1:].rstrip(":"), text_of(child).endswith(":")))
            elif child.type == "command_argument_sep" and text_of(child) == ":":
                found[-1] = Bare(found[-1].name, glued=True)
            elif child.type == "generic_token":
                found.append(text_of(child))
            elif child.type == "bareword_argument_list":
                found.append([text_of(c) for c in child.named_children])
            elif (
                child.type == "unary_expression"
                and text_of(child).startswith("@")
                and text_of(child)[1:2].isalpha()
            ):
                found += self._splatted(scope.read(text_of(child)[1:]))
            elif text_of(child).lower().startswith(("-split ", "-join ")):
                # The grammar takes a parameter of this name for the operator.
                word = child.named_children[0]
                found += [Bare(text_of(word.children[0])[1:]), self.value(word.named_children[0], scope)]
            elif child.is_named and child.type not in ("command_argument_sep", "redirection"):
                found.append(self.value(child, scope))
        return found

    def _splatted(self, value: Val) -> list[Val]:
        if isinstance(value, Hash):
            return [word for key in value for word in (Bare(to_text(key)), value[key])]
        return unrolled(value)

    def _call(self, function: Function, given: list[Val], values: list[Val], scope: Scope) -> list[Val]:
        inner = Scope(scope)
        variables, rest = bind(
            function,
            given,
            lambda kind, value: cast(kind, value, self.host),
            lambda text: self.single(tree(text).named_children[0].named_children[0], inner),
        )
        for name, value in variables.items():
            inner.write(name, value)
        inner.write("args", rest)
        inner.write("input", values)
        return self._body(function.body, inner) if function.body else []

    def _body(self, node: Node, scope: Scope) -> list[Val]:
        self._out.append([])
        try:
            self._statement(node, scope)
        except _ReturnedError:
            pass
        finally:
            found = self._out.pop()
        return found

    def block(self, code: Code, given: list[Val], scope: Scope) -> list[Val]:
        """What a script block gives, run in this scope."""
        if given:
            scope.write("args", given)
        return self._body(code.node, scope) if code.node else []

    # Statements that steer.

    def _do_if_statement(self, node: Node, scope: Scope) -> None:
        for part in node.named_children:
            if part.type == "pipeline":
                if truth(self.single(part, scope)):
                    self._statement(
                        next(c for c in node.named_children if c.type == "statement_block"), scope
                    )
                    return
            elif part.type == "elseif_clauses":
                for clause in part.named_children:
                    condition, block = clause.named_children
                    if truth(self.single(condition, scope)):
                        self._statement(block, scope)
                        return
            elif part.type == "else_clause":
                self._statement(part.named_children[0], scope)

    def _loop(self, block: Node, scope: Scope) -> bool:
        """One turn; False if it broke off."""
        try:
            self._statement(block, scope)
        except _BreakError:
            return False
        except _ContinueError:
            return True
        return True

    def _do_foreach_statement(self, node: Node, scope: Scope) -> None:
        variable, source, block = node.named_children
        items = self.single(source, scope)
        for item in () if is_null(items) else unrolled(items):
            self.assign(variable, item, scope)
            if not self._loop(block, scope):
                return

    def _do_while_statement(self, node: Node, scope: Scope) -> None:
        condition, block = node.named_children
        while truth(self.single(condition.named_children[0], scope)):
            if not self._loop(block, scope):
                return

    def _do_for_statement(self, node: Node, scope: Scope) -> None:
        parts = {child.type: child for child in node.named_children}
        self.statements(parts["for_initializer"].named_children[0], scope)
        while truth(self.single(parts["for_condition"].named_children[0], scope)):
            if not self._loop(parts["statement_block"], scope):
                return
            self.statements(parts["for_iterator"].named_children[0], scope)

    def _do_switch_statement(self, node: Node, scope: Scope) -> None:
        flags = " ".join(text_of(c) for c in node.named_children if c.type == "switch_parameters").lower()
        subject = self.single(
            next(c for c in node.named_children if c.type == "switch_condition").named_children[0], scope
        )
        body = next(c for c in node.named_children if c.type == "switch_body")
        clauses = [clause for group in body.named_children for clause in group.named_children]
        done = False
        for clause in clauses:
            condition, block = clause.named_children
            word = text_of(condition)
            if word.lower() == "default":
                fits = not done
            else:
                wanted = self.value(condition.named_children[0], scope) if condition.named_children else word
                fits = (like if "wildcard" in flags else equal)(subject, wanted, exact=False)
            if fits:
                done = True
                if not self._loop(block, scope):
                    return

    def _do_flow_control_statement(self, node: Node, scope: Scope) -> None:
        word = text_of(node.children[0]).lower()
        if word == "continue":
            raise _ContinueError
        if word == "break":
            raise _BreakError
        if word == "throw":
            if not node.named_children:
                raise scope.read("_caught")
            message = to_text(self.single(node.named_children[0], scope))
            raise PsError(message, message, "System.Management.Automation.RuntimeException")
        if word == "return":
            for child in node.named_children:
                self._out[-1] += self._piped(child, scope)
            raise _ReturnedError
        raise PsError(f"{word} ends the whole work")

    def _do_try_statement(self, node: Node, scope: Scope) -> None:
        parts = {child.type: child for child in node.named_children}
        try:
            self._statement(parts["statement_block"], scope)
        except PsError as error:
            clause = self._catching(parts.get("catch_clauses"), error)
            if clause is None:
                raise
            scope.write("_", error_record(error))
            scope.write("_caught", error)
            self._statement(clause.named_children[-1], scope)
        finally:
            if "finally_clause" in parts:
                self._statement(parts["finally_clause"].named_children[0], scope)

    def _catching(self, clauses: Node | None, error: PsError) -> Node | None:
        for clause in clauses.named_children if clauses else ():
            kinds = [
                k for c in clause.named_children if c.type == "catch_type_list" for k in c.named_children
            ]
            if not kinds or any(type_named(kind).lower() == error.kind.lower() for kind in kinds):
                return clause
        return None


class _Caller:
    """The machine and a scope, for cmdlets that run script blocks."""

    def __init__(self, machine: Machine, scope: Scope) -> None:
        self._machine, self._scope = machine, scope
        self.host = machine.host

    def each(self, code: Code, value: Val) -> list[Val]:
        before = self._scope.variables.get("_", NOTHING)
        self._scope.write("_", value)
        try:
            return self._machine.block(code, [], self._scope)
        finally:
            self._scope.write("_", before)
