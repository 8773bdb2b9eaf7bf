"""The parameters that a module or playbook declares."""

import re

from mspctl.model.fit import Misfit, fit
from mspctl.model.playbook import Parameter, ParameterType
from mspctl.model.secret import SecretRef
from mspctl.parse.scalars import to_value
from mspctl.parse.shape import Shape

_KEYS = ("type", "required", "default", "choices", "help")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TYPES = tuple(str(kind) for kind in ParameterType)


def read_parameters(shape: Shape | None) -> tuple[Parameter, ...]:
    """Each `name: {type: …, …}` of the map; problems go into the shape."""
    if shape is None:
        return ()
    return tuple(filter(None, (_parameter(shape, str(key)) for key in shape.node)))


def _parameter(parent: Shape, name: str) -> Parameter | None:
    shape = parent.map(name)
    if shape is None:
        if parent.get(name) is None:
            parent.problem(name, "a parameter needs at least its type", "{type: text}")
        return None
    shape.only(_KEYS)
    if not _NAME.fullmatch(name):
        parent.problem(name, f"`{name}` is not a parameter's name", "small letters, digits and _")
    kind = ParameterType(shape.one_of("type", _TYPES, "text"))
    choices = shape.words("choices")
    if (kind is ParameterType.CHOICE) != bool(choices):
        shape.problem("choices", "a choice needs `choices`, and nothing else takes them")
    parameter = Parameter(
        name, kind, shape.flag("required", default=False), None, choices, shape.text("help")
    )
    return _with_default(parameter, shape)


def _with_default(parameter: Parameter, shape: Shape) -> Parameter:
    value = to_value(shape.get("default"))
    if value is None:
        return parameter
    if parameter.required:
        shape.problem("default", "a required parameter has no default", "remove one of the two")
    if parameter.type is ParameterType.SECRET:
        shape.problem("default", "a secret has no default", "remove it")
        return parameter
    fitted = fit(parameter, value)
    if isinstance(fitted, Misfit):
        shape.problem("default", fitted.problem, fitted.hint)
        return parameter
    default = None if isinstance(fitted, SecretRef) else fitted
    return Parameter(
        parameter.name, parameter.type, parameter.required, default, parameter.choices, parameter.help
    )
