"""The terms of a plan in words, so that whoever reads a comparison sees what it was made with."""

from collections.abc import Iterator
from decimal import Decimal

from mspctl.model.comparison import Offer
from mspctl.model.contract import Contract, Labour, Subscription
from mspctl.report.speech import Speech


class Terms:
    """Speaks of plans in one language."""

    def __init__(self, speech: Speech) -> None:
        self._speech = speech

    def of(self, offer: Offer) -> str:
        """Such as `care: 85 € for each server, 900 € once; project is billed`."""
        return f"{offer.name}: {'; '.join(self._parts(offer))}"

    def _parts(self, offer: Offer) -> Iterator[str]:
        contract, say = offer.contract, self._speech.say
        if contract.subscription is not None:
            yield from self._fee(contract.subscription, contract)
        if contract.retainer is not None:
            yield say("{fee} a month, worked off", fee=self._money(contract.retainer.fee, contract))
        if offer.block is not None:
            hours, price = self._number(offer.block.hours), self._money(offer.block.price, contract)
            yield say("blocks of {hours} h for {price}", hours=hours, price=price)
        if contract.included is not None:
            yield say("{hours} h a month are in it", hours=self._number(contract.included.hours))
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
                "{price} for each {kind}", price=self._money(tiers[0].price, contract), kind=self._kind(kind)
            )
            for tier in tiers[1:]:
                price = self._money(tier.price, contract)
                yield say("{price} above {count}", price=price, count=self._speech.number(tier.above))
        if fee.minimum:
            yield say("at least {fee} a month", fee=self._money(fee.minimum, contract))
        if fee.setup_fee:
            yield say("{fee} once for the setup", fee=self._money(fee.setup_fee, contract))

    def _kind(self, kind: str) -> str:
        """What is counted, in the reader's language if it is one of the usual ones."""
        say = self._speech.say
        usual = {
            "server": say("server"),
            "critical": say("critical computer"),
            "workstation": say("workstation"),
            "network": say("network device"),
            "user": say("user"),
        }
        return usual.get(kind, kind)

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

    def _money(self, amount: Decimal, contract: Contract) -> str:
        return self._speech.money(amount, contract.currency)

    def _number(self, value: Decimal) -> str:
        return self._speech.number(value, max(0, -int(value.normalize().as_tuple().exponent)))
