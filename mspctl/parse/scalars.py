"""What untyped text means: YAML 1.2's core schema, stricter where YAML 1.1 and 1.2 readers would disagree.

A plain scalar is a number only if writing that number gives the same text again: `22` and `1.5` are numbers;
`0644`, `1.10`, `1_000`, `0x1F`, `1e3`, `22:22`, `2026-11-01` and `NO` stay text.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

from mspctl.model.value import Value
from mspctl.parse.node import List, Map, Node, Scalar

BOOLEANS: Mapping[str, bool] = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")


def integer(text: str) -> int | None:
    """A plain decimal integer without leading zeros, underscores or signs but `-`; None if it is none."""
    return int(text) if _INTEGER.fullmatch(text) else None


def to_value(node: Node) -> Value:
    """A tree of nodes as plain, immutable values: what `vars` and parameters hold. Quoted text is text."""
    if type(node) is Scalar:
        return _scalar(node)
    if type(node) is Map:
        return MappingProxyType({str(key): to_value(child) for key, child in node.items()})
    if type(node) is List:
        return tuple(to_value(child) for child in node)
    return None


def _scalar(node: Scalar) -> str | int | float | bool:
    text = str(node)
    if not node.plain:
        return text
    if text in BOOLEANS:
        return BOOLEANS[text]
    if text[-1:].isdigit():
        number = integer(text)
        if number is not None:
            return number
        if _FLOAT.fullmatch(text) and repr(float(text)) == text:
            return float(text)
    return text
