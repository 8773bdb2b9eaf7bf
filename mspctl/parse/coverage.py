"""Which hosts a contract is about: the shape of its `hosts`, and the names that it comes to."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from mspctl.errors import Problem
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.block import Block
from mspctl.parse.fields import Name
from mspctl.parse.node import Map, Step, dotted, place_of

if TYPE_CHECKING:
    from mspctl.model.inventory import FormerHost, Host

HostPattern = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[a-z0-9*?\[][a-z0-9*?\[\]!._-]{0,62}$")
]
"""A name, or a glob on names."""
_GLOB = frozenset("*?[")


class CoveredBlock(Block):
    """What is named adds up; `except` takes away from it, or from all hosts if nothing else is named."""

    sites: list[Name] | None = Field(None, description="all hosts of these sites")
    tags: list[Name] | None = Field(None, description="all hosts with one of these tags")
    names: list[HostPattern] | None = Field(None, description="these hosts; db* is each that begins so")
    spared: list[HostPattern] | None = Field(None, alias="except", description="but not these hosts")


def covered_names(block: CoveredBlock | None, hosts: Iterable["Host | FormerHost"]) -> frozenset[str] | None:
    """The names of the hosts it is about; None: all.

    A name that is no glob counts also if there is no such host: it may be one that has gone.
    """
    if block is None:
        return None
    sites, tags, names = block.sites or (), block.tags or (), block.names or ()
    everybody = not (sites or tags or names)
    chosen = {
        host.name
        for host in hosts
        if everybody
        or host.site in sites
        or not host.tags.isdisjoint(tags)
        or any(fnmatchcase(host.name, pattern) for pattern in names)
    }
    chosen |= {name for name in names if _exact(name)}
    return frozenset(
        name for name in chosen if not any(fnmatchcase(name, pattern) for pattern in block.spared or ())
    )


def while_held(
    hosts: Iterable["Host | FormerHost"], first: date | None, after: date | None
) -> tuple["Host | FormerHost", ...]:
    """Of a host that stands there twice, because it moved, what it was from `first` to before `after`."""
    known = tuple(hosts)
    counts = Counter(host.name for host in known)
    return tuple(
        host
        for host in known
        if counts[host.name] == 1
        or ((host.since or date.min) < (after or date.max) and last_day(host) > (first or date.min))
    )


def last_day(host: "Host | FormerHost") -> date:
    """The day from which on it is not there."""
    return getattr(host, "until", date.max)


@dataclass(frozen=True, slots=True)
class Written:
    """Where a block stands in a file."""

    root: Map
    file: str
    path: tuple[Step, ...]

    def problem(self, text: str, hint: str, *below: Step) -> Problem:
        """A problem with what stands below the block."""
        path = (*self.path, *below)
        return Problem(text, place_of(self.root, path, self.file), dotted(path), hint)


def covered_problems(
    block: CoveredBlock, hosts: Sequence["Host | FormerHost"], written: Written
) -> Iterator[Problem]:
    """Names that are not there, and words that choose nobody."""
    known = {host.name for host in hosts}
    words: tuple[tuple[str, str, Sequence[str], Collection[str]], ...] = (
        ("sites", "site", block.sites or (), {host.site for host in hosts}),
        ("tags", "tag", block.tags or (), {tag for host in hosts for tag in host.tags}),
        ("names", "host", block.names or (), known),
        ("except", "host", block.spared or (), known),
    )
    wrong = False
    for key, what, asked, there in words:
        for number, word in enumerate(asked):
            if not any(fnmatchcase(each, word) for each in there):
                wrong = True
                kind = f"no {what} `{word}` here" if _exact(word) else f"`{word}` is no host's name"
                yield written.problem(kind, did_you_mean(word, there), key, number)
    if not wrong and not covered_names(block, hosts):
        yield written.problem("the contract is about no host", "it leaves out all of them")


def _exact(word: str) -> bool:
    return not _GLOB & set(word)
