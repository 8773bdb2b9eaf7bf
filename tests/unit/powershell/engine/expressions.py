"""Expressions of PowerShell, read from the syntax tree."""

import re
from collections.abc import Callable

from tree_sitter import Node

from tests.unit.powershell.engine.dotnet import cast, static, type_of
from tests.unit.powershell.engine.host import RecordedHost
from tests.unit.powershell.engine.members import Properties, call, member, put_member
from tests.unit.powershell.engine.operators import add, arithmetic, compare, formatted
from tests.unit.powershell.engine.scopes import Scope
from tests.unit.powershell.engine.values import (
    NOTHING,
    Code,
    Hash,
    PsError,
    Thing,
    TypeName,
    Val,
    is_null,
    to_number,
    to_text,
    to_whole,
    truth,
    unrolled,
)

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b"}


def text_of(node: Node) -> str:
    return (node.text or b"").decode()


def type_named(node: Node) -> str:
    """The name between the brackets of a type literal."""
    return text_of(node).strip("[]") + ("[]" if text_of(node).endswith("[]]") else "")


class Expressions:
    """Evaluates expressions in a scope; what holds statements is the heir's business."""

    def __init__(self, host: RecordedHost) -> None:
        self.host = host

    def statements(self, node: Node, scope: Scope) -> list[Val]:
        """What the statements below the node give."""
        raise NotImplementedError

    def value(self, node: Node, scope: Scope) -> Val:
        """The value of an expression."""
        kind = node.type.replace("_argument_expression", "_expression")
        found: Callable[[Node, Scope], Val] | None = getattr(self, f"_{kind}", None)
        if found is None:
            raise PsError(f"the interpreter of the tests does not know {node.type}: {text_of(node)}")
        return found(node, scope)

    def _only(self, node: Node, scope: Scope) -> Val:
        return self.value(node.named_children[0], scope)

    _argument_expression = _unary_expression = _path_command_name = _only

    def _parenthesized_expression(self, node: Node, scope: Scope) -> Val:
        return self.single(node.named_children[0], scope)

    def single(self, node: Node, scope: Scope) -> Val:
        """The value of a pipeline as an expression sees it."""
        raise NotImplementedError

    def _array_expression(self, node: Node, scope: Scope) -> Val:
        return [each for child in node.named_children for each in self.statements(child, scope)]

    def _sub_expression(self, node: Node, scope: Scope) -> Val:
        found = [each for child in node.named_children for each in self.statements(child, scope)]
        return found[0] if len(found) == 1 else found or NOTHING

    def _script_block_expression(self, node: Node, scope: Scope) -> Val:
        del scope
        return Code(next((child for child in node.children if child.type == "script_block"), None))

    def _variable(self, node: Node, scope: Scope) -> Val:
        name = text_of(node)[1:].strip("{}")
        if name.lower().startswith("env:"):
            return static("environment", "getenvironmentvariable", self.host)(name[4:])
        return scope.read(name)

    def _integer_literal(self, node: Node, scope: Scope) -> Val:
        del scope
        return to_number(text_of(node))

    _real_literal = _integer_literal

    def _array_literal_expression(self, node: Node, scope: Scope) -> Val:
        return [self.value(child, scope) for child in node.named_children]

    def _hash_literal_expression(self, node: Node, scope: Scope) -> Val:
        made = Hash()
        for body in node.named_children:
            for entry in body.named_children:
                key, *rest = entry.named_children
                inner = key.named_children[0]
                name = text_of(inner) if inner.type == "simple_name" else self.value(inner, scope)
                made[name] = self.single(rest[0], scope)
        return made

    def _type_literal(self, node: Node, scope: Scope) -> Val:
        del scope
        return TypeName(type_named(node))

    def _cast_expression(self, node: Node, scope: Scope) -> Val:
        kind, inner = node.named_children
        return cast(type_named(kind), self.value(inner, scope), self.host)

    def _expression_with_unary_operator(self, node: Node, scope: Scope) -> Val:
        sign = text_of(node.children[0]).lower()
        if not node.children[0].is_named and node.named_children:
            value = self.value(node.named_children[-1], scope)
            if sign in ("-not", "!"):
                return not truth(value)
            if sign == "-":
                return -to_number(value)
            if sign == "-bnot":
                return ~to_whole(value)
            if sign == ",":
                return [value]
            if sign in ("-join", "-split"):
                return "".join(map(to_text, unrolled(value))) if sign == "-join" else to_text(value).split()
            raise PsError(f"the operator {sign} is not known here")
        return self.value(node.named_children[0], scope)

    def _post_increment_expression(self, node: Node, scope: Scope) -> Val:
        return self._stepped(node, 1, scope)

    def _post_decrement_expression(self, node: Node, scope: Scope) -> Val:
        return self._stepped(node, -1, scope)

    def _stepped(self, node: Node, step: int, scope: Scope) -> Val:
        target = node.named_children[0]
        self.assign(target, to_number(self.value(target, scope)) + step, scope)
        return NOTHING

    def _logical_expression(self, node: Node, scope: Scope) -> Val:
        result = truth(self.value(node.children[0], scope))
        for sign, right in zip(node.children[1::2], node.children[2::2], strict=True):
            if text_of(sign).lower() == "-and":
                result = result and truth(self.value(right, scope))
            else:
                result = result or truth(self.value(right, scope))
        return result

    def _folded(self, node: Node, scope: Scope, step: Callable[[str, Val, Val], Val]) -> Val:
        parts = [child for child in node.children if child.type != "comment"]
        result = self.value(parts[0], scope)
        for sign, right in zip(parts[1::2], parts[2::2], strict=True):
            result = step(text_of(sign), result, self.value(right, scope))
        return result

    def _additive_expression(self, node: Node, scope: Scope) -> Val:
        return self._folded(node, scope, lambda s, a, b: add(a, b) if s == "+" else arithmetic(s, a, b))

    def _multiplicative_expression(self, node: Node, scope: Scope) -> Val:
        return self._folded(node, scope, arithmetic)

    def _comparison_expression(self, node: Node, scope: Scope) -> Val:
        def matched(found: Hash) -> None:
            scope.write("matches", found)

        return self._folded(node, scope, lambda s, a, b: compare(s, a, b, matched))

    _bitwise_expression = _comparison_expression

    def _format_expression(self, node: Node, scope: Scope) -> Val:
        return self._folded(node, scope, lambda _s, a, b: formatted(to_text(a), unrolled(b)))

    def _string_literal(self, node: Node, scope: Scope) -> Val:
        (inner,) = node.named_children
        raw = text_of(inner)
        if inner.type == "verbatim_string_characters":
            return raw[1:-1].replace("''", "'")
        if inner.type == "verbatim_here_string_characters":
            return raw[2:-2].strip("\r\n")
        return self._expanded(inner, scope)

    def _expanded(self, node: Node, scope: Scope) -> str:
        raw, begin = node.text or b"", node.start_byte
        at, parts = 1, []
        for child in node.named_children:
            start = child.start_byte - begin
            parts.append(_unescaped(raw[at:start].decode()))
            parts.append(to_text(self.value(child, scope)))
            at = child.end_byte - begin
        parts.append(_unescaped(raw[at:-1].decode()))
        return "".join(parts)

    # Members and elements.

    def _target(self, node: Node, scope: Scope) -> tuple[Val, str]:
        return self.value(node.named_children[0], scope), self._name(node.named_children[1], scope)

    def _name(self, node: Node, scope: Scope) -> str:
        inner = node.named_children[0] if node.named_children else node
        return (
            text_of(inner)
            if inner.type in ("simple_name", "member_name")
            else to_text(self.value(inner, scope))
        )

    def _member_access(self, node: Node, scope: Scope) -> Val:
        target, name = self._target(node, scope)
        if isinstance(target, TypeName):
            return static(target.name, name, self.host)
        return member(target, name)

    def _invocation_expression(self, node: Node, scope: Scope) -> Val:
        target, name = self._target(node, scope)
        given = [
            self.value(each, scope) for part in node.named_children[2:] for each in self._arguments(part)
        ]
        if isinstance(target, TypeName):
            return static(target.name, name, self.host)(*given)
        if name.lower() == "gettype":
            return Thing(
                {
                    "invokemember()": lambda what, _how, _binder, of, _args: member(of, what),
                    "name": type_of(target).name,
                    "fullname": type_of(target).name,
                }
            )
        return call(target, name, given)

    def _arguments(self, node: Node) -> list[Node]:
        return [each for part in node.named_children for each in part.named_children]

    def _element_access(self, node: Node, scope: Scope) -> Val:
        target, index = (self.value(child, scope) for child in node.named_children[:2])
        return _element(target, index)

    def assign(self, node: Node, value: Val, scope: Scope) -> None:
        """Puts a value where the left side says."""
        while node.type in (
            "left_assignment_expression",
            "unary_expression",
            "expression_with_unary_operator",
        ):
            node = node.named_children[-1]
        if node.type == "cast_expression":
            kind, inner = node.named_children
            self.assign(inner, cast(type_named(kind), value, self.host), scope)
        elif node.type == "variable":
            name = text_of(node)[1:].strip("{}")
            if name.lower() != "null":
                scope.write(re.sub(r"^script:", "", name, flags=re.IGNORECASE), value)
        elif node.type == "member_access":
            target, name = self._target(node, scope)
            if isinstance(target, TypeName):
                return
            put_member(target, name, value)
        elif node.type == "element_access":
            target, index = (self.value(child, scope) for child in node.named_children[:2])
            target[index if isinstance(target, Hash) else to_whole(index)] = value
        else:
            raise PsError(f"nothing can be assigned to {text_of(node)}")


def _element(target: Val, index: Val) -> Val:
    if is_null(target):
        raise PsError("Cannot index into a null array.", "NullArray")
    if isinstance(target, Hash):
        return target[index]
    if isinstance(target, Properties) and isinstance(index, str):
        return target.named(index)
    if isinstance(index, list):
        return [_element(target, each) for each in index]
    at = to_whole(index)
    if not -len(target) <= at < len(target):
        raise PsError("Index was outside the bounds of the array.", "IndexOutOfRange")
    return target[at]


def _unescaped(text: str) -> str:
    doubled = text.replace('""', '"')
    return re.sub(r"`(.)", lambda found: _ESCAPES.get(found[1], found[1]), doubled, flags=re.DOTALL)
