"""Checks a playbook against the modules it uses, all problems at once, without any host."""

from collections.abc import Iterable

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.fit import Misfit, fit
from mspctl.model.playbook import Module, Playbook, Step
from mspctl.model.suggestion import did_you_mean
from mspctl.model.value import Value
from mspctl.ports import Library, Renderer


def validate_playbook(playbook: Playbook, library: Library, renderer: Renderer) -> tuple[Problem, ...]:
    """Unknown modules, wrong modules, unknown or missing parameters, values that do not fit."""
    return tuple(
        problem
        for step in (*playbook.steps, *playbook.handlers)
        for problem in _step(step, library, renderer)
    )


def check_playbook(playbook: Playbook, library: Library, renderer: Renderer) -> None:
    """As `validate_playbook`. Raises ConfigurationError with all problems, each once."""
    problems = tuple(dict.fromkeys(validate_playbook(playbook, library, renderer)))
    if problems:
        raise ConfigurationError.of(problems)


def _step(step: Step, library: Library, renderer: Renderer) -> Iterable[Problem]:
    try:
        module = library.module(step.module)
    except ConfigurationError as error:
        return [
            Problem(p.problem, p.place or step.place, p.path or step.name, p.hint) for p in error.problems
        ]
    return [*_unknown(step, module), *_values(step, module, renderer)]


def _unknown(step: Step, module: Module) -> Iterable[Problem]:
    known = [parameter.name for parameter in module.parameters]
    for name in step.params:
        if name not in known:
            problem = f"the module {module.name} has no parameter `{name}`"
            yield Problem(problem, step.place_of(name), step.name, did_you_mean(name, known))


def _values(step: Step, module: Module, renderer: Renderer) -> Iterable[Problem]:
    for parameter in module.parameters:
        value = step.params.get(parameter.name)
        if value is None and not parameter.required:
            continue
        if value is None:
            problem = f"the module {module.name} needs the parameter `{parameter.name}`"
            yield Problem(problem, step.place, step.name, parameter.help)
        elif _is_literal(value, renderer):
            fitted = fit(parameter, value)
            if isinstance(fitted, Misfit):
                path = f"{step.name}.{parameter.name}"
                yield Problem(fitted.problem, step.place_of(parameter.name), path, fitted.hint)


def _is_literal(value: Value, renderer: Renderer) -> bool:
    if isinstance(value, tuple):
        return all(_is_literal(item, renderer) for item in value)
    return not isinstance(value, str) or renderer.constant(value)
