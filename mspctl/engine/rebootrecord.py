"""What the run log says of a host's reboot, for who goes on where an earlier mspctl was ended."""

from mspctl.engine import verdict
from mspctl.engine.hosttask import HostTask
from mspctl.engine.rebootwatch import not_heeded
from mspctl.model.event import Report, ReportKind
from mspctl.model.failure import Failure
from mspctl.model.outcome import StepStatus

NOT_REBOOTED = "mspctl.not-rebooted"
"""The value that we keep with a reboot step which we overruled: its own reason says it for people."""


def overruled(word: Failure) -> Report:
    """What is kept with the step so that its word is known again."""
    return Report(ReportKind.KEPT, NOT_REBOOTED, word.reason)


def last_reboot(task: HostTask) -> int | None:
    """The recorded reboot step at which the last known bundle stopped, whatever has become of the reboot."""
    if not task.recorded or task.trace is None:
        return None
    last = max(task.recorded)
    reboots = any(step.index == last and step.reboots for step in task.bundle.steps)
    if not reboots or last < task.trace.first_step:
        return None
    return last if task.recorded[last] is StepStatus.CHANGED or word_on(task, last) else None


def under_way(task: HostTask) -> int | None:
    """The index of a reboot that was due when the earlier try ended, and may have been ordered."""
    index = last_reboot(task)
    return index if index is not None and task.recorded[index] is StepStatus.CHANGED else None


def word_on(task: HostTask, index: int) -> Failure | None:
    """Why the reboot of this step was not made, if that is on record."""
    if task.recorded.get(index) is not StepStatus.FAILED:
        return None
    codes = [each.value for each in task.reports.get(index, ()) if each.name == NOT_REBOOTED]
    detail = task.reasons.get(index, "")
    for word in (not_heeded(detail), verdict.not_in_window(detail), verdict.stopped_before(detail)):
        if codes and codes[-1] == word.reason:
            return word
    return None


def earlier_word(task: HostTask) -> Failure | None:
    """The word on the last reboot before the bundle that is looked for first."""
    first = task.trace.first_step if task.trace else 0
    words = [word_on(task, index) for index in sorted(task.recorded) if index < first]
    return next((word for word in reversed(words) if word is not None), None)
