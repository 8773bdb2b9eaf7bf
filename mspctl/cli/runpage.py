"""`mspctl runs show` for people."""

from mspctl.cli.console import Console
from mspctl.cli.results import counts, one_line, said, shown_report, title
from mspctl.model.event import ReportKind
from mspctl.model.run import HostRun, Run, StepRun

SHOWN = frozenset(
    {ReportKind.CHANGE, ReportKind.FINDING, ReportKind.HELD, ReportKind.NOTE, ReportKind.METRIC}
)


def show_run(console: Console, run: Run) -> None:
    """Everything but the facts, host by host."""
    console.out(f"{title([run])}, run {run.id}")
    end = f"{run.finished:%Y-%m-%d %H:%M:%SZ}" if run.finished else "open: see `mspctl runs resume`"
    console.out(f"{run.started:%Y-%m-%d %H:%M:%SZ} to {end}, mspctl {run.version}, plan {run.digest[:12]}")
    if run.override:
        console.out(f"the windows were not obeyed: {run.override}")
    if run.resumes:
        console.out(f"collects what run {run.resumes} left open")
    console.out(counts([run]))
    for host in run.hosts:
        _show_host(console, host, check_mode=run.check_mode)


def _show_host(console: Console, host: HostRun, *, check_mode: bool) -> None:
    outcome = said(host.outcome.value, check_mode=check_mode) if host.outcome else "pending"
    reason = f" ({host.reason})" if host.reason else ""
    trips = f", {host.round_trips} round trips" if host.round_trips else ""
    wave = f", {host.wave}" if host.wave else ""
    where = f"{host.host.partition('/')[2]} at {host.site}{wave}"
    console.out("")
    console.out(f"{where}: {outcome}{reason}, {host.seconds:.1f} s{trips}")
    if host.detail:
        console.out(f"  what:   {one_line(host.detail)}")
    if host.remedy:
        console.out(f"  remedy: {one_line(host.remedy)}")
    for report in host.reports:
        if report.kind is ReportKind.NOTE:
            console.out(f"  note: {shown_report(report)}")
    for step in host.steps:
        _show_step(console, step, check_mode=check_mode)


def _show_step(console: Console, step: StepRun, *, check_mode: bool) -> None:
    status = said(step.status.value, check_mode=check_mode) if step.status else "no verdict"
    reason = f": {one_line(step.reason)}" if step.reason else ""
    name = f"{step.index + 1:>2}. {one_line(step.name)} [{step.module}]"
    console.out(f"  {name} {status}{reason} ({step.seconds:.1f} s)")
    for report in step.reports:
        if report.kind in SHOWN:
            console.out(f"      {report.kind.value}: {shown_report(report)}")
    if step.unkept:
        console.out(f"      … and {step.unkept} more statements that were not kept")
    for line in step.output.text.rstrip("\n").split("\n") if step.output.text.strip() else ():
        console.out(f"      | {line.rstrip()}")
