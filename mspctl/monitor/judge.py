"""The state machine of one probe: how bad answers become an incident, and how it ends.

    up ──bad──▶ pending ──bad, `down_after` times in a row──▶ down (an incident opens) ──up──▶ up (it closes)

While what it depends on is bad, it is `hidden`; while a maintenance window is open, `maintenance`: neither
counts for or against it. One that goes to and fro is `flapping`: one incident, until it has been calm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from mspctl.model.monitoring import Phase, Sample, Seen, Standing

KEPT = 20
"""How many samples are remembered."""
FLAPS = 6
CALM = 2
"""So many changes among the remembered samples make it flap; so few end that."""
LETTERS: Mapping[Seen, str] = {Seen.UP: "U", Seen.WARNING: "W", Seen.DOWN: "D", Seen.UNKNOWN: "?"}
_NOT_COUNTED = "m"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else is so when a sample is judged.

    `behind` names the bad probe that it depends on. `open_as` is how bad the open incident of this key was
    last said to be, None if there is none.
    """

    down_after: int = 2
    behind: str = ""
    maintenance: bool = False
    open_as: Seen | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a sample. `opens`, `worsens` or `closes` an incident, or none of these."""

    standing: Standing
    opens: bool = False
    worsens: bool = False
    closes: bool = False


def judge(before: Standing | None, sample: Sample, at: datetime, around: Circumstances) -> Judgement:
    """The next standing of the sample's key."""
    history = before.history if before else ""
    if not sample.seen.good and (around.maintenance or around.behind):
        return Judgement(_set_aside(before, sample, at, around, history))
    history = (history + LETTERS[sample.seen])[-KEPT:]
    failures = 0 if sample.seen.good else (before.failures if before else 0) + 1
    flapping = _flaps(history, was=before is not None and before.phase is Phase.FLAPPING)
    phase = _phase(failures, around, flapping=flapping)
    standing = _standing(before, sample, at, phase, (failures, history))
    bad = phase in {Phase.DOWN, Phase.FLAPPING}
    return Judgement(
        standing,
        opens=bad and not sample.seen.good and around.open_as is None,
        worsens=bad and around.open_as is not None and sample.seen.weight > around.open_as.weight,
        closes=phase is Phase.UP and around.open_as is not None,
    )


def _phase(failures: int, around: Circumstances, *, flapping: bool) -> Phase:
    if flapping:
        return Phase.FLAPPING
    if not failures:
        return Phase.UP
    if failures >= around.down_after or around.open_as is not None:
        return Phase.DOWN
    return Phase.PENDING


def _set_aside(
    before: Standing | None, sample: Sample, at: datetime, around: Circumstances, history: str
) -> Standing:
    phase = Phase.MAINTENANCE if around.maintenance else Phase.HIDDEN
    standing = _standing(before, sample, at, phase, (0, (history + _NOT_COUNTED)[-KEPT:]))
    if not around.behind:
        return standing
    detail = f"behind {around.behind}: {sample.detail}"
    return Standing(standing.key, phase, sample.seen, standing.since, at, 0, standing.history, detail)


def _standing(
    before: Standing | None, sample: Sample, at: datetime, phase: Phase, counted: tuple[int, str]
) -> Standing:
    same = before is not None and before.phase is phase
    since = before.since if before is not None and same else at
    failures, history = counted
    return Standing(sample.key, phase, sample.seen, since, at, failures, history, sample.detail)


def _flaps(history: str, *, was: bool) -> bool:
    """How often good and bad took turns among what counts."""
    good = [letter == LETTERS[Seen.UP] for letter in history if letter != _NOT_COUNTED]
    changes = sum(one != other for one, other in pairwise(good))
    return changes > CALM if was else changes >= FLAPS


def is_bad(standing: Standing) -> bool:
    """True if what depends on it cannot be judged: its own trouble is enough."""
    return standing.seen in {Seen.DOWN, Seen.UNKNOWN}
