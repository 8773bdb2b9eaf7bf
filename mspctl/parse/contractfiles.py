"""The shape of `contract` in a client's file: what was bought, and what it costs.

Each docstring and description below is also what the editor shows (see mspctl.parse.schema).
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from mspctl.model.contract import Counting, Holiday, Opening, Plan
from mspctl.model.currency import CURRENCIES
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.block import Block
from mspctl.parse.coverage import CoveredBlock
from mspctl.parse.fields import Line, Name, Seconds, Timezone, Whole, Word, choice, enum_word, kind_of, wrong
from mspctl.parse.node import Map, Scalar, shown
from mspctl.parse.spans import Day

_MONEY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?", re.ASCII)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_OPEN = re.compile(
    r"(?P<first>[A-Z][a-z]{2})(?:-(?P<last>[A-Z][a-z]{2}))? "
    r"(?P<start>([01]\d|2[0-3]):[0-5]\d)-(?P<end>([01]\d|2[0-3]):[0-5]\d|24:00)",
    re.ASCII,
)
_EASTER = re.compile(r"easter(?P<days>[+-]\d{1,3})?", re.ASCII)
_YEARLY = re.compile(r"(?P<month>\d\d)-(?P<day>\d\d)", re.ASCII)
_LEAP_YEAR = 2024
_OPEN_HINT = "such as Mon-Fri 08:00-17:30; Sat 09:00-12:00"
_HOLIDAY_HINT = "2026-12-24 (that day), 12-25 (each year), easter, easter-2 or easter+39"


def _decimal(node: object) -> Decimal:
    if not isinstance(node, Scalar) or not _MONEY.fullmatch(node):
        found = f"`{shown(node)}`" if isinstance(node, Scalar) else kind_of(node)
        raise wrong(f"expected an amount, found {found}", "digits and a point, as 95 or 95.00")
    return Decimal(str(node))


def _openings(node: object) -> tuple[Opening, ...]:
    if not isinstance(node, Scalar):
        raise wrong(f"expected business hours, found {kind_of(node)}", _OPEN_HINT)
    found = sorted(
        (opening for part in node.split(";") for opening in _opening(part.strip())),
        key=lambda opening: (opening.weekday, opening.start),
    )
    for one, other in pairwise(found):
        if one.weekday == other.weekday and other.start < one.end:
            raise wrong(f"the hours of {_WEEKDAYS[one.weekday]} overlap", _OPEN_HINT)
    return tuple(found)


def _opening(text: str) -> list[Opening]:
    match = _OPEN.fullmatch(text)
    if match is None:
        raise wrong(f"`{shown(text)}` is no business hours", _OPEN_HINT)
    last = match["last"] or match["first"]
    for word in (match["first"], last):
        if word not in _WEEKDAYS:
            raise wrong(f"`{shown(word)}` is no day of the week", did_you_mean(word, _WEEKDAYS))
    start, end = _minutes(match["start"]), _minutes(match["end"])
    first, until = _WEEKDAYS.index(match["first"]), _WEEKDAYS.index(last)
    if start >= end or first > until:
        raise wrong(f"`{shown(text)}` ends before it begins", _OPEN_HINT)
    return [Opening(weekday, start, end) for weekday in range(first, until + 1)]


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _holiday(node: object) -> Holiday:
    if not isinstance(node, Scalar):
        raise wrong(f"expected a holiday, found {kind_of(node)}", _HOLIDAY_HINT)
    if match := _EASTER.fullmatch(node):
        return Holiday(easter=int(match["days"] or 0))
    try:
        if match := _YEARLY.fullmatch(node):
            day = date(_LEAP_YEAR, int(match["month"]), int(match["day"]))
            return Holiday(None, day.month, day.day)
        day = date.fromisoformat(str(node))
    except ValueError:
        raise wrong(f"`{shown(node)}` is no holiday", _HOLIDAY_HINT) from None
    return Holiday(day.year, day.month, day.day)


def _region(text: str) -> str:
    """Only what the calendars know: a typing error would make every day a working day."""
    from holidays import country_holidays  # noqa: PLC0415 - slow to import, and few contracts name a region

    country, _, part = text.partition("-")
    try:
        country_holidays(country, subdiv=part or None)
    except NotImplementedError as error:
        problem = str(error)
    else:
        return text
    raise wrong(
        f"`{shown(text)}` is no region: {problem}", "a country, or a part of one, as DE-BY, AT-9, CH-ZH"
    )


_PRICE: Mapping[str, Any] = {"type": ["number", "string"], "pattern": r"^[0-9]{1,9}(\.[0-9]{1,4})?$"}
Money = Annotated[Decimal, PlainValidator(_decimal), WithJsonSchema(dict(_PRICE))]
Openings = Annotated[tuple[Opening, ...], PlainValidator(_openings), WithJsonSchema({"type": "string"})]
HolidayText = Annotated[Holiday, PlainValidator(_holiday), WithJsonSchema({"type": "string"})]
Region = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"), AfterValidator(_region)
]


def _currency(code: str) -> str:
    """Only what somebody pays with: a typing error would stand on every invoice."""
    if code not in CURRENCIES:
        raise wrong(f"`{shown(code)}` is no currency", did_you_mean(code, sorted(CURRENCIES)))
    return code


Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$"), AfterValidator(_currency)]
Months = Annotated[Whole, Field(ge=0, le=120)]
Period = Annotated[Seconds, Field(ge=0, le=7_776_000)]


def _at_least_one(value: Decimal) -> Decimal:
    if not 1 <= value <= 10:  # noqa: PLR2004 - more is a typing error
        raise wrong(f"a factor is from 1 to 10, not {value}")
    return value


class LabourBlock(Block):
    """The price of an hour, and how time is counted."""

    rate: Money = Field(description="for one hour")
    skills: dict[Name, Money] | None = Field(None, description="the rate of other skills, by name")
    work: dict[Name, Money] | None = Field(None, description="a factor on the rate, by type of work")
    increment: Annotated[Seconds, Field(ge=60, le=86_400)] | None = Field(
        None, description="time is rounded up to a multiple of it; 1m if not set"
    )
    minimum: Annotated[Seconds, Field(ge=0, le=86_400)] | None = Field(
        None, description="less than this is counted as this"
    )
    per: Annotated[Counting, *enum_word(Counting)] | None = Field(
        None, description="what increment and minimum are applied to; call if not set"
    )
    per_incident: Money | None = Field(None, description="a fixed price per call in place of its hours")


class SurchargesBlock(Block):
    """Factors from 1 to 10 on the rate. The highest that applies counts; they are not multiplied."""

    after_hours: Money | None = Field(None, description="outside the business hours")
    holiday: Money | None = Field(None, description="on a holiday")
    emergency: Money | None = Field(None, description="calls that were opened as an emergency")

    @model_validator(mode="after")
    def _factors(self) -> Self:
        for value in (self.after_hours, self.holiday, self.emergency):
            if value is not None:
                _at_least_one(value)
        return self


class TravelBlock(Block):
    """What a visit costs besides the work."""

    fee: Money | None = Field(None, description="once for each visit")
    per_km: Money | None = Field(None, description="for each kilometre")
    time: Money | None = Field(None, description="the share of the rate for the time on the way, as 0.5")


class HoursBlock(Block):
    """When the normal rate holds, in the client's time zone."""

    business: Openings | None = Field(None, description="as Mon-Fri 08:00-17:30; always if not set")
    holidays: list[HolidayText] | None = Field(
        None, description="2026-12-24 (that day), 12-25 (each year), easter, easter-2 or easter+39"
    )
    region: Region | None = Field(
        None, description="whose public holidays count as well, as DE-BY, AT, CH-ZH, US-CA"
    )
    timezone: Timezone | None = Field(None, description="that of the client if not set")


class BlockBlock(Block):
    """Hours bought in advance."""

    bought: Day = Field(description="the day of the purchase; it stands on the invoice of that month")
    hours: Money = Field(description="how many, at the normal rate")
    price: Money = Field(description="for all of them")
    valid_months: Annotated[Whole, Field(ge=1, le=120)] | None = Field(
        None, description="what is left after that is lost; never if not set"
    )


class RetainerBlock(Block):
    """Money paid each month and worked off at the rates of labour."""

    fee: Money = Field(description="for each month")
    rollover_months: Months | None = Field(None, description="how long what is left can be used later; 0")


class TierBlock(Block):
    """The price of each unit above a count."""

    above: Annotated[Whole, Field(ge=0, le=1_000_000)]
    price: Money


class ManagedBlock(Block):
    """The monthly fee: flat, per host, per user; by the day in months that are not whole."""

    flat: Money | None = None
    per: dict[Name, Money] | None = Field(
        None, description="price per host by its criticality (server, workstation), or per user"
    )
    tiers: dict[Name, list[TierBlock]] | None = Field(
        None, description="in place of `per`: each unit costs what its place in the count says"
    )
    users: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = Field(None, description="how many users")
    minimum: Money | None = Field(None, description="the fee is at least this")
    setup_fee: Money | None = Field(None, description="once, in the first month")

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        twice = set(self.per or ()) & set(self.tiers or ())
        if twice:
            raise wrong(f"`{min(twice)}` has a price and tiers", "keep one of them")
        for name, tiers in (self.tiers or {}).items():
            counts = [tier.above for tier in tiers]
            if counts[:1] != [0] or counts != sorted(set(counts)):
                raise wrong(f"the tiers of `{name}` do not begin at 0 and grow", "above: 0, above: 10, …")
        if self.users is None and "user" in {*(self.per or ()), *(self.tiers or ())}:
            raise wrong("`user` has a price, but nobody says how many there are", "add users: 45")
        return self


class IncludedBlock(Block):
    """Hours of labour that the fee pays for; without it, it pays for all work that is not excluded."""

    hours: Money = Field(description="each month, at the normal rate")
    rollover_months: Months | None = Field(None, description="how long what is left can be used later; 0")


class TargetBlock(Block):
    """What is promised for calls of a priority."""

    respond: Period | None = Field(None, description="until somebody is at work")
    resolve: Period | None = Field(None, description="until it is done")
    clock: Annotated[Word, choice("business", "24x7")] | None = Field(None, description="business if not set")
    hold: list[Name] | None = Field(
        None,
        description="waiting for whom stops the clock, as `call stop --waiting` names it; client if not set",
    )


class ThirdPartyBlock(Block):
    """What others are paid each month for what the contract includes. Never on a bill."""

    name: Line
    cost: Money = Field(description="what they are paid")
    retail: Money | None = Field(None, description="what it would cost the client itself; `cost` if not set")


class ContractBlock(Block):
    """What the client has bought. What costs money needs `from`, `currency` and the blocks of its plan."""

    basics: ClassVar[tuple[str, ...]] = ("since", "currency")
    """What all plans with prices need."""
    blocks_as: ClassVar[str] = "blocks"

    plan: Word | None = Field(
        None,
        description="break_fix, block_hours, retainer, managed, hybrid; any name without prices",
    )
    covers: list[Name] | None = Field(
        None,
        description="what is in it, such as patching; everything if not set, nothing with the plan break_fix",
    )
    since: Day | None = Field(None, alias="from", description="its first day")
    currency: Currency | None = Field(None, description="such as EUR")
    labour: LabourBlock | None = None
    surcharges: SurchargesBlock | None = None
    travel: TravelBlock | None = None
    hours: HoursBlock | None = None
    blocks: list[BlockBlock] | None = Field(None, description="hours bought in advance")
    low_hours: Money | None = Field(None, description="tell when less than this is left of the blocks")
    retainer: RetainerBlock | None = None
    managed: ManagedBlock | None = None
    included: IncludedBlock | None = None
    excludes: list[Name] | None = Field(None, description="types of work that are always billed")
    hosts: CoveredBlock | None = Field(None, description="which hosts it is about; all if not set")
    sla: dict[Word, TargetBlock] | None = Field(None, description="what is promised, by priority")
    third_parties: list[ThirdPartyBlock] | None = Field(
        None, description="tools and licences in it, for `mspctl value`"
    )
    notes: Line | None = None

    @property
    def priced(self) -> bool:
        """True if it says anything about money."""
        return bool((_PRICED | {self.blocks_as}) & self.model_fields_set)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.priced:
            idle = next((name for name in _NEED_PRICES if getattr(self, name) is not None), "")
            if idle:
                hint = "add `from`, `currency` and the blocks of its plan; a rate of 0 bills nothing"
                raise wrong(f"`{idle}` says nothing in a contract without prices", hint)
            return self
        plans = [str(plan) for plan in Plan]
        if self.plan not in plans:
            raise wrong(
                f"prices need one of the plans {', '.join(plans)}", did_you_mean(self.plan or "", plans)
            )
        if trouble := _of_its_plan(self, Plan(self.plan)):
            raise wrong(trouble)
        return self


def _of_its_plan(block: ContractBlock, plan: Plan) -> str:
    """What is missing or too much; empty if all is well."""
    if block.blocks is not None and block.blocks_as != "blocks":
        return f"blocks are bought as they are used up: write `{block.blocks_as}`"
    names = [*block.basics, *(block.blocks_as if name == "blocks" else name for name in _NEEDED[plan])]
    needed: dict[str, object] = {"from" if name == "since" else name: getattr(block, name) for name in names}
    if any(each is not None for each in (block.included, block.excludes, block.hosts)):
        needed["labour"] = block.labour
    for name, value in needed.items():
        if value is None:
            return f"a contract of the plan {plan} with prices needs `{name}`"
    for name, plans in {**_ONLY, block.blocks_as: _ONLY["blocks"]}.items():
        if getattr(block, name) is not None and plan not in plans:
            return f"`{name}` is not part of the plan {plan}"
    return ""


_PRICED = frozenset(
    {"currency", "labour", "surcharges", "travel", "blocks", "retainer", "managed", "included", "excludes"}
)
_NEED_PRICES = ("sla", "hours", "low_hours", "third_parties")
"""What is only looked at where a contract has prices."""
_NEEDED: Mapping[Plan, tuple[str, ...]] = {
    Plan.BREAK_FIX: ("labour",),
    Plan.BLOCK_HOURS: ("labour", "blocks"),
    Plan.RETAINER: ("labour", "retainer"),
    Plan.MANAGED: ("managed",),
    Plan.HYBRID: ("managed", "included", "labour"),
}
_ONLY: Mapping[str, tuple[Plan, ...]] = {
    "blocks": (Plan.BLOCK_HOURS,),
    "low_hours": (Plan.BLOCK_HOURS,),
    "retainer": (Plan.RETAINER,),
    "managed": (Plan.MANAGED, Plan.HYBRID),
    "included": (Plan.MANAGED, Plan.HYBRID),
    "hosts": (Plan.BLOCK_HOURS, Plan.RETAINER, Plan.MANAGED, Plan.HYBRID),
}


def _as_list(node: object) -> object:
    """One contract by itself is a list of one; errors then still point into the map as written."""
    return [node] if isinstance(node, Map) else node


Contracts = Annotated[
    list[ContractBlock],
    Field(min_length=1),
    BeforeValidator(_as_list, json_schema_input_type=ContractBlock | list[ContractBlock]),
]
"""One contract, or all of them in the order of their first days."""
