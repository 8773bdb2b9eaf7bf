"""What runs have seen of backups that others make: how good, of when, how large. None of it is proven."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

STATE_MODULE = "backup-state"
_SEEN, _VERDICT, _AGE, _BYTES = "foreign.seen", "foreign.verdict:", "foreign.age:", "foreign.bytes:"
_WELL = "ok"


@dataclass(frozen=True, slots=True)
class ForeignState:
    """One of them as a run has seen it; None is what nobody knows."""

    name: str
    verdict: str
    """`ok`, `failed`, `too old`, `unknown`; `not measured` if no run has looked."""
    made: datetime | None = None
    size: int | None = None


NOT_MEASURED = "not measured"


def foreign_states(
    facts: Mapping[str, str], metrics: Mapping[str, int], at: datetime
) -> tuple[ForeignState, ...]:
    """What a run that looked at `at` says; an age is a difference, whatever the host's clock says."""
    told = {name.removeprefix(_VERDICT): word for name, word in facts.items() if name.startswith(_VERDICT)}
    well = dict.fromkeys(facts.get(_SEEN, "").split(), _WELL)
    return tuple(
        ForeignState(name, verdict, _made(metrics.get(_AGE + name), at), metrics.get(_BYTES + name))
        for name, verdict in (well | told).items()
    )


def _made(age: int | None, at: datetime) -> datetime | None:
    if age is None:
        return None
    try:
        return at - timedelta(seconds=age)
    except OverflowError:
        return None


def last_made(states: Collection[ForeignState], apart: Collection[str]) -> datetime | None:
    """When the newest good one was made; what lies on the disk of the data counts only if all does."""
    good = [each for each in states if each.verdict == _WELL and each.made is not None]
    return max(_times(each for each in good if each.name in apart), default=max(_times(good), default=None))


def _times(states: Collection[ForeignState] | Iterator[ForeignState]) -> Iterator[datetime]:
    return (each.made for each in states if each.made is not None)


def whole_size(states: Collection[ForeignState]) -> int | None:
    """Bytes in all of them together, None if one of them does not say."""
    sizes = [each.size for each in states if each.size is not None]
    return sum(sizes) if sizes and len(sizes) == len(states) else None
