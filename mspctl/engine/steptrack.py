"""Turns the frames and the output of one host into events, and keeps what the verdict needs.

What a host says is text, never more: numbers are checked, sizes are bounded, statements about steps that were
not sent are dropped. A lying host can only spoil its own row.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mspctl.engine.frames import Frame
from mspctl.model.event import (
    Event,
    Report,
    ReportKind,
    StepEnded,
    StepOutput,
    StepReported,
    StepStarted,
)
from mspctl.model.outcome import Forecast, StepStatus

MAX_REPORTS = 20_000
MAX_FIELD = 8 * 1024
MAX_KEPT = 256
_KEPT_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KINDS: Mapping[str, ReportKind] = {kind.value: kind for kind in ReportKind}
_VALUED = frozenset({ReportKind.FACT, ReportKind.METRIC, ReportKind.KEPT})
_STATUSES: Mapping[str, StepStatus] = {status.value: status for status in StepStatus}
_FORECASTS: Mapping[str, Forecast] = {forecast.value: forecast for forecast in Forecast}


@dataclass(slots=True)
class StepTrack:
    """Follows the steps of one host over all its bundles and links."""

    host: str
    steps: int
    """How many steps the whole bundle has."""
    check_mode: bool = False
    current: int = -1
    statuses: dict[int, StepStatus] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    """What steps keep for those after a reboot: lines of text, for the same host's shell and nobody else."""
    last_word: Frame | None = None
    """The worker's `Z` frame: how it ended."""
    _started: float = 0.0
    _reports: int = 0
    _kept: list[Report] = field(default_factory=list)

    def output(self, chunk: bytes) -> Iterator[Event]:
        """Plain output belongs to the step that runs."""
        yield StepOutput(self.host, self.current, chunk)

    def frame(self, frame: Frame) -> Iterator[Event]:
        """The events of one worker frame; unknown or impossible ones yield nothing."""
        match frame.verb:
            case "S":
                yield from self._start(frame)
            case "R":
                yield from self._report(frame)
            case "C":
                self._kept.clear()
            case "E":
                yield from self._end(frame)
            case "Z":
                self.last_word = frame

    def keep(self, report: Report) -> None:
        """Remember a kept value; other reports, and more than there is room for, are none."""
        room = report.name in self.kept or len(self.kept) < MAX_KEPT
        if report.kind is ReportKind.KEPT and room and _KEPT_NAME.fullmatch(report.name):
            self.kept[report.name] = report.value.replace("\n", " ")

    def interrupt(self, reason: str) -> Iterator[Event]:
        """The bundle ended in the middle of a step: that step has failed, and says why."""
        if self.current >= 0 and self.current not in self.statuses:
            yield from self._close(StepStatus.FAILED, reason, 0.0, None)

    def overrule(self, index: int, reason: str, kept: Report) -> Iterator[Event]:
        """What a step said has turned out to be wrong: it has failed. `kept` is for who resumes the run."""
        self.statuses[index], self.reasons[index] = StepStatus.FAILED, reason
        yield StepReported(self.host, index, kept)
        yield StepEnded(self.host, index, StepStatus.FAILED, reason)

    def restart(self, first_step: int) -> None:
        """A bundle that begins at `first_step` is (re)read from its beginning."""
        self.current = -1
        self.last_word = None
        self._kept.clear()
        for index in [index for index in self.statuses if index >= first_step]:
            del self.statuses[index]

    def missing(self) -> tuple[int, ...]:
        """Steps without a verdict."""
        return tuple(index for index in range(self.steps) if index not in self.statuses)

    def _start(self, frame: Frame) -> Iterator[Event]:
        index = _number(frame.field(0))
        if index is None or not 0 <= index < self.steps or index in self.statuses:
            return
        self.current = int(index)
        self._started = _number(frame.field(1)) or 0.0
        self._kept.clear()
        yield StepStarted(self.host, self.current, self._started)

    def _report(self, frame: Frame) -> Iterator[Event]:
        kind = _KINDS.get(frame.field(0))
        if kind is None or self.current < 0 or self._reports >= MAX_REPORTS:
            return
        self._reports += 1
        report = _report_of(kind, frame.fields[1:])
        if kind is ReportKind.CHANGE:
            yield StepReported(self.host, self.current, report)
        else:
            self._kept.append(report)

    def _end(self, frame: Frame) -> Iterator[Event]:
        status = _STATUSES.get(frame.field(1), StepStatus.FAILED)
        if _number(frame.field(0)) != self.current or self.current in self.statuses:
            return
        ended = _number(frame.field(3)) or 0.0
        forecast = _FORECASTS.get(frame.field(4)) if self.check_mode else None
        yield from self._close(status, frame.field(2)[:MAX_FIELD], max(0.0, ended - self._started), forecast)

    def _close(
        self, status: StepStatus, reason: str, seconds: float, forecast: Forecast | None
    ) -> Iterator[Event]:
        for report in self._kept:
            self.keep(report)
            yield StepReported(self.host, self.current, report)
        self._kept.clear()
        self.statuses[self.current] = status
        self.reasons[self.current] = reason
        yield StepEnded(self.host, self.current, status, reason, round(seconds, 2), forecast)


def _report_of(kind: ReportKind, fields: tuple[str, ...]) -> Report:
    """`NAME [VALUE] [NAME=VALUE …]`; facts, metrics and kept values have a value as their second field."""
    name = fields[0][:MAX_FIELD] if fields else ""
    rest = list(fields[1:])
    value = ""
    if rest and (kind in _VALUED or "=" not in rest[0]):
        value = rest.pop(0)[:MAX_FIELD]
    pairs = (pair.partition("=") for pair in rest)
    return Report(kind, name, value, tuple((key, text[:MAX_FIELD]) for key, _, text in pairs))


def _number(text: str) -> float | None:
    """A plain, finite, not negative number of a host, or None."""
    if not text or len(text) > 20 or not text.replace(".", "", 1).isascii():  # noqa: PLR2004 - more is a lie
        return None
    return float(text) if text.replace(".", "", 1).isdigit() else None
