"""What all blocks of the inventory files have in common."""

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """Refuses keys that it does not know."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, defer_build=True
    )
