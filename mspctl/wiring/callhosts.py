"""The hosts of calls: that they are there, and whether the contract is about those that were worked on."""

from collections.abc import Iterable, Iterator

from mspctl.desk.businesstime import local_day
from mspctl.desk.calls import Call
from mspctl.errors import UsageError
from mspctl.model.contract import Contract, contract_on
from mspctl.model.inventory import Client
from mspctl.model.suggestion import did_you_mean
from mspctl.ports import RunStore


def check_hosts(client: Client, names: Iterable[str]) -> None:
    """Raises UsageError: the client has no host of one of these names."""
    known = {host.name for host in client.hosts} | {host.name for host in client.former}
    for name in names:
        if name not in known:
            raise UsageError(f"{client.slug} has no host {name}", hint=did_you_mean(name, known))


def unnamed_hosts(store: RunStore, client: Client, calls: Iterable[Call]) -> Iterator[tuple[Call, str]]:
    """Calls that name no host, with each host that was at work in them and is not in the contract.

    Such a call counts as covered, and only a person knows whether it was about that host.
    """
    for call in calls:
        contract = _contract(client, call)
        if call.hosts or contract is None or contract.hosts is None:
            continue
        seen = {
            host.host.partition("/")[2]
            for stretch in call.raw
            for run in store.runs(client=client.slug, since=stretch.start, until=stretch.end)
            for host in run.hosts
        }
        yield from ((call, name) for name in sorted(seen - contract.hosts))


def unnamed_text(call: Call, host: str) -> str:
    """For the technician, with the command that says it."""
    return (
        f"call {call.number} ran on {host}, which the contract is not about, and counts as covered:"
        f" if it was about {host}, `mspctl call edit {call.number} --host {host} --reason …`"
    )


def _contract(client: Client, call: Call) -> Contract | None:
    if not call.raw or not client.contracts:
        return None
    return contract_on(client.contracts, local_day(client.contracts[0].hours, call.started))
