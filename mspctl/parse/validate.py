"""Runs a pydantic model over a tree and turns what it says into problems with places and hints."""

import types
import typing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mspctl.errors import Problem
from mspctl.model.place import Place
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.fields import NAME, kind_of
from mspctl.parse.node import List, Map, Node, Scalar, Step, dotted, node_at, place_of, shown

ModelT = TypeVar("ModelT", bound=BaseModel)

_NAME_RULE = "small letters, digits, `.`, `_`, `-`; the first is a letter or digit; at most 63"


def validate(model: type[ModelT], root: Map, file: str) -> ModelT | tuple[Problem, ...]:
    """The validated model, or everything that is wrong with the tree. No problem holds a secret's value."""
    try:
        return model.model_validate(root, context=file)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    problems = dict.fromkeys(_problem(model, root, file, detail) for detail in details)
    return tuple(sorted(problems, key=lambda problem: (problem.place or Place(file), problem.path)))


def _problem(model: type[BaseModel], root: Map, file: str, detail: ErrorDetails) -> Problem:
    kind, location = detail["type"], detail["loc"]
    # pydantic marks a wrong key of a dict by "[key]" at the end; an unknown key may be called so itself
    names_key = location[-1:] == ("[key]",) and kind != "extra_forbidden"
    path = _path(root, location[:-1] if names_key else location)
    is_key = names_key or kind == "extra_forbidden"
    place = place_of(root, path, file, key=is_key)
    node = node_at(root, path)
    if kind == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        problem, hint = (
            f"the key `{shown(str(path[-1]))}` is not known here",
            did_you_mean(str(path[-1]), known),
        )
    elif kind == "missing":
        problem, hint = f"`{path[-1]}` is missing", ""
        place = place_of(root, path[:-1], file)
    elif kind == "mspctl":
        fields = detail["ctx"]
        problem, hint = fields["problem"], fields["hint"]
    else:
        subject: Node = Scalar(path[-1]) if names_key else node
        problem, hint = _sentence(kind, detail.get("ctx") or {}, subject)
    return Problem(problem, place, dotted(path), hint)


def _path(root: Map, location: tuple[Step, ...]) -> tuple[Step, ...]:
    """The part of pydantic's location that exists in the tree: it names members of unions, too."""
    path: list[Step] = []
    node: Node = root
    for index, step in enumerate(location):
        if isinstance(node, Map) and isinstance(step, str):
            if step not in node and index < len(location) - 1:
                continue
            path.append(str(step))
            node = node.get(step)  # type: ignore[call-overload] # a str finds a Scalar
        elif isinstance(node, List) and isinstance(step, int):
            path.append(step)
            node = node[step] if step < len(node) else None
    return tuple(path)


def _sentence(kind: str, limits: dict[str, Any], node: Node) -> tuple[str, str]:  # noqa: PLR0911 - a table
    found = f"`{shown(node)}`" if isinstance(node, Scalar) else kind_of(node)
    match kind:
        case "string_type":
            return (
                f"expected text, found {kind_of(node)}",
                "" if node is not None else "quote it if it is text",
            )
        case "list_type":
            return f"expected a list, found {kind_of(node)}", "write [a, b]" if isinstance(
                node, Scalar
            ) else ""
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"expected a map (`key: value`), found {kind_of(node)}", ""
        case "string_pattern_mismatch" if limits.get("pattern") == NAME:
            return f"{found} is no name", _NAME_RULE
        case "string_pattern_mismatch":
            return f"{found} holds characters that are not allowed here, or is empty or too long", ""
        case "too_short" | "string_too_short":
            return _short(int(limits.get("min_length", 1)))
        case "string_too_long":
            return f"longer than {limits.get('max_length')} characters", ""
        case "greater_than_equal":
            return f"{found} is too small: at least {limits.get('ge'):g}", ""
        case "less_than_equal":
            return f"{found} is too large: at most {limits.get('le'):g}", ""
    return f"{found} does not fit ({kind.replace('_', ' ')})", ""


def _short(least: int) -> tuple[str, str]:
    if least > 1:
        return f"there are too few: at least {least}", ""
    return "there is nothing in it", "remove the key or fill it"


def _known_keys(model: type[BaseModel], path: tuple[Step, ...]) -> list[str]:
    """The keys that the block at `path` may have."""
    annotation: Any = model
    for step in path:
        annotation = _inside(annotation)
        if isinstance(step, str):
            annotation = _item(annotation)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            field = annotation.model_fields.get(str(step))
            annotation = field.annotation if field else None
        else:
            arguments = typing.get_args(annotation)
            annotation = arguments[-1] if arguments else None
    block = _item(_inside(annotation))
    if not isinstance(block, type) or not issubclass(block, BaseModel):
        return []
    return [field.alias or name for name, field in block.model_fields.items()]


def _item(annotation: Any) -> Any:  # noqa: ANN401 - an annotation can be anything
    """What a list is of, where one item may stand without the list; anything else as it is."""
    return _inside(typing.get_args(annotation)[0]) if typing.get_origin(annotation) is list else annotation


def _inside(annotation: Any) -> Any:  # noqa: ANN401 - an annotation can be anything
    """What is left of an annotation without Annotated and `| None`."""
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif origin in {typing.Union, types.UnionType}:
            annotation = next(part for part in typing.get_args(annotation) if part is not type(None))
        else:
            return annotation
