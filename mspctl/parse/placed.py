"""A block that knows where it was written."""

from typing import Any, Self

from pydantic import ModelWrapValidatorHandler, PrivateAttr, ValidationInfo, model_validator

from mspctl.model.place import Place
from mspctl.parse.block import Block
from mspctl.parse.node import Map


class Placed(Block):
    """Its `place` is that of the map in the file."""

    _place: Place | None = PrivateAttr(None)

    @property
    def place(self) -> Place | None:
        """Where it was written."""
        return self._place

    @model_validator(mode="wrap")
    @classmethod
    def _placed(
        cls,
        node: Any,  # noqa: ANN401 - pydantic's signature
        validated: ModelWrapValidatorHandler[Self],
        validation: ValidationInfo,
    ) -> Self:
        block = validated(node)
        if isinstance(node, Map):
            place = Place(str(validation.context or ""), node.line, node.column)
            block._place = place  # noqa: SLF001 - of this very class
        return block
