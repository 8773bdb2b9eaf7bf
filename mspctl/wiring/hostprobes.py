"""Questions asked on the hosts: one bundle and one connection each, nothing is kept in the run log.

A module's check answers: `ok` is up, a finding is a warning, a failure or something that would have to be
changed is down, no answer is unknown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from types import MappingProxyType

from mspctl.engine.compile import compile_plan
from mspctl.engine.select import select
from mspctl.model.bundle import Plan
from mspctl.model.event import Report, ReportKind
from mspctl.model.inventory import Client, Host, Inventory
from mspctl.model.monitoring import REACH, Probe, ProbeKind, Sample, Seen
from mspctl.model.outcome import Forecast, StepStatus
from mspctl.model.playbook import OnFailure, Playbook, Step
from mspctl.model.run import HostRun, StepRun
from mspctl.model.selection import Selection
from mspctl.monitor.oneline import one_line
from mspctl.wiring.app import App
from mspctl.wiring.preparing import Prepared, prepared_of
from mspctl.wiring.request import Request, Target
from mspctl.wiring.running import joined_plan
from mspctl.wiring.unlogged import ask_unlogged

NAME = "monitor"
Asked = Mapping[str, tuple[Host, tuple[Probe, ...]]]
"""Host (client/name) → the host, and the questions for it."""


def asked_on_hosts(app: App, inventory: Inventory, probes: Sequence[Probe]) -> Asked:
    """Which host is asked what: those that `on` means, of which the module is one for.

    Raises:
        UsageError: `on` names a host or a tag that is not there.
        ConfigurationError: there is no such module.
    """
    found: dict[str, tuple[Host, tuple[Probe, ...]]] = {}
    for probe in probes:
        if probe.kind is ProbeKind.MODULE:
            module = app.library.module(probe.module)
            for host in select(inventory, limit=probe.on).hosts:
                fits = module.windows is not None if host.windows else module.posix is not None
                if fits or probe.on is not None:
                    found[host.key] = (host, (*found.get(host.key, (host, ()))[1], probe))
    return found


def prepare_hosts(app: App, inventory: Inventory, client: Client, asked: Asked) -> Prepared | None:
    """The questions as bundles; None if there are none.

    Raises:
        ConfigurationError: a probe's parameters do not fit its module.
    """
    if not asked:
        return None
    plan = _plan(app, inventory, client, asked)
    request = Request(NAME, Target((client.slug,)), check_mode=True)
    return prepared_of(request, inventory, ((client, plan),), app.clock.now())


def ask_hosts(app: App, prepared: Prepared | None, asked: Asked) -> tuple[Sample, ...]:
    """Ask them all, side by side. Raises SecretError."""
    if prepared is None:
        return ()
    rows = ask_unlogged(app, prepared, NAME)
    return tuple(
        sample for row in rows for sample in host_samples(asked[row.host][0].name, row, asked[row.host][1])
    )


def _plan(app: App, inventory: Inventory, client: Client, asked: Asked) -> Plan:
    """Hosts with the same questions share a compilation."""
    groups: dict[tuple[str, ...], list[Host]] = {}
    for host, probes in asked.values():
        groups.setdefault(tuple(probe.name for probe in probes), []).append(host)
    renderer = app.renderer()
    plans = [
        compile_plan(
            _playbook(asked[hosts[0].key][1]),
            Selection(tuple(hosts)),
            (client,),
            app.library,
            renderer,
            params={},
            check_mode=True,
            inventory_digest=inventory.digest,
        )
        for hosts in groups.values()
    ]
    return joined_plan(plans)


def _playbook(probes: Sequence[Probe]) -> Playbook:
    steps = tuple(
        Step(
            probe.name,
            probe.module,
            MappingProxyType(dict(probe.params)),
            on_failure=OnFailure.CONTINUE,
            place=probe.place,
        )
        for probe in probes
    )
    return Playbook(NAME, "what is watched on hosts", (), steps)


def host_samples(host: str, row: HostRun, probes: Sequence[Probe]) -> Iterator[Sample]:
    """What one host's row says: whether it could be asked, and what it answered."""
    steps = {step.index: step for step in row.steps if step.index >= 0}
    reached = bool(steps)
    detail = "answers" if reached else ": ".join(filter(None, (row.reason, row.detail)))
    seen = Seen.UP if reached else Seen.DOWN
    yield Sample(f"{REACH}@{host}", seen, one_line(detail), row.seconds)
    for index, probe in enumerate(probes):
        key = f"{probe.name}@{host}"
        answer = (
            _answer(key, steps[index]) if index in steps else Sample(key, Seen.UNKNOWN, "it was not asked")
        )
        yield answer if probe.on is None else replace(answer, absent=False)


def _answer(key: str, step: StepRun) -> Sample:
    seen, detail = _seen(step)
    absent = step.status is StepStatus.SKIPPED and step.forecast is Forecast.NO_CHANGE
    return Sample(key, seen, one_line(detail), step.seconds, tuple(_metrics(step.reports)), absent)


def _seen(step: StepRun) -> tuple[Seen, str]:
    if step.status is StepStatus.FAILED:
        return Seen.DOWN, step.reason
    if step.status not in {StepStatus.OK, StepStatus.CHANGED} or step.forecast is Forecast.UNKNOWN:
        return Seen.UNKNOWN, step.reason or "no answer"
    if step.forecast is Forecast.CHANGE or step.status is StepStatus.CHANGED:
        changes = [each for each in step.reports if each.kind is ReportKind.CHANGE]
        return Seen.DOWN, ", ".join(_change(each) for each in changes) or step.reason
    findings = [each for each in step.reports if each.kind is ReportKind.FINDING]
    if findings:
        return Seen.WARNING, "; ".join(
            dict(each.fields).get("reason") or each.value or each.name for each in findings
        )
    return Seen.UP, step.reason


def _change(report: Report) -> str:
    told = " ".join(f"{name}={value}" for name, value in report.fields)
    return (
        f"{report.name} is not as it should be ({told})" if told else f"{report.name} is not as it should be"
    )


def _metrics(reports: Sequence[Report]) -> Iterator[tuple[str, float]]:
    for each in reports:
        if each.kind is ReportKind.METRIC:
            try:
                value = float(each.value)
            except ValueError:
                continue
            if isfinite(value):
                yield each.name, value
