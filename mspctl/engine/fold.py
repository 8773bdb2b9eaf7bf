"""From events to values: what a run has come to, at any moment."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from mspctl.errors import InternalError
from mspctl.model.bundle import Bundle, Plan
from mspctl.model.event import Event
from mspctl.model.hostfold import HostFold
from mspctl.model.run import HostRun, Run, StepOutline
from mspctl.model.window import NoSecrets, Redactor


def pending_run(
    plan: Plan,
    run_id: str,
    client: str,
    *,
    started: datetime,
    version: str = "",
    nonce: str = "",
    resumes: str = "",
) -> Run:
    """The run before its first connection: one pending host per bundle, in the order of the plan.

    `started` must be aware; `nonce` and `resumes` as in Run.
    """
    return Run(
        id=run_id,
        client=client,
        playbook=plan.playbook,
        check_mode=plan.check_mode,
        digest=plan.digest,
        inventory_digest=plan.inventory_digest,
        started=started,
        hosts=tuple(_pending_host(bundle) for bundle in plan.bundles),
        version=version,
        nonce=nonce,
        resumes=resumes,
    )


def _pending_host(bundle: Bundle) -> HostRun:
    outline = tuple(StepOutline(step.name, step.module) for step in bundle.steps)
    return HostRun(bundle.host.key, bundle.host.site, bundle_digest=bundle.digest, outline=outline)


class Fold:
    """A run while its events come in; equal at any moment to the run read back from a log of the same events.

    `refused` counts events that came after a host's terminal word. Of a host that will not be asked for any
    more the memory can be freed with `release`, which gives its final value.
    """

    def __init__(self, run: Run, *, redactor: Redactor | None = None) -> None:
        self._run = run
        self._hosts = {host.host: HostFold(host, redactor or NoSecrets()) for host in run.hosts}
        self._released: dict[str, HostRun] = {}
        self.refused = 0

    def apply(self, events: Iterable[Event]) -> None:
        """Take events in order.

        Raises:
            InternalError: an event of a host that was not planned.
        """
        for event in events:
            if event.host in self._released:
                self.refused += 1
                continue
            fold = self._hosts.get(event.host)
            if fold is None:
                raise InternalError(f"an event of {event.host!r}, which is not planned in run {self._run.id}")
            self.refused += not fold.apply(event)

    def finish(self, at: datetime) -> None:
        """Every host has its outcome; the first call counts.

        Raises:
            InternalError: hosts are still pending.
        """
        if pending := self.pending:
            raise InternalError(f"run {self._run.id} cannot finish: {len(pending)} hosts are pending")
        if self._run.finished is None:
            self._run = replace(self._run, finished=at)

    def host(self, key: str) -> HostRun:
        """The host called `client/name` as it stands."""
        return self._released.get(key) or self._hosts[key].value()

    def release(self, key: str) -> HostRun:
        """The final value of an ended host; what it printed is forgotten here (the log has it).

        Raises:
            InternalError: the host has not ended.
        """
        value = self.host(key)
        if value.outcome is None:
            raise InternalError(f"{key} has not ended")
        if key in self._hosts:
            steps = tuple(replace(step, output=type(step.output)()) for step in value.steps)
            self._released[key] = replace(value, steps=steps, preamble=type(value.preamble)())
            del self._hosts[key]
        return value

    @property
    def pending(self) -> Sequence[str]:
        """The hosts without a terminal outcome, in the order of the plan."""
        return [
            host.host
            for host in self._run.hosts
            if host.host in self._hosts and not self._hosts[host.host].terminal
        ]

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return replace(self._run, hosts=tuple(self.host(host.host) for host in self._run.hosts))
