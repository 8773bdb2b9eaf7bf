"""The shape of a file of plans: what `mspctl compare` bills the same months under."""

from typing import Annotated, ClassVar

from pydantic import Field

from mspctl.parse.block import Block
from mspctl.parse.contractfiles import ContractBlock, Money
from mspctl.parse.fields import Line, Name, Whole
from mspctl.parse.spans import Day


class BlockOfferBlock(Block):
    """A block of hours; the next one is bought when none is left."""

    hours: Money
    price: Money
    valid_months: Annotated[Whole, Field(ge=1, le=120)] | None = None


class PlanBlock(ContractBlock):
    """A contract that the client could have: without a first day, and with `block` in place of `blocks`."""

    basics: ClassVar[tuple[str, ...]] = ("currency",)
    blocks_as: ClassVar[str] = "block"
    title: Line | None = Field(None, description="what clients call it; its name if not set")
    block: BlockOfferBlock | None = Field(None, description="a block of hours, bought as they are used up")


class DowntimeBlock(Block):
    """What downtime costs the client, by its own word. Shown beside the plans and never added to them."""

    per_hour: Money
    agreed: Day = Field(description="when the client said so")
    by: Line = Field(description="who said so")


class PlansFile(Block):
    """The plans by name, in the order of the file; the first one is what the others are held against."""

    plans: dict[Name, PlanBlock] = Field(min_length=2)
    onboarding_months: Annotated[Whole, Field(ge=1, le=60)] | None = Field(
        None, description="over how many months a setup fee is spread; 12"
    )
    downtime: DowntimeBlock | None = None
