"""Conditions: those on the inventory are decided here, the others become shell text that decides on the host.

A guard is the body of a shell function that returns 0 if the step applies; otherwise it leaves the reason in
`_why`, which the worker reports.
"""

from collections.abc import Iterable, Mapping

from mspctl.model.playbook import Condition, ConditionKind
from mspctl.model.value import Value

ALWAYS = ":"


def unmet_variable(conditions: Iterable[Condition], variables: Mapping[str, Value]) -> str:
    """Why a VARIABLE condition keeps the step away from a host, empty if none does.

    A variable that is not set is none of the values. `backup.target` looks inside a map. A list is met by any
    of its items.
    """
    for condition in conditions:
        if condition.kind is ConditionKind.VARIABLE and not _met(condition, variables):
            found = _spelled(_look_up(condition.name, variables))
            state = f"is {', '.join(found)}" if found else "is not set"
            return f"variable {condition.name} {state}"
    return ""


def unmet_platform(conditions: Iterable[Condition], platform: str) -> str:
    """Why a HOST condition keeps the step away from hosts of this platform, empty if none does."""
    for condition in conditions:
        if condition.kind is ConditionKind.HOST and condition.negated is (platform in condition.values):
            return f"the platform is {platform}"
    return ""


def never(reason: str) -> str:
    """The guard of a step that was decided against while compiling."""
    return f"_why={_quoted(reason)}\nreturn 1"


def guard(conditions: Iterable[Condition], indexes: Mapping[str, int]) -> str:
    """The guard for FACT and STEP conditions; `indexes` gives each step's index by its name."""
    texts = []
    for condition in conditions:
        if condition.kind is ConditionKind.FACT:
            texts.append(_case(f"${condition.name}", f"{condition.name} is ", condition))
        elif condition.kind is ConditionKind.STEP:
            status = f"${{status_{indexes[condition.name]}-}}"
            texts.append(_case(status, f"the step {condition.name} is ", condition))
    return "\n".join(texts) or ALWAYS


def notified(indexes: Iterable[int], rest: str) -> str:
    """The guard of a handler: one of the steps that notify it has changed something."""
    statuses = " ".join(f"${{status_{index}-}}" for index in indexes)
    refuse = '*) _why="no step that notifies it changed"; return 1 ;;'
    first = f'case " {statuses} " in\n*" changed "*) ;;\n{refuse}\nesac'
    return first if rest == ALWAYS else f"{first}\n{rest}"


def _case(subject: str, reason: str, condition: Condition) -> str:
    values = " | ".join(map(_quoted, condition.values))
    refuse = f"_why={_quoted(reason)}{subject}; return 1"
    if condition.negated:
        return f"case {subject} in\n{values}) {refuse} ;;\nesac"
    return f"case {subject} in\n{values}) ;;\n*) {refuse} ;;\nesac"


def _met(condition: Condition, variables: Mapping[str, Value]) -> bool:
    found = _spelled(_look_up(condition.name, variables))
    return condition.negated is not any(text in condition.values for text in found)


def _look_up(name: str, variables: Mapping[str, Value]) -> Value:
    if name in variables:
        return variables[name]
    value: Value = variables
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _spelled(value: Value) -> tuple[str, ...]:
    if value is None or isinstance(value, Mapping):
        return ()
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, tuple):
        return tuple(text for item in value for text in _spelled(item))
    return (str(value),)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
