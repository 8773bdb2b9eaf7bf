"""Words about a call that its contract has no price or promise for: a typing error is no price."""

from collections.abc import Iterable, Iterator

from mspctl.desk.businesstime import local_day
from mspctl.desk.calls import Call
from mspctl.model.billing import NORMAL_WORK
from mspctl.model.contract import ONE, Contract, Travel, contract_on


def unpriced(contracts: tuple[Contract, ...], call: Call) -> tuple[str, ...]:
    """One sentence for each word. A client without prices is asked for none."""
    return tuple(_sentences(contracts, call)) if contracts else ()


def _sentences(contracts: tuple[Contract, ...], call: Call) -> Iterator[str]:
    day = local_day(contracts[0].hours, call.stretches[0].start if call.stretches else call.started)
    contract = contract_on(contracts, day)
    if contract is None:
        yield f"no contract with prices holds on {day}: nothing of call {call.number} is billed"
        return
    skills = contract.labour.skills if contract.labour else {}
    works = {NORMAL_WORK, *contract.excludes, *(contract.labour.work if contract.labour else ())}
    if call.skill and call.skill not in skills:
        yield f"the contract names no skill `{call.skill}`: the normal rate counts{_known(skills)}"
    if call.work not in works:
        yield f"the contract names no work `{call.work}`: it counts as {NORMAL_WORK}{_known(works)}"
    if call.priority and contract.targets and call.priority not in contract.targets:
        yield f"the contract promises nothing for `{call.priority}`{_known(contract.targets)}"

    if call.emergency and contract.surcharges.emergency == ONE:
        yield "the contract has no surcharge for an emergency"
    if (call.km or call.travel_seconds) and contract.travel == Travel():
        yield "the contract has no price for a visit: kilometres and the way are not billed"


def _known(names: Iterable[str]) -> str:
    words = sorted(names)
    return f" (it names {', '.join(words)})" if words else ""
