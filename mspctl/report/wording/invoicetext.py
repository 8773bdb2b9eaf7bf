"""What an invoice says, in one language: read from the document as it was approved, which never changes."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from mspctl.report.facts.visible import visible
from mspctl.report.wording.planterms import kind_word
from mspctl.report.wording.speech import Speech

_HOURS = re.compile(r"\d+\.\d\d(?= h)")
_FACTOR = re.compile(r" x (\d+(?:\.\d+)?)")
_LAST_FACTOR = re.compile(_FACTOR.pattern + "$")
_LESS = ", less what was billed before"
_PART = re.compile(r"^(?P<text>.*?)(?:, (?P<part>\d+/\d+) of the month)?$")
_OUTSIDE = re.compile(r", not in the contract(?= x |, less|$)")
_FEES = ("subscription", "retainer", "block", "setup")


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line: its words and amounts; a credit note's are not negative."""

    day: date
    words: str
    quantity: str
    amount: Decimal
    covered: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class PaperTax:
    """The tax on all lines."""

    category: str
    percent: Decimal
    reason: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left of what was paid in advance, at the end of the month."""

    words: str
    left: Decimal
    hours: Decimal
    low: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """An invoice, a credit note (`credits`) or a draft (no `name`). Without parties it is not complete."""

    name: str
    credits: str
    language: str
    title: str
    issued: date
    since: date
    until: date
    due: date
    currency: str
    lines: tuple[PaperLine, ...]
    balances: tuple[Balance, ...]
    total: Decimal
    gross: Decimal
    tax: PaperTax
    seller: Mapping[str, str]
    buyer: Mapping[str, str]
    payment: Mapping[str, str]

    @property
    def complete(self) -> bool:
        """True if it says who sends it to whom."""
        return bool(self.seller and self.buyer)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is known of a document besides its lines. `name` is empty for a draft."""

    month: str
    issued: date
    name: str = ""
    credits: str = ""


def paper_of(document: str, stamp: Stamp, speech: Speech) -> Paper:
    """The document in a language."""
    told: Mapping[str, Any] = json.loads(document)
    sign = -1 if stamp.credits else 1
    tax, payment = told.get("tax"), told.get("payment", {})
    since = date.fromisoformat(f"{stamp.month}-01")
    after = (since + timedelta(days=31)).replace(day=1)
    total = sign * Decimal(told["total"])
    found = PaperTax(
        tax["category"], Decimal(tax["percent"]), tax["reason"], sign * Decimal(tax["amount"])
    ) if tax else PaperTax("", Decimal(0), "", Decimal(0))  # fmt: skip
    return Paper(
        stamp.name,
        stamp.credits,
        speech.language,
        _title(stamp, speech),
        stamp.issued,
        since,
        after - timedelta(days=1),
        stamp.issued + timedelta(days=int(payment.get("due_days", 0))),
        told["currency"],
        tuple(_line(each, sign, speech) for each in told["lines"]),
        tuple(_balance(each, speech) for each in told["balances"]),
        total,
        sign * Decimal(told["gross"]) if "gross" in told else total,
        found,
        told.get("seller", {}),
        told.get("buyer", {}),
        payment,
    )


def _title(stamp: Stamp, speech: Speech) -> str:
    say = speech.say
    if stamp.credits:
        return say("Credit note {name}", name=stamp.name)
    return say("Invoice {name}", name=stamp.name) if stamp.name else say("Draft of an invoice")


def _line(line: Mapping[str, str], sign: int, speech: Speech) -> PaperLine:
    amounts = [sign * Decimal(line[name]) + 0 for name in ("amount", "covered", "net")]
    words = visible(_words(line, speech))  # a title may hold what no document for programs may
    return PaperLine(date.fromisoformat(line["day"]), words, _quantity(line, speech), *amounts)


def _quantity(line: Mapping[str, str], speech: Speech) -> str:
    say, value = speech.say, Decimal(line["quantity"])
    units = {
        "h": say("h"),
        "month": say("month"),
        "call": say("call"),
        "visit": say("visit"),
        "once": say("once"),
    }
    digits = 0 if value == value.to_integral_value() else 2
    if line["kind"] == "subscription":  # so many of them, for the month
        return speech.number(value, digits)
    return f"{speech.number(value, digits)} {units.get(line['unit'], line['unit'])}"


def _words(line: Mapping[str, str], speech: Speech) -> str:
    text = line["text"]
    return _fee(text, speech) if line["kind"] in _FEES else _work(text, line["kind"], speech)


def _fee(text: str, speech: Speech) -> str:
    """The names of fees come from a short list; what is not in it stays as it was approved."""
    say = speech.say
    match = _PART.fullmatch(text)
    name, part = (match["text"], match["part"]) if match else (text, None)
    base, _, kind = name.partition(", ")
    known = {
        "monthly fee": say("monthly fee"),
        "up to the minimum": say("up to the minimum"),
        "retainer": say("retainer"),
        "block of hours": say("block of hours"),
        "setup": say("setup"),
    }
    words = known.get(base, base) + (f", {kind_word(kind, speech)}" if kind else "")
    return say("{fee}, {part} of the month", fee=words, part=part) if part else words


def _work(text: str, kind: str, speech: Speech) -> str:
    """Titles stay as they were written; what is around them is said in the language."""
    say = speech.say
    head, _, rest = text.partition(": ")
    number = head.removeprefix("call ")
    if kind == "travel":
        km, _, hours = rest.removeprefix("visit, ").partition(" km, ")
        way = _numbers(hours.removesuffix(" on the way"), speech)
        return say("call {number}: visit, {km} km, {hours} on the way", number=number,
                   km=speech.number(Decimal(km), 0 if "." not in km else 1), hours=way)  # fmt: skip
    rest, more = (rest.removesuffix(_LESS), True) if rest.endswith(_LESS) else (rest, False)
    less = ", " + say("less what was billed before") if more else ""
    before, colon, times = rest.rpartition(": ")
    if kind == "incident" or not colon:
        what = _LAST_FACTOR.sub(_times(speech), _outside(rest, speech)) + less
        return say("call {number}: {what}", number=number, what=what)
    told = _numbers(times, speech).replace("rounded up", say("rounded up"))
    what = f"{_outside(before, speech)}: {told}{less}"
    return say("call {number}: {what}", number=number, what=what)


def _outside(text: str, speech: Speech) -> str:
    return _OUTSIDE.sub(", " + speech.say("not in the contract"), text)


def _numbers(text: str, speech: Speech) -> str:
    hours = _HOURS.sub(lambda match: speech.number(Decimal(match[0]), 2), text)
    return _FACTOR.sub(_times(speech), hours)


def _times(speech: Speech) -> Any:  # noqa: ANN401 - what re.sub takes
    def times(match: re.Match[str]) -> str:
        digits = len(match[1].partition(".")[2])
        return f" \u00d7 {speech.number(Decimal(match[1]), digits)}"

    return times


def _balance(told: Mapping[str, Any], speech: Speech) -> Balance:
    say = speech.say
    names = {
        "block hours": say("Hours paid in advance"),
        "retainer": say("Retainer"),
        "included hours": say("Included hours"),
    }
    return Balance(
        names.get(told["name"], told["name"]),
        Decimal(told["left"]),
        Decimal(told["hours_left"]),
        bool(told["low"]),
    )


def address(party: Mapping[str, str]) -> Sequence[str]:
    """As it stands in a window of an envelope."""
    if not party:
        return ()
    return (party["name"], party["street"], f"{party['postcode']} {party['city']}", party["country"])
