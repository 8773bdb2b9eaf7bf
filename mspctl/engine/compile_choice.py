"""Which steps of a playbook take part, by their tags, and under which indexes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mspctl.engine import compile_guards_windows as windows
from mspctl.engine.compile_guards import guard, notified
from mspctl.errors import ConfigurationError, Problem, UsageError
from mspctl.model.playbook import ConditionKind, Module, Playbook, Step
from mspctl.model.suggestion import did_you_mean
from mspctl.ports import Library

ALWAYS = "always"
"""The tag of steps that run whatever tags are asked for, unless `--skip-tags always`."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A step that takes part: its index, its module, the guard that the host decides, whom it notifies."""

    index: int
    step: Step
    module: Module
    guard: str
    notifies: tuple[int, ...] = ()
    handler: bool = False
    windows_guard: str = ""
    """As `guard`, for PowerShell."""


def choose(
    playbook: Playbook, library: Library, tags: Collection[str], skip_tags: Collection[str]
) -> tuple[Recipe, ...]:
    """The steps in order, then the handlers that they notify; indexes are consecutive from 0.

    Raises:
        UsageError: a tag that no step has, or no step left.
        ConfigurationError: a step that asks for the status of one that the tags leave out.
    """
    _check_tags(playbook, {*tags, *skip_tags})
    steps = [step for step in playbook.steps if _wanted(step.tags, tags, skip_tags)]
    if not steps:
        raise UsageError(f"the tags leave no step of {playbook.name}", hint=_tag_list(playbook))
    noticed = {name for step in steps for name in step.notify}
    handlers = [handler for handler in playbook.handlers if handler.name in noticed]
    indexes = {step.name: index for index, step in enumerate((*steps, *handlers))}
    _check_conditions((*steps, *handlers), indexes)
    recipes = [_step_recipe(step, library, indexes) for step in steps]
    return (*recipes, *(_handler_recipe(handler, steps, library, indexes) for handler in handlers))


def _step_recipe(step: Step, library: Library, indexes: Mapping[str, int]) -> Recipe:
    notifies = tuple(indexes[name] for name in step.notify)
    return Recipe(
        indexes[step.name],
        step,
        library.module(step.module),
        guard(step.when, indexes),
        notifies,
        windows_guard=windows.guard(step.when, indexes),
    )


def _handler_recipe(handler: Step, steps: list[Step], library: Library, indexes: Mapping[str, int]) -> Recipe:
    askers = [indexes[step.name] for step in steps if handler.name in step.notify]
    text = notified(askers, guard(handler.when, indexes))
    other = windows.notified(askers, windows.guard(handler.when, indexes))
    return Recipe(
        indexes[handler.name],
        handler,
        library.module(handler.module),
        text,
        handler=True,
        windows_guard=other,
    )


def _wanted(own: frozenset[str], tags: Collection[str], skip_tags: Collection[str]) -> bool:
    if own & set(skip_tags):
        return False
    return not tags or ALWAYS in own or bool(own & set(tags))


def _check_tags(playbook: Playbook, asked: set[str]) -> None:
    known = {tag for step in playbook.steps for tag in step.tags} | {ALWAYS}
    for tag in sorted(asked - known):
        raise UsageError(
            f"no step of {playbook.name} has the tag {tag}", hint=did_you_mean(tag, known - {ALWAYS})
        )


def _check_conditions(steps: tuple[Step, ...], indexes: Mapping[str, int]) -> None:
    problems = tuple(
        Problem(
            f"it asks what became of `{condition.name}`, which the tags leave out",
            step.place,
            step.name,
            "take the other step in, or leave this one out too",
        )
        for step in steps
        for condition in step.when
        if condition.kind is ConditionKind.STEP and condition.name not in indexes
    )
    if problems:
        raise ConfigurationError.of(problems)


def _tag_list(playbook: Playbook) -> str:
    tags = sorted({tag for step in playbook.steps for tag in step.tags})
    return f"its tags: {', '.join(tags)}" if tags else "its steps have no tags"
