"""The hash chain over what became of hosts: a changed, removed or reordered terminal row breaks it.

Every step row carries the digest of its content (verdict, reports, digest of its output). When a host ends,
its row and the digests of its steps are hashed together with the chain's last value. The first value is the
digest of the run's own row, so what was planned cannot be changed either.
"""

from collections.abc import Iterable

from mspctl.model.run import HostRun, Run, StepRun
from mspctl.runstore.codec import canonical, digest, time_text


def first_link(run: Run) -> str:
    """Where the chain of a run begins: what the run is, and which hosts it has."""
    hosts = [[host.host, host.site, host.bundle_digest] for host in run.hosts]
    head = [run.id, run.client, run.playbook, run.check_mode, run.digest, run.inventory_digest]
    head += [time_text(run.started), run.version, run.nonce, run.resumes]
    if run.override:
        head.append(run.override)  # runs without one keep the chains they always had
    return digest(canonical([*head, hosts]))


def next_link(previous: str, row: HostRun, steps: Iterable[tuple[int, str]]) -> str:
    """The chain's value after `row` ended; `steps` are its (index, digest) pairs in order of the index."""
    trace = row.trace and [row.trace.nonce, row.trace.spool, row.trace.boot_id, row.trace.first_step]
    times = [time and time_text(time) for time in (row.started, row.finished)]
    verdict = [row.outcome and row.outcome.value, row.reason, row.detail, row.remedy]
    figures = [repr(float(row.seconds)), row.round_trips, row.attempt, row.fingerprint]
    content = [
        previous,
        row.host,
        row.site,
        row.bundle_digest,
        verdict,
        times,
        figures,
        trace,
        list(map(list, steps)),
    ]
    return digest(canonical(content))


def last_link(previous: str, finished: str) -> str:
    """What closes the chain of a run that finished at the time text `finished`."""
    return digest(canonical([previous, finished]))


def step_digest(step: StepRun, output: str) -> str:
    """The digest of a step's content; `output` is the digest of its output, which outlives a prune."""
    reports = [
        [report.kind.value, report.name, report.value, list(map(list, report.fields))]
        for report in step.reports
    ]
    verdict = [step.status and step.status.value, step.reason, repr(float(step.seconds))]
    forecast = step.forecast and step.forecast.value
    return digest(canonical([step.index, verdict, forecast, reports, step.unkept, output]))
