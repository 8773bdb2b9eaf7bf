"""Shell lines that run on this machine, before the work on a host begins and after it has ended."""

from collections.abc import Callable, Mapping

from mspctl.model.bundle import Bundle
from mspctl.model.event import Event, StepOutput
from mspctl.model.failure import Failure
from mspctl.model.hostfold import OUTSIDE
from mspctl.model.outcome import Outcome
from mspctl.ports import LocalShell

BEFORE_REMEDY = "nothing was done on the host; mend what the line calls, then run again"
AFTER_REMEDY = "the work on the host is done; do by hand what the line should have done"


class AroundHost:
    """The two lines of one host; what they print goes to `emit`, as output outside the steps."""

    def __init__(self, bundle: Bundle, shell: LocalShell, emit: Callable[[Event], None]) -> None:
        self._bundle = bundle
        self._shell = shell
        self._emit = emit

    def before(self) -> Failure | None:
        """None if the work may begin."""
        line = self._bundle.around.before
        if not line:
            return None
        trouble = self._run("before", line, {})
        return None if trouble is None else Failure(Outcome.FAILED, "hook-before", trouble, BEFORE_REMEDY)

    def after(self, word: Failure) -> Failure:
        """The host's last word: `word`, unless that was good and the line failed."""
        line = self._bundle.around.after
        if not line:
            return word
        trouble = self._run("after", line, {"MSPCTL_OUTCOME": str(word.outcome)})
        if trouble is None or word.outcome.bad:
            return word
        return Failure(Outcome.FAILED, "hook-after", trouble, AFTER_REMEDY)

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
            self._emit(StepOutput(host.key, OUTSIDE, done.output))
        if done.status == 0:
            return None
        last = done.output.decode(errors="replace").strip().rpartition("\n")[2]
        how = done.trouble or f"ended with status {done.status}"
        return f"the hook controller_{name} {how}{f': {last}' if last else ''}"
