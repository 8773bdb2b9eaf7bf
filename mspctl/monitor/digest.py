"""One text for all that happened since the last one: never a message for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from mspctl.model.monitoring import IncidentRecord, IncidentWord, Seen
from mspctl.monitor.incidents import Incident

TOLD = frozenset({IncidentWord.OPENED, IncidentWord.WORSENED, IncidentWord.CLOSED})
"""What is worth a message."""
_MOST = 40
"""Lines of each part; what is more is counted."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What to tell; `last` is the last record in it."""

    title: str
    body: str
    last: int


def digest(
    name: str, records: Sequence[IncidentRecord], incidents: Sequence[Incident], zone: tzinfo
) -> Digest | None:
    """The digest of these records of one client; None if there is nothing to tell.

    An incident that opened and closed meanwhile is told once, as over.
    """
    told = [record for record in records if record.word in TOLD]
    if not told:
        return None
    by_number = {each.number: each for each in incidents}
    touched = [by_number[number] for number in dict.fromkeys(record.number for record in told)]
    opened = [each for each in touched if each.closed is None]
    over = [each for each in touched if each.closed is not None]
    still = [each for each in incidents if each.closed is None and each not in opened]
    parts = ((opened, "open"), (over, "over"), (still, "open from before"))
    counts = [f"{len(part)} {word}" for part, word in parts if part]
    lines = [
        *_part("Open", opened, zone),
        *_part("Over", over, zone),
        *_part("Open since before", still, zone),
    ]
    return Digest(f"{name}: {', '.join(counts)}", "\n".join(lines), max(record.seq for record in records))


def _part(title: str, incidents: Sequence[Incident], zone: tzinfo) -> list[str]:
    if not incidents:
        return []
    worst = sorted(incidents, key=lambda each: (-each.seen.weight, each.number))
    lines = [f"{title}:", *(f"  {_line(each, zone)}" for each in worst[:_MOST])]
    if len(worst) > _MOST:
        lines.append(f"  and {len(worst) - _MOST} more")
    return lines


def _line(incident: Incident, zone: tzinfo) -> str:
    times = f"since {_time(incident.opened, zone)}"
    if incident.closed is not None:
        minutes = int((incident.closed - incident.opened).total_seconds() // 60)
        times = f"from {_time(incident.opened, zone)}, {minutes} min"
    word = "down" if incident.seen is Seen.DOWN else incident.seen.value
    taken = incident.acknowledged
    more = f", {taken.author} takes care of it" if taken and incident.closed is None else ""
    return f"#{incident.number} {incident.key} {word} {times}{more}: {incident.detail}"


def _time(at: datetime, zone: tzinfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %H:%M} {local.tzname()}"
