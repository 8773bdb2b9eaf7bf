"""Reads `playbooks/<name>.yml` into a Playbook; its modules are checked where modules are known."""

import re

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.place import Place
from mspctl.model.playbook import OnFailure, Playbook, Step, no_places
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.node import shown
from mspctl.parse.playbook_conditions import read_conditions
from mspctl.parse.playbook_parameters import read_parameters
from mspctl.parse.scalars import to_value
from mspctl.parse.shape import Shape
from mspctl.parse.source import Source
from mspctl.parse.yaml import parse_yaml

_KEYS = ("name", "description", "window", "service", "params", "steps", "handlers")
_HANDLER_KEYS = ("name", "module", "params", "when", "timeout", "on_failure")
_STEP_KEYS = (*_HANDLER_KEYS, "tags", "notify")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def parse_playbook(source: Source, name: str) -> Playbook:
    """The playbook of a file; `name` is the file's name without `.yml`.

    Raises:
        ConfigurationError: everything that is wrong with the file itself, each problem with its place.
    """
    problems: list[Problem] = []
    shape = Shape(parse_yaml(source), source.file, problems)
    shape.only(_KEYS)
    written = shape.required("name")
    if written and written != name:
        shape.problem("name", f"the playbook is called `{written}`, its file `{name}.yml`", "use one name")
    if not _NAME.fullmatch(name):
        shape.problem("name", f"`{name}` is not a playbook's name", "small letters, digits, - and _")
    steps = _steps(shape, "steps", _STEP_KEYS)
    handlers = _steps(shape, "handlers", _HANDLER_KEYS)
    if not shape.get("steps"):
        shape.problem("steps", "the playbook has no steps")
    _check_names(shape, steps, handlers)
    parameters = read_parameters(shape.map("params"))
    playbook = Playbook(
        name,
        shape.text("description").strip(),
        parameters,
        steps,
        handlers,
        Place(source.file),
        _word(shape, "window"),
        _word(shape, "service"),
    )
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return playbook


def _word(shape: Shape, key: str) -> str:
    word = shape.text(key).strip()
    if word and not _NAME.fullmatch(word):
        shape.problem(key, f"`{shown(word)}` is not a name", "small letters, digits, - and _")
    return word


def _steps(shape: Shape, key: str, keys: tuple[str, ...]) -> tuple[Step, ...]:
    return tuple(_step(child, keys) for child in shape.maps(key))


def _step(shape: Shape, keys: tuple[str, ...]) -> Step:
    shape.only(keys)
    params = shape.map("params")
    return Step(
        name=shape.required("name").strip(),
        module=shape.required("module").strip(),
        params={str(key): to_value(child) for key, child in params.node.items()} if params else {},
        when=read_conditions(shape),
        tags=frozenset(shape.words("tags")),
        timeout=shape.seconds("timeout"),
        on_failure=OnFailure(shape.one_of("on_failure", tuple(map(str, OnFailure)), "stop")),
        notify=shape.words("notify"),
        place=shape.place,
        places={str(key): params.place_of(key) for key in params.node} if params else no_places(),
    )


def _check_names(shape: Shape, steps: tuple[Step, ...], handlers: tuple[Step, ...]) -> None:
    """Names are unique, conditions ask earlier steps, notices reach handlers and handlers get notices."""
    problems = shape.problems
    names: dict[str, Step] = {}
    for step in (*steps, *handlers):
        first = names.setdefault(step.name, step)
        if first is not step and step.name:
            problems.append(
                Problem(f"the name `{step.name}` is taken by the step at {first.place}", step.place)
            )
    known = tuple(handler.name for handler in handlers)
    for step in steps:
        problems += (
            Problem(f"there is no handler `{name}`", step.place, step.name, did_you_mean(name, known))
            for name in step.notify
            if name not in known
        )
    notified = {name for step in steps for name in step.notify}
    problems += (
        Problem(
            f"no step notifies the handler `{handler.name}`", handler.place, hint="remove it, or add `notify`"
        )
        for handler in handlers
        if handler.name not in notified
    )
    _check_conditions(problems, steps, handlers)


def _check_conditions(problems: list[Problem], steps: tuple[Step, ...], handlers: tuple[Step, ...]) -> None:
    earlier: list[str] = []
    for step in (*steps, *handlers):
        for condition in step.when:
            if condition.kind == "step" and condition.name not in earlier:
                problem = f"no earlier step is called `{condition.name}`"
                problems.append(
                    Problem(problem, step.place, f"{step.name}.when", did_you_mean(condition.name, earlier))
                )
        if step.name not in {handler.name for handler in handlers}:
            earlier.append(step.name)
