"""One round of questions at a client: every sample is judged, what it depends on first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mspctl.model.monitoring import (
    IncidentRecord,
    IncidentWord,
    Phase,
    Sample,
    Seen,
    Span,
    Standing,
)
from mspctl.monitor.incidents import Incident
from mspctl.monitor.judge import Circumstances, Judgement, is_bad, judge

GAP = timedelta(minutes=30)
"""If nobody asked for longer than this, the time between is not measured."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What has to be known about a key: what it lies behind, whether nothing about it counts now."""

    key: str
    down_after: int = 2
    behind: tuple[str, ...] = ()
    maintenance: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a round. `records` are new; those of number 0 open incidents."""

    standings: tuple[Standing, ...]
    records: tuple[IncidentRecord, ...]


class _Judging:
    """Judges each key once, whatever the order in which they depend on each other."""

    def __init__(
        self,
        samples: Mapping[str, Sample],
        subjects: Mapping[str, Subject],
        before: Mapping[str, Standing],
        incidents: Mapping[str, Incident],
        at: datetime,
    ) -> None:
        self._samples = samples
        self._subjects = subjects
        self._before = before
        self._incidents = incidents
        self._at = at
        self.done: dict[str, Judgement] = {}
        self._begun: set[str] = set()

    def judged(self, key: str) -> Judgement | None:
        """The judgement of a key; None if nothing was seen of it, or it waits for this one itself.

        A gate may depend on a probe of a host behind it: the two of them do not wait for each other.
        """
        if key not in self._begun and key in self._samples:
            self._begun.add(key)
            subject = self._subjects[key]
            behind = next((other for other in subject.behind if self._bad(other)), "")
            incident = self._incidents.get(key)
            around = Circumstances(
                subject.down_after, behind, subject.maintenance, incident.seen if incident else None
            )
            self.done[key] = judge(self._before.get(key), self._samples[key], self._at, around)
        return self.done.get(key)

    def _bad(self, key: str) -> bool:
        found = self.judged(key)
        return found is not None and (is_bad(found.standing) or found.standing.phase is Phase.HIDDEN)


def judge_round(
    client: str,
    samples: Sequence[Sample],
    subjects: Mapping[str, Subject],
    before: Mapping[str, Standing],
    incidents: Mapping[str, Incident],
    at: datetime,
) -> Round:
    """Judge all samples of a client; `incidents` are the open ones, by key.

    What nothing was seen of stays as it was; what is not watched any more is forgotten, its incident closed.
    """
    counted = [each for each in samples if not each.absent or each.key in before]
    judging = _Judging({each.key: each for each in counted}, subjects, before, incidents, at)
    for sample in counted:
        judging.judged(sample.key)
    kept = {key: each for key, each in before.items() if key in subjects}
    kept |= {key: each.standing for key, each in judging.done.items()}
    records = [
        *_records(client, judging.done, incidents, at),
        *(
            _record(incident, client, IncidentWord.CLOSED, at, (Seen.UP, "it is not watched any more"))
            for key, incident in incidents.items()
            if key not in subjects
        ),
    ]
    return Round(tuple(kept[key] for key in sorted(kept)), tuple(records))


def _records(
    client: str, done: Mapping[str, Judgement], incidents: Mapping[str, Incident], at: datetime
) -> Iterator[IncidentRecord]:
    for key, each in done.items():
        standing = each.standing
        told = (standing.seen, standing.detail)
        evidence = standing.history
        if each.opens:
            text = f"{'flapping: ' if standing.phase is Phase.FLAPPING else ''}{standing.detail}"
            yield IncidentRecord(
                0, client, key, IncidentWord.OPENED, at, standing.seen, text, evidence=evidence
            )
        elif each.worsens:
            yield _record(incidents[key], client, IncidentWord.WORSENED, at, told, evidence)
        elif each.closes:
            yield _record(incidents[key], client, IncidentWord.CLOSED, at, told, evidence)


def _record(
    incident: Incident,
    client: str,
    word: IncidentWord,
    at: datetime,
    told: tuple[Seen, str],
    evidence: str = "",
) -> IncidentRecord:
    seen, text = told
    return IncidentRecord(incident.number, client, incident.key, word, at, seen, text, evidence=evidence)


def spans_of(
    client: str, standings: Sequence[Standing], last: Mapping[str, Span], at: datetime
) -> Iterator[Span]:
    """How the stretches of time go on: what was seen last held until now, unless nobody looked for long."""
    for each in standings:
        if each.at != at:
            continue
        seen = each.phase.value if each.phase in {Phase.MAINTENANCE, Phase.HIDDEN} else each.seen.value
        before = last.get(each.key)
        if before is not None and before.ends <= at <= before.ends + GAP:
            yield Span(client, each.key, before.seen, before.begins, at)
            if before.seen == seen:
                continue
        yield Span(client, each.key, seen, at, at)
