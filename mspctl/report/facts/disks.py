"""What a host said of its file systems in a run; only what can be a number counts."""

from collections.abc import Sequence
from datetime import datetime

from mspctl.model.event import Report, ReportKind
from mspctl.model.run import HostRun, Run
from mspctl.report.facts.summary import DiskUse

_MODULE = "disk"
_PERCENT = "disk.percent:"
_MAX_DISKS = 200
_MAX_DIGITS = 18


def disk_use(run: Run, host: HostRun) -> tuple[DiskUse, ...]:
    """The file systems of the last look of this run, by name; empty if there was none."""
    for step in reversed(host.steps):
        if step.module == _MODULE:
            found = _disks(step.reports, run.id, host.finished or run.started)
            if found:
                return found
    return ()


def _disks(reports: Sequence[Report], run: str, at: datetime) -> tuple[DiskUse, ...]:
    values = {report.name: _number(report.value) for report in reports if report.kind is ReportKind.METRIC}
    mounts = [name.removeprefix(_PERCENT) for name in values if name.startswith(_PERCENT)]
    return tuple(
        DiskUse(
            mount,
            percent,
            values.get(f"disk.size:{mount}"),
            _share(values.get(f"disk.inodes:{mount}")),
            run,
            at,
        )
        for mount in sorted(mounts)[:_MAX_DISKS]
        if (percent := _share(values[_PERCENT + mount])) is not None
    )


def _number(text: str) -> int | None:
    """None for what no honest host says."""
    plain = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    return int(text) if plain else None


def _share(value: int | None) -> int | None:
    return value if value is not None and value <= 100 else None  # noqa: PLR2004 - percent
