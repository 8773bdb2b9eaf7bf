"""The addresses that a user names: single ones, DNS names, networks as 10.0.0.0/28, lists in a file."""

import ipaddress
from collections.abc import Iterator, Sequence
from pathlib import Path

from mspctl.errors import ConfigurationError, Problem, UsageError
from mspctl.model.place import Place
from mspctl.parse.address import AddressError, canonical_address
from mspctl.parse.node import shown
from mspctl.parse.source import read_source

MOST = 1024
"""So many addresses in one call: a slip such as /8 for /28 shall not knock at strangers' doors."""


def named_addresses(texts: Sequence[str], file: Path | None = None) -> tuple[str, ...]:
    """Each address once, in the order in which it was named; of a network those that a computer can have.

    A file has one of them a line; what stands behind a `#` is left out.

    Raises:
        UsageError: one is no address and no network, or they are too many.
        ConfigurationError: the same of a line in the file, or it cannot be read.
    """
    found: dict[str, None] = {}
    for text in texts:
        try:
            found |= dict.fromkeys(_expanded(text))
        except AddressError as error:
            raise UsageError(f"`{shown(text)}`: {error}") from None
    if file is not None:
        found |= dict.fromkeys(_of_file(file))
    if len(found) > MOST:
        raise _too_many(len(found))
    return tuple(found)


def named_singly(texts: Sequence[str], file: Path | None = None) -> tuple[str, ...]:
    """Those that were named by themselves, not as a part of a network: somebody expects a computer there.

    Raises:
        AddressError: one is no address; `named_addresses` tells that better.
    """
    lines = [line.partition("#")[0].strip() for line in read_source(file).text.splitlines()] if file else []
    found = (canonical_address(text) for text in (*texts, *lines) if text and "/" not in text)
    return tuple(dict.fromkeys(found))


def _of_file(file: Path) -> Iterator[str]:
    source = read_source(file)
    problems = []
    for number, line in enumerate(source.text.splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            yield from _expanded(text)
        except AddressError as error:
            problems.append(Problem(f"`{shown(text)}`: {error}", Place(source.file, number, 1)))
    if problems:
        raise ConfigurationError.of(tuple(problems))


def _expanded(text: str) -> Iterator[str]:
    if "/" not in text:
        yield canonical_address(text)
        return
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        hint = f": {error}" if "host bits" in str(error) else ""
        raise AddressError(f"it is no network such as 10.0.0.0/24{hint}") from None
    if network.num_addresses > MOST:
        raise _too_many(network.num_addresses)
    yield from (canonical_address(str(address)) for address in network.hosts())


def _too_many(count: int) -> UsageError:
    hint = f"name at most {MOST} in one call; a second call adds to the first"
    return UsageError(f"{count} addresses are too many", hint=hint)
