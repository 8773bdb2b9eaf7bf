"""What a run came to, for people: the table on a terminal, the digest when something went wrong."""

from collections import Counter
from collections.abc import Iterator, Sequence

from mspctl.cli.console import Console
from mspctl.cli.exits import Exit
from mspctl.model.event import Report, ReportKind
from mspctl.model.outcome import Forecast, Outcome
from mspctl.model.run import HostRun, Run, StepRun

COLUMNS = ("host", "outcome", "changes", "seconds", "reason")
TAIL_LINES = 12
MOST_NAMES = 12
ALARMS = frozenset({"not-back", "reboot-unseen"})
"""Reasons of hosts that went down to reboot and were not seen to come back: these come before all others."""


def shown_name(host: HostRun, runs: Sequence[Run]) -> str:
    """`web1`, or `acme/web1` where several clients are shown together."""
    return host.host if len(runs) > 1 else host.host.partition("/")[2]


def show_table(console: Console, runs: Sequence[Run]) -> None:
    """One row per host, in the order of the plan; then the counts and the ids."""
    rows = [
        (
            shown_name(host, runs),
            host.outcome.value if host.outcome else "pending",
            str(len(changes(host))),
            f"{host.seconds:.1f}",
            host.reason,
        )
        for run in runs
        for host in run.hosts
    ]
    console.table(title(runs), COLUMNS, rows)
    console.out(counts(runs))


def title(runs: Sequence[Run]) -> str:
    """Such as `patch for acme`."""
    check = " (check: nothing was changed)" if runs[0].check_mode else ""
    return f"{runs[0].playbook} for {', '.join(run.client for run in runs)}{check}"


def counts(runs: Sequence[Run]) -> str:
    """Such as `3 hosts: 1 changed, 1 failed, 1 unreachable`; a dry run has changed nothing."""
    total = Counter(host.outcome.value if host.outcome else "pending" for run in runs for host in run.hosts)
    order = [*(outcome.value for outcome in Outcome), "pending"]
    check = runs[0].check_mode
    parts = ", ".join(f"{total[name]} {said(name, check_mode=check)}" for name in order if total[name])
    hosts = total.total()
    return f"{hosts} host{'' if hosts == 1 else 's'}: {parts}"


def said(word: str, *, check_mode: bool) -> str:
    """An outcome or status as people read it: a dry run has changed nothing."""
    return "would change" if check_mode and word == "changed" else word


def show_where(console: Console, runs: Sequence[Run]) -> None:
    """Where everything is on record."""
    for run in runs:
        console.out(f"everything about it: mspctl runs show {run.id}")


def show_digest(console: Console, runs: Sequence[Run], code: Exit) -> None:
    """All that somebody woken by a mail needs: who, what, why, what to do."""
    console.out(f"mspctl: {title(runs)}: {counts(runs)} (exit {int(code)})")
    show_bad(console, runs)
    for run in runs:
        console.out("")
        console.out(f"look:  mspctl runs show {run.id}")
        if any(_collectable(host) for host in run.hosts):
            console.out(f"collect what can still be had:  mspctl runs resume {run.id}")
        if any(host.due_again for host in run.hosts):
            console.out(f"again, only these hosts:  mspctl runs resume {run.id} --failed")


def show_bad(console: Console, runs: Sequence[Run]) -> None:
    """Each host that is not as the playbook asks, with the reason, the remedy and the last words.

    Hosts that did not come back from a reboot, or were not seen to, come first: somebody has to look at them
    now. Hosts that were not touched for the same reason are told of together.
    """
    alike: dict[tuple[str, ...], list[HostRun]] = {}
    for host in (host for run in runs for host in run.hosts if _noteworthy(host)):
        key = ("", host.reason, host.detail) if host.turned_away else (host.host,)
        alike.setdefault(key, []).append(host)
    for hosts in sorted(alike.values(), key=lambda hosts: hosts[0].reason not in ALARMS):
        _show_host(console, hosts[0], _names([shown_name(host, runs) for host in hosts]))


def _names(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES} more"


def _noteworthy(host: HostRun) -> bool:
    return host.outcome is None or host.outcome.bad or (host.outcome is Outcome.SKIPPED and bool(host.reason))


def _collectable(host: HostRun) -> bool:
    return host.outcome is None or host.outcome is Outcome.LOST


def _show_host(console: Console, host: HostRun, name: str) -> None:
    console.out("")
    reason = f" ({host.reason})" if host.reason else ""
    alarm = "ALARM: " if host.reason in ALARMS else ""
    console.out(f"{alarm}{name}: {host.outcome.value if host.outcome else 'pending'}{reason}")
    if host.detail:
        console.out(f"  what:   {one_line(host.detail)}")
    if host.remedy:
        console.out(f"  remedy: {one_line(host.remedy)}")
    step = last_words(host)
    if step is not None:
        console.out(f"  the last lines of step {step.index + 1} “{one_line(step.name)}”:")
        for line in tail(step.output.text):
            console.out(f"    | {line}")


def last_words(host: HostRun) -> StepRun | None:
    """The step that went wrong, or was at work at the end, if it printed something."""
    wrong = [step for step in host.steps if step.status is None or step.status.value in {"failed", "broken"}]
    return next((step for step in wrong if step.output.text.strip()), None)


def tail(text: str) -> list[str]:
    """The last lines of an output."""
    lines = [line.rstrip() for line in text.split("\n") if line.strip()]
    return lines[-TAIL_LINES:]


def one_line(text: str) -> str:
    """Line feeds as spaces."""
    return " ".join(text.split())


def changes(host: HostRun) -> tuple[Report, ...]:
    """What was changed on the host or, in check mode, would be."""
    return tuple(report for step in host.steps for report in step.reports if report.kind is ReportKind.CHANGE)


def forecast(host: HostRun) -> Forecast:
    """The host's answer in check mode: the strongest of its steps'. No answer is `cannot know`."""
    answers = {step.forecast for step in host.steps if step.forecast is not None}
    if Forecast.CHANGE in answers:
        return Forecast.CHANGE
    good = host.outcome is not None and not host.outcome.bad
    return Forecast.NO_CHANGE if good and Forecast.UNKNOWN not in answers else Forecast.UNKNOWN


_ANSWERS = ((Forecast.NO_CHANGE, "no change"), (Forecast.CHANGE, "change"), (Forecast.UNKNOWN, "cannot know"))


def show_forecast(console: Console, runs: Sequence[Run]) -> None:
    """A dry run's three answers, and what each change would be."""
    words = dict(_ANSWERS)
    console.out(title(runs))
    for run in runs:
        for host in run.hosts:
            outcome = f" ({host.outcome.value})" if host.outcome and host.outcome.bad else ""
            console.out(f"{shown_name(host, runs)}: {words[forecast(host)]}{outcome}")
            for line in _forecast_lines(host):
                console.out(f"  {line}")
    console.out(forecast_counts(runs))


def forecast_counts(runs: Sequence[Run]) -> str:
    """Such as `3 hosts: 1 no change, 1 change, 1 cannot know`."""
    answers = Counter(forecast(host) for run in runs for host in run.hosts)
    parts = ", ".join(f"{answers[answer]} {words}" for answer, words in _ANSWERS if answers[answer])
    hosts = answers.total()
    return f"{hosts} host{'' if hosts == 1 else 's'}: {parts}"


def _forecast_lines(host: HostRun) -> Iterator[str]:
    for step in host.steps:
        reports = [report for report in step.reports if report.kind is ReportKind.CHANGE]
        if step.forecast is Forecast.CHANGE:
            yield f"step {step.index + 1} “{one_line(step.name)}”: {one_line(step.reason)}".rstrip(": ")
            yield from (f"  {shown_report(report)}" for report in reports)
        elif step.forecast is Forecast.UNKNOWN:
            yield f"step {step.index + 1} “{one_line(step.name)}”: cannot know: {one_line(step.reason)}"
    held = (report for step in host.steps for report in step.reports if report.kind is ReportKind.HELD)
    yield from (f"held back: {line}" for line in dict.fromkeys(map(shown_report, held)))


def shown_report(report: Report) -> str:
    """One statement in a line."""
    fields = " ".join(f"{name}={value}" for name, value in report.fields)
    return one_line(f"{report.name} {report.value} {fields}")
