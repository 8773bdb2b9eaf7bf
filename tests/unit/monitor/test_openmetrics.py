"""What is written is what Prometheus' own parsers read, in both of its formats."""

from datetime import UTC, datetime

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

from mspctl.model.monitoring import (
    IncidentRecord,
    IncidentWord,
    Phase,
    Sample,
    Seen,
    Standing,
)
from mspctl.monitor.incidents import folded
from mspctl.monitor.openmetrics import openmetrics

AT = datetime(2026, 11, 24, 8, tzinfo=UTC)
MOUNT = 'disk.used:/srv/"odd" \\ name\nx'


def test_both_parsers_read_it() -> None:
    samples = [
        Sample("web", Seen.UP, "", 0.25),
        Sample("disks@web1", Seen.WARNING, "", 1.5, (("load.5", 0.07), (MOUNT, 1e15), ("load.5", 0.08))),
    ]
    standings = [
        Standing("web", Phase.UP, Seen.UP, AT, AT),
        Standing("disks@web1", Phase.PENDING, Seen.WARNING, AT, AT),
        Standing("mail", Phase.DOWN, Seen.DOWN, AT, AT),
    ]
    opened = IncidentRecord(1, "acme", "mail", IncidentWord.OPENED, AT, Seen.DOWN)
    text = openmetrics("acme", samples, standings, folded([opened]), AT)
    for read in (read_openmetrics, read_prometheus):
        values = {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in read(text)
            for sample in family.samples
        }

        def value(metric: str, /, values: dict[tuple[object, ...], float] = values, **labels: str) -> float:
            return values[(metric, *sorted({"client": "acme", **labels}.items()))]

        assert value("mspctl_probe_up", probe="web", host="") == 1
        assert value("mspctl_probe_up", probe="disks", host="web1") == 1
        assert value("mspctl_probe_up", probe="mail", host="") == 0
        assert value("mspctl_probe_phase", probe="disks", host="web1", phase="pending") == 1
        assert value("mspctl_probe_value", probe="disks", host="web1", name=MOUNT) == 1e15
        assert value("mspctl_probe_seconds", probe="web", host="") == 0.25
        assert value("mspctl_incidents_open", acknowledged="no") == 1
        assert value("mspctl_incidents_open", acknowledged="yes") == 0
        assert value("mspctl_round_timestamp_seconds") == AT.timestamp()
