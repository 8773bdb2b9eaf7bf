"""What all blocks of the inventory files have in common."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """Refuses keys that it does not know."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True
    )


def flat(prefix: str, block: Block, nested: Mapping[str, type[Block]]) -> Iterator[tuple[str, Any]]:
    """What a block says, a key each: `patching.defer.days`. A null for a nested block stands for its keys."""
    for name in block.model_fields_set:
        value = getattr(block, name)
        inside = nested.get(name)
        if inside is None:
            yield f"{prefix}.{name}", value
            continue
        for inner in inside.model_fields if value is None else value.model_fields_set:
            yield f"{prefix}.{name}.{inner}", value and getattr(value, inner)
