"""Shell lines that run on this machine, before the work on a host begins and after it has ended."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mspctl.engine.hoststate import Ways
from mspctl.model.bundle import Bundle
from mspctl.model.event import Report, ReportKind, StepOutput, StepReported
from mspctl.model.failure import Failure
from mspctl.model.hostfold import OUTSIDE
from mspctl.model.outcome import Outcome
from mspctl.ports import LocalShell

BEFORE_REMEDY = "nothing was done on the host; mend what the line calls, then run again"
AFTER_REMEDY = "the work on the host is done; do by hand what the line should have done"


BEGUN = "begun"
ENDED = "ended"
UNKNOWN = "was begun before mspctl was ended, and what became of it is not known"


class AroundHost:
    """The two lines of one host; what they print is output outside the steps.

    That a line begins is on record before it does, and that it has ended before anything else is done: who
    resumes the run, with what is `on_record`, runs none a second time. `seconds` is how long they took.
    """

    def __init__(self, bundle: Bundle, shell: LocalShell, ways: Ways, on_record: Sequence[Report]) -> None:
        self._bundle = bundle
        self._shell = shell
        self._ways = ways
        self._on_record = on_record
        self.seconds = 0.0

    @property
    def began(self) -> bool:
        """True if an earlier try has begun the first line."""
        return began(self._on_record)

    def before(self) -> Failure | None:
        """None if the work may begin."""
        line = self._bundle.around.before
        if not line:
            return None
        trouble = self._once("before", line, {})
        return None if trouble is None else Failure(Outcome.FAILED, "hook-before", trouble, BEFORE_REMEDY)

    def after(self, word: Failure) -> Failure:
        """The host's last word: `word`, unless that was good and the line failed; a bad one says so, too."""
        line = self._bundle.around.after
        if not line:
            return word
        trouble = self._once("after", line, {"MSPCTL_OUTCOME": str(word.outcome)})
        if trouble is None:
            return word
        if word.outcome.bad:
            return replace(word, detail=f"{word.detail}; {trouble}" if word.detail else trouble)
        return Failure(Outcome.FAILED, "hook-after", trouble, AFTER_REMEDY)

    def _once(self, name: str, line: str, more: Mapping[str, str]) -> str | None:
        """None if it ended well, now or in an earlier try."""
        known = [each for each in self._on_record if each.name == f"controller_{name}"]
        if known and known[-1].value == ENDED:
            return dict(known[-1].fields).get("trouble") or None
        if known:
            return f"the hook controller_{name} {UNKNOWN}"
        self._note(name, BEGUN)
        began = self._ways.clock.monotonic()
        trouble = self._run(name, line, more)
        seconds = self._ways.clock.monotonic() - began
        self.seconds += seconds
        self._note(name, ENDED, ("seconds", f"{seconds:.1f}"), *((("trouble", trouble),) if trouble else ()))
        return trouble

    def _note(self, name: str, state: str, *fields: tuple[str, str]) -> None:
        report = Report(ReportKind.NOTE, f"controller_{name}", state, fields)
        self._ways.emit(StepReported(self._bundle.host.key, OUTSIDE, report))
        self._ways.settle()

    def _run(self, name: str, line: str, more: Mapping[str, str]) -> str | None:
        host = self._bundle.host
        told = {
            "MSPCTL_HOOK": name,
            "MSPCTL_CLIENT": host.client,
            "MSPCTL_HOST": host.name,
            "MSPCTL_ADDRESS": host.access.address,
        }
        done = self._shell.run(line, {**told, **more}, timeout=host.access.deadlines.step)
        if done.output:
            self._ways.emit(StepOutput(host.key, OUTSIDE, done.output))
        if done.status == 0:
            return None
        last = done.output.decode(errors="replace").strip().rpartition("\n")[2]
        how = done.trouble or f"ended with status {done.status}"
        return f"the hook controller_{name} {how}{f': {last}' if last else ''}"


def began(reports: Sequence[Report]) -> bool:
    """True if these, which belong to no step, say that the first line of a host was begun."""
    return any(each.name == "controller_before" for each in reports)


def owes_last_line(reports: Sequence[Report]) -> bool:
    """True if the first line of a host was begun, and its last one was not."""
    return began(reports) and not any(each.name == "controller_after" for each in reports)
