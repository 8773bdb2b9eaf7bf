"""The incidents of a client's month, for its report."""

from collections.abc import Iterable

from mspctl.model.inventory import Client
from mspctl.model.monitoring import CERTIFICATE, REACH, IncidentRecord
from mspctl.monitor.incidents import Incident, folded
from mspctl.report.facts.period import Period
from mspctl.report.facts.service import IncidentLine


def incidents_in(
    client: Client, records: Iterable[IncidentRecord], period: Period
) -> tuple[IncidentLine, ...]:
    """Those that were open at any time of it, the first first. What closed later was open at its end."""
    found = (each for each in folded(records) if each.opened < period.until)
    ours = (each for each in found if each.closed is None or each.closed > period.start)
    return tuple(_line(client, each, period) for each in sorted(ours, key=lambda each: each.opened))


def _line(client: Client, incident: Incident, period: Period) -> IncidentLine:
    probe, _, host = incident.key.partition("@")
    keys = {each.name: each.key for each in client.hosts}
    probes = client.monitoring.probes if client.monitoring else ()
    names = {each.name: each.service or each.name for each in probes}
    name, _, kind = probe.partition(":")
    what = "" if name == REACH else names.get(name, name)
    closed = incident.closed if incident.closed and incident.closed <= period.until else None
    told = f"{what} ({kind})" if kind == CERTIFICATE else what
    return IncidentLine(incident.number, keys.get(host, ""), told, incident.opened, closed)
