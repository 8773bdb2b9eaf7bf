"""Plain values as they come out of YAML: immutable, and nothing but text, numbers, lists and maps."""

from collections.abc import Mapping

Scalar = str | int | float | bool | None
Value = Scalar | tuple["Value", ...] | Mapping[str, "Value"]
