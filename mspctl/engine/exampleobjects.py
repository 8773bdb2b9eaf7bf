"""What objects of a Windows host answered, in the words of an example."""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Hide = Callable[[str], str]
Told = list[tuple[str, str, object]]
"""Section of the example, name in it, and answer."""


def node_of(node: object, hide: Hide) -> object:
    """An object's answers as an example tells them."""
    if isinstance(node, str):
        return hide(node)
    if isinstance(node, list):
        return [node_of(item, hide) for item in node]
    if not isinstance(node, Mapping):
        return node
    if set(node) == {"bytes"}:
        return content_of(str(node["bytes"]), hide)
    return {
        hide(name): _method(value, hide) if name.endswith("()") else node_of(value, hide)
        for name, value in node.items()
    }


def content_of(coded: str, hide: Hide) -> str:
    """A file's content as an example has it: text, or bytes as `@hex@efbbbf`."""
    content = base64.b64decode(coded)
    for encoding in ("utf-8", "utf-16"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" and "\0" not in text:
            return hide(text)
        return "@hex@" + hide(text).encode(encoding).hex()
    return "@hex@" + content.hex()


def _method(calls: Sequence[Mapping[str, Any]], hide: Hide) -> object:
    """One answer if it is the same whatever was asked, else one for each first word."""
    told: dict[str, object] = {}
    for call in calls:
        asked = hide(str(call["words"][0])) if call["words"] else ""
        answer = _answer(call, hide)
        told[asked] = _both(told[asked], answer) if asked in told else answer
    answers = list(told.values())
    return answers[0] if all(answer == answers[0] for answer in answers) else {"by": told}


def _both(old: object, new: object) -> object:
    """What an object said the first and the second time it was given."""
    if isinstance(old, Mapping) and isinstance(new, Mapping) and "error" not in old and "error" not in new:
        again = {name: _both(old[name], value) if name in old else value for name, value in new.items()}
        return {**old, **again}
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return list(map(_both, old, new))
    return new


def _answer(call: Mapping[str, Any], hide: Hide) -> object:
    return refusal_of(call, hide) if "error" in call else node_of(call.get("answer"), hide)


def refusal_of(said: Mapping[str, Any], hide: Hide) -> dict[str, object]:
    """What a call that was refused says: its words, its number and the type of the exception."""
    kind = {"kind": said["kind"]} if said.get("kind") else {}
    return {"error": hide(str(said["error"])), "hresult": said["hresult"], **kind}
