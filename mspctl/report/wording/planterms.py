"""The terms of a plan in words, so that whoever reads a comparison sees what it was made with."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from mspctl.model.comparison import Offer
from mspctl.model.contract import Contract, Counting, Labour, Subscription
from mspctl.report.wording.speech import Speech


def kind_word(kind: str, speech: Speech) -> str:
    """What is counted, in the reader's language if it is one of the usual ones."""
    say = speech.say
    usual = {
        "server": say("server"),
        "critical": say("critical computer"),
        "workstation": say("workstation"),
        "network": say("network device"),
        "user": say("user"),
    }
    return usual.get(kind, kind)


class Terms:
    """Speaks of plans in one language."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    def of(self, offers: Sequence[Offer]) -> str:
        """Such as `care: 85 € for each server; 900 € once`, and once what holds for all of them."""
        told = {offer.name: tuple(self._parts(offer)) for offer in offers}
        first, *others = told.values()
        shared = tuple(part for part in first if all(part in parts for parts in others))
        alone = (self._speech.say("only what holds for all"),)
        plans = [
            f"{name}: {'; '.join([part for part in parts if part not in shared] or alone)}"
            for name, parts in told.items()
        ]
        if shared:
            plans.append(self._speech.say("All of them: {terms}", terms="; ".join(shared)))
        return ". ".join(plans)

    def _parts(self, offer: Offer) -> Iterator[str]:
        contract, say = offer.contract, self._speech.say
        if contract.subscription is not None:
            yield from self._fee(contract.subscription, contract)
        if contract.retainer is not None:
            yield say("{fee} a month, worked off", fee=self._money(contract.retainer.fee, contract))
            yield from self._kept(contract.retainer.rollover_months)
        if offer.block is not None:
            hours, price = self._number(offer.block.hours), self._money(offer.block.price, contract)
            yield say("blocks of {hours} h for {price}", hours=hours, price=price)
            if offer.block.months:
                yield self._speech.many(
                    "good for {count} month", "good for {count} months", offer.block.months
                )
        if contract.included is not None:
            yield say("{hours} h a month are in it", hours=self._number(contract.included.hours))
            yield from self._kept(contract.included.rollover_months)
        if contract.labour is not None:
            yield from self._labour(contract.labour, contract)
            yield from self._extras(contract)
        if contract.excludes and contract.labour is not None:
            yield say("billed beside it: {work}", work=", ".join(sorted(contract.excludes)))

    def _fee(self, fee: Subscription, contract: Contract) -> Iterator[str]:
        say = self._speech.say
        if fee.flat:
            yield say("{fee} a month", fee=self._money(fee.flat, contract))
        for kind, tiers in fee.per.items():
            yield say(
                "{price} for each {kind}",
                price=self._money(tiers[0].price, contract),
                kind=kind_word(kind, self._speech),
            )
            for tier in tiers[1:]:
                price = self._money(tier.price, contract)
                yield say("{price} above {count}", price=price, count=self._speech.number(tier.above))
        if fee.minimum:
            yield say("at least {fee} a month", fee=self._money(fee.minimum, contract))
        if fee.setup_fee:
            yield say("{fee} once for the setup", fee=self._money(fee.setup_fee, contract))

    def _labour(self, labour: Labour, contract: Contract) -> Iterator[str]:
        say = self._speech.say
        if labour.incident is not None:
            yield say("{price} for each call", price=self._money(labour.incident, contract))
            return
        yield say(
            "{rate} an hour in steps of {step} min, at least {least} min",
            rate=self._money(labour.rate, contract),
            step=labour.increment // 60,
            least=max(labour.minimum, labour.increment) // 60,
        )
        if labour.per is Counting.ENTRY:
            yield say("each stretch of work by itself")
        elif labour.per is Counting.DAY:
            yield say("all work of a day together")
        yield from (f"{skill} {self._money(rate, contract)}" for skill, rate in labour.skills.items())
        yield from (f"{work} \u00d7 {self._number(factor)}" for work, factor in labour.work.items())

    def _kept(self, months: int) -> Iterator[str]:
        if months:
            yield self._speech.many(
                "what is left is kept for {count} month", "what is left is kept for {count} months", months
            )

    def _extras(self, contract: Contract) -> Iterator[str]:
        say, more, travel = self._speech.say, contract.surcharges, contract.travel
        factors = (
            (say("after hours"), more.after_hours),
            (say("on holidays"), more.holiday),
            (say("emergencies"), more.emergency),
        )
        told = [f"{words} \u00d7 {self._number(factor)}" for words, factor in factors if factor != 1]
        if told:
            yield ", ".join(told)
        if travel.fee or travel.per_km:
            fee, km = self._money(travel.fee, contract), self._money(travel.per_km, contract)
            yield say("visits {fee} and {km} a kilometre", fee=fee, km=km)
        if travel.time:
            yield say("the way at {share} of the rate", share=self._speech.percent(travel.time))

    def _money(self, amount: Decimal, contract: Contract) -> str:
        return self._speech.money(amount, contract.currency)

    def _number(self, value: Decimal) -> str:
        return self._speech.number(value, max(0, -int(value.normalize().as_tuple().exponent)))
