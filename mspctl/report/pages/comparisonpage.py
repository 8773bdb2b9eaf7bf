"""The page of a comparison: one for the client, and one for staff with what an hour would bring in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from mspctl.model.comparison import BreakEven, CallVolume, Comparison, PlanCost, Rival, Verdict
from mspctl.report.pages.look import Look
from mspctl.report.pages.sheet import Heading, sheet
from mspctl.report.wording.planterms import Terms
from mspctl.report.wording.speech import Speech

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure with its words."""

    what: str
    value: str
    rest: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What a plan would have cost in a month."""

    amount: str
    lowest: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A month."""

    month: str
    calls: str
    hours: str
    costs: tuple[Cell, ...]
    down: str


@dataclass(frozen=True, slots=True)
class Sums:
    """A row below the months."""

    what: str
    cells: tuple[str, ...]
    last: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    """What an hour would bring in under a plan."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A line of the legend."""

    key: "Markup"
    words: str


def comparison_page(
    found: Comparison, look: Look, provider: str, client: str, made: date, *, staff: bool
) -> str:
    """The page; `staff` adds what no client sees."""
    speech = look.speech
    title = speech.say("What would it have cost?")
    heading = Heading(provider, client, title, speech.day(made))
    return sheet("comparison.html.j2", look, heading, {"page": ComparisonPage(found, speech, staff=staff)})


class ComparisonPage:
    """What the template shows, in the words of one language."""

    def __init__(self, found: Comparison, speech: Speech, *, staff: bool) -> None:
        self._found = found
        self._speech = speech

        self.names = tuple(cost.name for cost in found.costs)
        self.staff = tuple(self._staff()) if staff else ()

    @property
    def _best(self) -> Rival:
        return max(self._found.rivals, key=lambda rival: rival.saving)

    def _money(self, amount: Decimal) -> str:
        return self._speech.money(amount, self._found.currency)

    @property
    def verdict(self) -> str:
        """The answer in a sentence."""
        found, best, say = self._found, self._best, self._speech.say
        first, count, saving = found.first.name, len(found.months), self._money(best.saving)
        match found.verdict:
            case Verdict.STAY:
                return say("Stay with {first}: no other plan would have been cheaper.", first=first)
            case Verdict.CHANGE:
                return say(
                    "{plan} would have cost {saving} less than {first} in these {count} months.",
                    plan=best.cost.name,
                    saving=saving,
                    first=first,
                    count=count,
                )
            case Verdict.UNCLEAR:
                return say(
                    "{plan} would have cost {saving} less than {first}; other months may turn that round.",
                    plan=best.cost.name,
                    saving=saving,
                    first=first,
                )
            case Verdict.TOO_LITTLE:
                return say("Too little data for an answer: {count} of 12 months are known.", count=count)

    @property
    def period(self) -> str:
        """What it is made from."""
        found, speech = self._found, self._speech
        told = speech.say(
            "{first} to {last}: {calls} calls, {hours} h of work, {hosts} computers in the last month.",
            first=speech.month(found.months[0]),
            last=speech.month(found.months[-1]),
            calls=speech.number(sum(found.calls)),
            hours=speech.number(Fraction(sum(found.seconds), 3600)),
            hosts=speech.number(found.hosts),
        )
        if not found.doubtful:
            return told
        return f"{told} " + speech.many(
            "In {count} month it is not on record which computers there were.",
            "In {count} months it is not on record which computers there were.",
            found.doubtful,
        )

    @property
    def tiles(self) -> Sequence[Tile]:
        """Three figures."""
        found, best, say = self._found, self._best, self._speech.say
        dearer = self._speech.many(
            "dearer than {first} in {count} month", "dearer than {first} in {count} months",
            len(best.dearer), first=found.first.name,
        )  # fmt: skip
        spreads = [found.first.spread, best.cost.spread]
        if all(spread is not None for spread in spreads):
            first, other = (self._speech.percent(spread or Decimal(0)) for spread in spreads)
            swing = say("{other} against {first}", other=other, first=first)
            rest = say("how far months lie from their mean, {plan} against {first}",
                       plan=best.cost.name, first=found.first.name)  # fmt: skip
        else:
            swing, rest = "\u2013", say("too little data")
        return (
            Tile(found.first.name, self._money(found.first.total), self._dearest(found.first)),
            Tile(best.cost.name, self._money(best.cost.total), dearer),
            Tile(say("How much months differ"), swing, rest),
        )

    def _dearest(self, cost: PlanCost) -> str:
        month = self._speech.month(self._found.months[cost.worst])
        return self._speech.say(
            "dearest month: {month}, {amount}", month=month, amount=self._money(max(cost.months))
        )

    @property
    def rows(self) -> Iterator[Row]:
        """The months."""
        found, speech = self._found, self._speech
        for place, month in enumerate(found.months):
            costs = [cost.months[place] for cost in found.costs]
            down = found.down[place]
            yield Row(
                speech.month(month),
                speech.number(found.calls[place]),
                speech.number(Fraction(found.seconds[place], 3600), 1),
                tuple(Cell(self._money(each), lowest=each == min(costs)) for each in costs),
                "\u2013" if down is None else speech.number(down // 60),
            )

    @property
    def sums(self) -> Iterator[Sums]:
        """Totals, and what is usual where there are months enough."""
        found, say = self._found, self._speech.say
        watched = [down for down in found.down if down is not None]
        last = self._speech.number(sum(watched) // 60) if watched else "\u2013"
        yield Sums(say("All months"), tuple(self._money(cost.total) for cost in found.costs), last)
        worst = tuple(self._money(max(cost.months)) for cost in found.costs)
        if found.enough:
            for what, values in (
                (say("Half of them at most (P50)"), [cost.usual for cost in found.costs]),
                (say("Nine of ten at most (P90)"), [cost.dear for cost in found.costs]),
            ):
                yield Sums(what, tuple("" if each is None else self._money(each) for each in values))
        yield Sums(say("Dearest month"), worst)

    @property
    def sentences(self) -> Iterator[str]:
        """What is to be said of each rival."""
        for rival in self._found.rivals:
            yield " ".join(self._of(rival))

    def _of(self, rival: Rival) -> Iterator[str]:
        found, say, name = self._found, self._speech.say, rival.cost.name
        first, amount = found.first.name, self._money(abs(rival.saving))
        if rival.saving > 0:
            yield say("{plan}: {amount} less than {first}.", plan=name, amount=amount, first=first)
        else:
            yield say("{plan}: {amount} more than {first}.", plan=name, amount=amount, first=first)
        if len(rival.dearer) == len(found.months):
            yield say("Dearer in every month.")
        elif rival.dearer:
            names = tuple(self._speech.month_name(found.months[place]) for place in rival.dearer)
            yield say("Dearer in {months}.", months=self._speech.listed(names, 12))
        if rival.range is not None:
            yield self._range(rival.range.low, rival.range.high)
        yield from self._volumes(rival.break_even)
        if rival.cost.setup:
            fee, months = self._money(rival.cost.setup), self._speech.number(found.onboarding_months)
            yield say("Its setup fee of {fee} is spread over {months} months.", fee=fee, months=months)

    def _volumes(self, found: BreakEven | None) -> Iterator[str]:
        """With how many calls it is not dearer."""
        say = self._speech.say
        if found is None:
            return
        if found.always:
            yield say("With no number of such calls, up to four times as many, would it be dearer.")
        elif found.up_to is None and found.since is None and found.ever:
            yield say("With few and with many such calls it would be dearer.")
        elif found.up_to is None and found.since is None:
            yield say("It would be dearer with any number of such calls, up to four times as many.")
        elif found.up_to is not None:
            calls, hours = self._both(found.up_to)
            yield say(
                "Up to some {calls} such calls ({hours} h) a month it is not dearer.",
                calls=calls,
                hours=hours,
            )
        if found.since is not None and not found.always:
            calls, hours = self._both(found.since)
            yield say(
                "From some {calls} such calls ({hours} h) a month on it is not dearer.",
                calls=calls,
                hours=hours,
            )

    def _both(self, volume: CallVolume) -> tuple[str, str]:
        return self._speech.number(volume.calls, 1), self._speech.number(volume.hours, 1)

    def _range(self, low: Decimal, high: Decimal) -> str:
        """What nine of ten times like these would save, or cost."""
        say = self._speech.say
        if low < 0 < high:
            return say(
                "Drawn anew from these months, nine of ten such times would cost between {more} more "
                "and {less} less.",
                more=self._money(-low),
                less=self._money(high),
            )
        return say(
            "Drawn anew from these months, nine of ten such times would save between {low} and {high}.",
            low=self._money(low),
            high=self._money(high),
        )

    @property
    def downtime(self) -> str:
        """Beside the costs; empty without a rate of the client's own."""
        found, rate = self._found, self._found.downtime
        watched = [down for down in found.down if down is not None]
        if rate is None or not watched:
            return ""
        cost = rate.per_hour * sum(watched) / 3600
        return self._speech.say(
            "Beside the costs and no part of them: {minutes} minutes down in the agreed hours. "
            "At {rate} an hour, as {by} said on {day}, that is {cost}. "
            "How much of it another plan would have prevented, these records cannot tell.",
            minutes=self._speech.number(sum(watched) // 60),
            rate=self._money(rate.per_hour),
            by=rate.by,
            day=self._speech.day(rate.agreed),
            cost=self._money(cost.quantize(Decimal("0.01"))),
        )

    def _staff(self) -> Iterator[Staff]:
        for cost in self._found.costs:
            rates = (cost.rate.gross, cost.rate.net_of_cost, cost.rate.net_of_retail)
            yield Staff(cost.name, tuple("\u2013" if each is None else self._money(each) for each in rates))

    @property
    def terms(self) -> str:
        """All plans with their prices."""
        terms = Terms(self._speech)
        return self._speech.say(
            "The plans. {terms}.", terms=terms.of([cost.offer for cost in self._found.costs])
        )

    @property
    def legend(self) -> Iterator[Key]:
        """What bars and line stand for."""
        from mspctl.report.drawing.comparisonchart import bar_key, line_key  # noqa: PLC0415 - markupsafe comes with jinja2

        yield Key(bar_key(self._found.first.name), self._found.first.name)
        yield Key(line_key(self._best.cost.name), self._best.cost.name)

    @property
    def chart(self) -> "Markup":
        """Bars of the first plan under the line of the best rival."""
        from mspctl.report.drawing.comparisonchart import costs  # noqa: PLC0415 - as above

        months = [self._speech.short_month(month) for month in self._found.months]
        title = self._speech.say(
            "{first} as bars, {plan} as a line", first=self._found.first.name, plan=self._best.cost.name
        )
        bars, line = ([float(each) for each in cost.months] for cost in (self._found.first, self._best.cost))
        return costs(bars, line, months, title, self._speech)
