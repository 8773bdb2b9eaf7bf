"""`when` of a step: a list of `{fact|step|var|host: NAME, is|is_not: VALUE or list of values}`."""

from mspctl.model.outcome import StepStatus
from mspctl.model.playbook import Condition, ConditionKind
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.node import List, Scalar
from mspctl.parse.scalars import BOOLEANS
from mspctl.parse.shape import Shape

FACTS = ("os_id", "os_version", "os_family", "pkg", "init")
"""What the bundle knows of a host before its first step."""

PLATFORMS = ("linux", "windows")
"""The values of `host: platform`."""

_KINDS = tuple(map(str, ConditionKind))
_STATUSES = tuple(map(str, StepStatus))


def read_conditions(step: Shape) -> tuple[Condition, ...]:
    """The conditions of a step, all of which must hold; problems go into the shape."""
    return tuple(filter(None, map(_condition, step.maps("when"))))


def _condition(shape: Shape) -> Condition | None:
    shape.only((*_KINDS, "is", "is_not"))
    kinds = [kind for kind in _KINDS if shape.node.key(kind) is not None]
    tests = [test for test in ("is", "is_not") if shape.node.key(test) is not None]
    if len(kinds) != 1 or len(tests) != 1:
        shape.problem("is", "a condition needs one of fact, step, var, host and one of is, is_not")
        return None
    kind, name = ConditionKind(kinds[0]), shape.required(kinds[0])
    values = _values(shape, tests[0])
    if kind is ConditionKind.FACT:
        _known(shape, kinds[0], (name,), FACTS, "fact")
    if kind is ConditionKind.HOST:
        _known(shape, kinds[0], (name,), ("platform",), "property of a host to ask for")
        _known(shape, tests[0], values, PLATFORMS, "platform")
    if kind is ConditionKind.STEP:
        _known(shape, tests[0], values, _STATUSES, "status of a step")
    return Condition(kind, name, values, negated=tests[0] == "is_not")


def _values(shape: Shape, key: str) -> tuple[str, ...]:
    node = shape.get(key)
    items = list(node) if isinstance(node, List) else [node]
    if not items or not all(isinstance(item, Scalar) for item in items):
        shape.problem(key, "expected a text or a list of texts")
        return ()
    return tuple(_spelled(item) for item in items if isinstance(item, Scalar))


def _spelled(item: Scalar) -> str:
    """`True` and `TRUE` mean the same as `true`."""
    return str(BOOLEANS[item]).lower() if item.plain and item in BOOLEANS else str(item)


def _known(shape: Shape, key: str, words: tuple[str, ...], known: tuple[str, ...], what: str) -> None:
    for word in words:
        if word not in known:
            shape.problem(key, f"`{word}` is not a {what}", did_you_mean(word, known))
