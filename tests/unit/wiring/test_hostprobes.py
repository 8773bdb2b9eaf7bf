"""What a host says of itself is no number of ours until it is one."""

from datetime import UTC, datetime

import pytest

from mspctl.model.event import Report, ReportKind
from mspctl.model.monitoring import Probe, ProbeKind, Sample, Seen, VolumeDay
from mspctl.model.outcome import Forecast, Outcome, StepStatus
from mspctl.model.run import HostRun, StepRun
from mspctl.wiring.hostprobes import host_samples
from mspctl.wiring.monitoring import fullest

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e400", "-5", "1e30", "many"])
def test_a_host_that_lies_about_its_disk_stops_no_round(value: str) -> None:
    told = {"disk.used:/": value, "disk.size:/": "1000", "disk.used:/srv": "7", "disk.size:/srv": "10"}
    reports = tuple(Report(ReportKind.METRIC, name, text) for name, text in told.items())
    step = StepRun(0, "disks", "disk", StepStatus.OK, forecast=Forecast.NO_CHANGE, reports=reports)
    row = HostRun("acme/web1", "hq", outcome=Outcome.OK, steps=(step,))
    samples: tuple[Sample, ...] = tuple(
        host_samples("web1", row, (Probe("disks", ProbeKind.MODULE, module="disk"),))
    )
    assert [each.seen for each in samples] == [Seen.UP, Seen.UP]
    assert fullest(samples, (), NOW) == (VolumeDay("web1", "/srv", "2026-11-29", 7, 10),)
