"""Incidents that run a playbook: each time is counted before it is begun, and they are few."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from mspctl.model.monitoring import Heal, IncidentRecord, IncidentWord, Phase
from mspctl.monitor.incidents import Incident, folded
from mspctl.wiring.app import App
from mspctl.wiring.monitoring import Watched, host_of_key

Start = Callable[[Sequence[str]], int]
"""Runs a command line of mspctl to its end; its exit code."""


def heal(app: App, watched: Watched, start: Start) -> tuple[IncidentRecord, ...]:
    """Run the playbooks of open incidents that nobody has acknowledged; what was written down.

    Raises:
        StorageError: it cannot be written down; then nothing is run.
    """
    found = tuple(_due(watched))
    if not found:
        return ()
    written: list[IncidentRecord] = []
    with closing(app.open_store()) as store:
        book = store.watch_book()
        for incident, plan, host in found:
            past = folded(book.records([watched.client.slug]))
            if _times(past, incident.key, watched.at - timedelta(seconds=plan.within)) >= plan.times:
                continue
            text = f"{plan.playbook} on {host}"
            record = IncidentRecord(
                incident.number, incident.client, incident.key, IncidentWord.HEALING, app.clock.now(),
                incident.seen, text,
            )  # fmt: skip
            written.append(book.tell(record))
            code = start(("run", "--client", incident.client, "--limit", host, plan.playbook))
            ended = replace(record, word=IncidentWord.NOTED, at=app.clock.now())
            written.append(book.tell(replace(ended, text=f"{text} ended with exit code {code}")))
    return tuple(written)


def _due(watched: Watched) -> Iterator[tuple[Incident, Heal, str]]:
    probes = {probe.name: probe for probe in watched.monitoring.probes}
    phases = {standing.key: standing.phase for standing in watched.standings}
    for incident in watched.incidents:
        probe = probes.get(incident.key.partition("@")[0])
        if probe is None or probe.heal is None or incident.acknowledged is not None:
            continue
        host = host_of_key(incident.key, probe, watched.client) or probe.heal.limit
        if host and phases.get(incident.key) in {Phase.DOWN, Phase.FLAPPING}:
            yield incident, probe.heal, host


def _times(incidents: Sequence[Incident], key: str, since: datetime) -> int:
    return sum(
        record.at >= since for incident in incidents if incident.key == key for record in incident.healings
    )
