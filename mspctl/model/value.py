"""Plain values as they come out of YAML: immutable, and nothing but text, numbers, lists and maps."""

from collections.abc import Mapping
from types import MappingProxyType

Scalar = str | int | float | bool | None
Value = Scalar | tuple["Value", ...] | Mapping[str, "Value"]


def no_values() -> Mapping[str, Value]:
    """An empty, immutable map: the default of every field that holds variables or parameters."""
    return MappingProxyType({})
