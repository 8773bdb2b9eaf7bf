"""How one host's events become its row: the one truth that the live run and the run log share."""

from dataclasses import dataclass, field, replace

from mspctl.model.event import (
    BundleStarted,
    Connected,
    Event,
    HostEnded,
    HostStarted,
    Report,
    StepEnded,
    StepOutput,
    StepReported,
    StepStarted,
)
from mspctl.model.outcome import Forecast, StepStatus
from mspctl.model.run import HostRun, StepOutline, StepRun, Trace
from mspctl.model.window import Redactor, Window

MAX_REPORTS = 5000
"""Reports kept of one step; a full upgrade of a desktop makes about 2,500."""
MAX_NAME = 256
MAX_TEXT = 8192
MAX_FIELDS = 16
OUTSIDE = -1


def plain(text: str, redactor: Redactor, limit: int = MAX_TEXT) -> str:
    """Text as any database can hold it: no NUL (escaped), no lone surrogate, no secret, not endless."""
    text = redactor.text(text)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if "\0" in text:
        text = text.replace("\0", "\\x00")
    return text if text.isascii() else text.encode(errors="replace").decode()


def _plain_report(report: Report, redactor: Redactor) -> Report:
    fields = tuple(
        (plain(name, redactor, MAX_NAME), plain(value, redactor))
        for name, value in report.fields[:MAX_FIELDS]
    )
    name, value = plain(report.name, redactor, MAX_NAME), plain(report.value, redactor)
    return Report(report.kind, name, value, fields)


@dataclass(slots=True)
class StepFold:
    """One step while its events come in. Index -1 gathers what belongs to no step."""

    index: int
    status: StepStatus | None = None
    reason: str = ""
    seconds: float = 0.0
    forecast: Forecast | None = None
    reports: list[Report] = field(default_factory=list)
    unkept: int = 0
    window: Window = field(default_factory=Window)

    @classmethod
    def resuming(cls, step: StepRun) -> "StepFold":
        """Go on where a step that was read back stopped."""
        fold = cls(step.index, step.status, step.reason, step.seconds, step.forecast)
        fold.reports, fold.unkept = list(step.reports), step.unkept
        fold.window = Window.holding(step.output)
        return fold

    def report(self, report: Report, redactor: Redactor) -> None:
        """Keep a report, or count it if there are too many."""
        if len(self.reports) < MAX_REPORTS:
            self.reports.append(_plain_report(report, redactor))
        else:
            self.unkept += 1

    def end(self, event: StepEnded, redactor: Redactor) -> None:
        """Take the verdict; a later one of a replayed spool replaces it."""
        self.status, self.forecast = event.status, event.forecast
        self.reason, self.seconds = plain(event.reason, redactor), event.seconds

    def value(self, outline: tuple[StepOutline, ...], redactor: Redactor) -> StepRun:
        """The step as it stands."""
        title = StepOutline("", "") if self.index == OUTSIDE else outline[self.index]
        return StepRun(
            self.index,
            title.name,
            title.module,
            self.status,
            self.reason,
            self.seconds,
            self.forecast,
            tuple(self.reports),
            self.unkept,
            self.window.output(redactor),
        )


class HostFold:
    """One host while its events come in.

    After the terminal word nothing changes any more: later events are refused. A step that starts again (the
    host's spool is read a second time after a resume) is told afresh, so reading twice gives what reading
    once gives. A host cannot invent steps: an index outside the outline belongs to no step. `touched` holds
    the indexes of steps that changed since the caller last cleared it, `restarted` those that began afresh.
    """

    __slots__ = ("_redactor", "_row", "restarted", "steps", "touched")

    def __init__(self, row: HostRun, redactor: Redactor) -> None:
        self._redactor = redactor
        self._row = replace(row, steps=(), reports=())
        self.steps = {step.index: StepFold.resuming(step) for step in row.steps}
        self.touched: set[int] = set()
        self.restarted: set[int] = set()
        if row.reports or row.preamble.head:
            outside = StepFold(OUTSIDE, reports=list(row.reports), window=Window.holding(row.preamble))
            self.steps[OUTSIDE] = outside

    @property
    def terminal(self) -> bool:
        """True once the host has ended."""
        return self._row.outcome is not None

    @property
    def row(self) -> HostRun:
        """The host without steps, reports and output: cheap."""
        return self._row

    def apply(self, event: Event) -> bool:
        """Take one event of this host; False if it comes after the terminal word and was refused."""
        if self.terminal:
            return False
        match event:
            case StepOutput() | StepReported() | StepStarted() | StepEnded():
                self._apply_to_step(event)
            case HostStarted():
                started = self._row.started or event.at
                self._row = replace(self._row, started=started, attempt=event.attempt)
            case Connected():
                self._row = replace(self._row, fingerprint=plain(event.fingerprint, self._redactor, MAX_NAME))
            case BundleStarted():
                self._row = replace(self._row, trace=self._trace(event))
            case HostEnded():
                self._end(event)
            case _:  # LinkLost, Rebooting and RebootSeen change nothing: the host works on
                pass
        return True

    def _apply_to_step(self, event: StepOutput | StepReported | StepStarted | StepEnded) -> None:
        index = event.index if 0 <= event.index < len(self._row.outline) else OUTSIDE
        if index == OUTSIDE and isinstance(event, StepStarted | StepEnded):
            return
        self.touched.add(index)
        if isinstance(event, StepStarted):
            self.steps[index] = StepFold(index)
            self.restarted.add(index)
            return
        step = self.steps.get(index)
        if step is None:
            step = self.steps[index] = StepFold(index)
        match event:
            case StepOutput():
                step.window.add(event.chunk)
            case StepReported():
                step.report(event.report, self._redactor)
            case StepEnded():
                step.end(event, self._redactor)

    def _trace(self, event: BundleStarted) -> Trace:
        spool = plain(event.spool, self._redactor)
        boot_id = plain(event.boot_id, self._redactor, MAX_NAME)
        return Trace(plain(event.nonce, self._redactor, MAX_NAME), spool, boot_id, event.first_step)

    def _end(self, event: HostEnded) -> None:
        self._row = replace(
            self._row,
            outcome=event.outcome,
            reason=plain(event.reason, self._redactor),
            detail=plain(event.detail, self._redactor),
            remedy=plain(event.remedy, self._redactor),
            finished=event.at,
            seconds=event.seconds,
            round_trips=event.round_trips,
        )

    def value(self) -> HostRun:
        """The host as it stands, everything in it."""
        steps = tuple(
            self.steps[index].value(self._row.outline, self._redactor)
            for index in sorted(self.steps)
            if index != OUTSIDE
        )
        outside = self.steps.get(OUTSIDE)
        if outside is None:
            return replace(self._row, steps=steps)
        preamble = outside.window.output(self._redactor)
        return replace(self._row, steps=steps, preamble=preamble, reports=tuple(outside.reports))
