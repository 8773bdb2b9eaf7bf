"""The risk list of a new client: what its hosts said in the first runs, gravest first. Nothing is guessed.

What nobody could look at is a risk of its own: an onboarding that says nothing of a host would praise it.
"""

from collections.abc import Iterator

from mspctl.model.outcome import StepStatus
from mspctl.model.playbook import Severity
from mspctl.model.run import HostRun
from mspctl.report.onboarding.hostrisks import backup_risks, security_risks
from mspctl.report.onboarding.monthrisks import disk_risks, support_risks, update_risks
from mspctl.report.onboarding.risk import Looked, Outside, Risk, finds, short, told

_ORDER = tuple(Severity)


def risks(looked: Looked) -> tuple[Risk, ...]:
    """All of them, the gravest first, those on many hosts before those on few."""
    found = (
        *_outside(looked.outside),
        *_unmeasured(looked),
        *backup_risks(looked),
        *support_risks(looked.summary),
        *disk_risks(looked.summary),
        *update_risks(looked.summary),
        *security_risks(looked),
    )
    return tuple(sorted(found, key=lambda risk: (_ORDER.index(risk.severity), -len(risk.hosts), risk.title)))


def _outside(outside: Outside) -> Iterator[Risk]:
    if outside.without_access:
        yield Risk(
            "no-access",
            Severity.HIGH,
            "Computers that nobody can look after yet",
            tuple(outside.without_access),
            told(outside.without_access),
            "Compare their host keys, or mend the login, and run `mspctl onboard` again.",
        )
    if outside.others:
        yield Risk(
            "other-devices",
            Severity.LOW,
            "Devices without a way in for mspctl",
            tuple(outside.others),
            told(outside.others),
            "Find out what they are and who looks after them.",
        )


def _unmeasured(looked: Looked) -> Iterator[Risk]:
    """Hosts whose first run did not end well, with the words of the first step that did not."""
    bad: dict[str, str] = {}
    runs: dict[str, str] = {}
    for run in looked.runs:
        for row in run.hosts:
            why = _why_not(row)
            if why:
                bad.setdefault(short(row.host), why)
                runs.setdefault(run.id, "")
    if bad:
        yield Risk(
            "not-measured",
            Severity.MEDIUM,
            "Hosts that could not be looked at completely",
            tuple(bad),
            told(bad),
            "Mend what kept them from answering, and run `mspctl onboard` again.",
            " ".join(runs),
        )


def _why_not(row: HostRun) -> str:
    steps = {each.index: each for each in row.steps if each.index >= 0}
    why = ": ".join(filter(None, (row.reason, row.detail)))
    if row.outcome is None or not steps:
        return why or "no answer"
    broken = (each for each in steps.values() if each.status in {None, StepStatus.FAILED, StepStatus.BROKEN})
    told = next((f"{each.name}: {each.reason or 'no verdict'}" for each in broken if not finds(each)), "")
    # A host that was lost between two steps has no step that went wrong.
    left = next((each.name for index, each in enumerate(row.outline) if index not in steps), "")
    return told or (f"{left}: {why or 'no verdict'}" if left else "")
