"""Reads a file of plans."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.comparison import BlockOffer, DowntimeRate, Offer, Plans
from mspctl.model.inventory import FormerHost, Host
from mspctl.model.place import Place
from mspctl.parse.contracts import priced_contract
from mspctl.parse.coverage import Written, covered_problems
from mspctl.parse.node import Map
from mspctl.parse.planfiles import PlanBlock, PlansFile
from mspctl.parse.source import Source, read_source
from mspctl.parse.validate import validate
from mspctl.parse.yaml import parse_yaml

_MAX_BYTES = 256 * 1024


def read_plans(path: Path, timezone: str, hosts: Sequence[Host | FormerHost] = ()) -> Plans:
    """The plans of a file, in the client's time zone, about its hosts.

    Raises:
        ConfigurationError: everything that is wrong with it.
    """
    return parse_plans(read_source(path, file=path.name, max_bytes=_MAX_BYTES), timezone, hosts)


def parse_plans(source: Source, timezone: str, hosts: Sequence[Host | FormerHost] = ()) -> Plans:
    """As `read_plans`, of what was read."""
    root = parse_yaml(source)
    file = validate(PlansFile, root, source.file)
    if isinstance(file, tuple):
        raise ConfigurationError.of(file)
    currencies = {block.currency for block in file.plans.values()}
    unpriced = [name for name, block in file.plans.items() if not block.priced]
    problems = [Problem(f"the plan {name} has no prices", Place(source.file), name) for name in unpriced]
    if len(currencies) > 1 and not problems:
        told = ", ".join(sorted(map(str, currencies)))
        problems.append(Problem(f"the plans have several currencies: {told}", Place(source.file)))
    problems += _host_problems(file, root, source.file, hosts)
    if problems:
        raise ConfigurationError.of(tuple(problems))
    downtime = file.downtime
    return Plans(
        tuple(_offer(name, block, timezone, hosts) for name, block in file.plans.items()),
        file.onboarding_months or 12,
        DowntimeRate(downtime.per_hour, downtime.agreed, downtime.by) if downtime else None,
    )


def _host_problems(
    file: PlansFile, root: Map, name: str, hosts: Sequence[Host | FormerHost]
) -> Iterator[Problem]:
    for plan, block in file.plans.items():
        if block.hosts is not None:
            yield from covered_problems(block.hosts, hosts, Written(root, name, ("plans", plan, "hosts")))


def _offer(name: str, block: PlanBlock, timezone: str, hosts: Sequence[Host | FormerHost]) -> Offer:
    offer = block.block
    contract = priced_contract(block.model_copy(update={"since": date.min, "blocks": None}), timezone, hosts)
    return Offer(
        block.title or name,
        contract,
        BlockOffer(offer.hours, offer.price, offer.valid_months) if offer else None,
    )
