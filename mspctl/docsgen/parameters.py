"""A table of the parameters that a module or a playbook takes."""

from mspctl.docsgen.page import code, table
from mspctl.model.playbook import Parameter, ParameterType
from mspctl.model.value import Value


def parameter_table(parameters: tuple[Parameter, ...]) -> str:
    """One row per parameter; a sentence when there are none."""
    if not parameters:
        return "No parameters."
    rows = [
        (code(parameter.name), _type(parameter), _default(parameter), parameter.help)
        for parameter in parameters
    ]
    return table(["Parameter", "Type", "Default", "Meaning"], rows)


def _type(parameter: Parameter) -> str:
    if parameter.type is ParameterType.CHOICE:
        return "one of " + ", ".join(map(code, parameter.choices))
    return str(parameter.type)


def _default(parameter: Parameter) -> str:
    if parameter.required:
        return "required"
    return code(_text(parameter.default)) if parameter.default not in (None, "") else ""


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_text, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)
