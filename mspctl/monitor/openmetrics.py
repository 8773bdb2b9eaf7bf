"""The last round as OpenMetrics text, which Prometheus and its node exporter read as well."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from mspctl.model.monitoring import Phase, Sample, Seen, Standing
from mspctl.monitor.incidents import Incident

_HELP: Mapping[str, str] = {
    "mspctl_probe_up": "1 if the last answer was good or worth a warning",
    "mspctl_probe_seen": "1 for what was seen last",
    "mspctl_probe_phase": "1 for the phase in which the probe is",
    "mspctl_probe_seconds": "how long the last answer took",
    "mspctl_probe_value": "a number that the last answer held",
    "mspctl_incidents_open": "incidents that are open",
    "mspctl_round_timestamp_seconds": "when the last round ended",
}


def openmetrics(
    client: str,
    samples: Sequence[Sample],
    standings: Sequence[Standing],
    incidents: Sequence[Incident],
    at: datetime,
) -> str:
    """The text, with its end mark."""
    rows: dict[str, list[str]] = {name: [] for name in _HELP}
    for name, labels, value in _values(client, samples, standings):
        rows[name].append(_row(name, labels, value))
    taken = {"yes": 0, "no": 0}
    for incident in incidents:
        taken["yes" if incident.acknowledged else "no"] += 1
    for word, count in taken.items():
        name = "mspctl_incidents_open"
        rows[name].append(_row(name, {"client": client, "acknowledged": word}, count))
    name = "mspctl_round_timestamp_seconds"
    rows[name].append(_row(name, {"client": client}, at.timestamp()))
    lines: list[str] = []
    for name, each in rows.items():
        if each:
            lines += [f"# TYPE {name} gauge", f"# HELP {name} {_HELP[name]}", *each]
    return "\n".join([*lines, "# EOF", ""])


def _values(
    client: str, samples: Sequence[Sample], standings: Sequence[Standing]
) -> Iterator[tuple[str, Mapping[str, str], float]]:
    for sample in samples:
        labels = _labels(client, sample.key)
        yield "mspctl_probe_seconds", labels, round(sample.seconds, 6)
        for metric, value in dict(sample.metrics).items():  # twice the same row is no OpenMetrics
            yield "mspctl_probe_value", {**labels, "name": metric}, value
    for standing in standings:
        labels = _labels(client, standing.key)
        good = standing.seen in {Seen.UP, Seen.WARNING}
        yield "mspctl_probe_up", labels, int(good)
        for seen in Seen:
            yield "mspctl_probe_seen", {**labels, "seen": seen.value}, int(seen is standing.seen)
        for phase in Phase:
            yield "mspctl_probe_phase", {**labels, "phase": phase.value}, int(phase is standing.phase)


def _labels(client: str, key: str) -> Mapping[str, str]:
    probe, _, host = key.partition("@")
    return {"client": client, "probe": probe, "host": host}


def _row(name: str, labels: Mapping[str, str], value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value:g}" if isinstance(value, int) else f"{name}{{{told}}} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
