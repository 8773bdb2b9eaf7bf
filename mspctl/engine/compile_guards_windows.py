"""Conditions that a Windows host decides: a guard returns why the step does not apply, or nothing."""

from collections.abc import Iterable, Mapping

from mspctl.model.playbook import Condition, ConditionKind
from mspctl.model.powershell import powershell_string


def guard(conditions: Iterable[Condition], indexes: Mapping[str, int]) -> str:
    """The guard for FACT and STEP conditions; `indexes` gives each step's index by its name."""
    lines = []
    for condition in conditions:
        if condition.kind is ConditionKind.FACT:
            lines.append(_case(f"${condition.name}", f"{condition.name} is ", condition))
        elif condition.kind is ConditionKind.STEP:
            status = f"$MspctlStatuses[{indexes[condition.name]}]"
            lines.append(_case(status, f"the step {condition.name} is ", condition))
    return "\n".join(lines)


def notified(indexes: Iterable[int], rest: str) -> str:
    """The guard of a handler: one of the steps that notify it has changed something."""
    statuses = ", ".join(f"$MspctlStatuses[{index}]" for index in indexes)
    first = f"if (@({statuses}) -cnotcontains 'changed') {{\nreturn 'no step that notifies it changed'\n}}"
    return f"{first}\n{rest}".strip()


def never(reason: str) -> str:
    """The guard of a step that was decided against while compiling."""
    return f"return {powershell_string(reason)}"


def _case(subject: str, reason: str, condition: Condition) -> str:
    values = ", ".join(map(powershell_string, condition.values))
    test = "-ccontains" if condition.negated else "-cnotcontains"
    return f"if (@({values}) {test} {subject}) {{\nreturn {powershell_string(reason)} + {subject}\n}}"
