"""`mspctl diagnose HOST`: what is probably wrong with it, the likeliest first, and what would mend it."""

import shlex
import sys
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Console, Document
from mspctl.cli.exits import Exit
from mspctl.cli.results import one_line
from mspctl.cli.rundoc import run_summary, utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.model.diagnosis import SignKind

if TYPE_CHECKING:
    from mspctl.model.diagnosis import Evidence, Likely
    from mspctl.wiring.diagnosing import Diagnosis

_SHOWN = 12


@click.command("diagnose")
@click.argument("host", metavar="HOST")
@click.option("--client", metavar="NAME", help="Whose host it is, if HOST is not CLIENT/HOST.")
@click.option(
    "--hours", type=click.IntRange(1, 720), default=24, show_default=True, help="How far back changes count."
)
@pass_session
def command(session: Session, /, host: str, client: str | None, hours: int) -> int:
    """Find out what is probably wrong with HOST, the likeliest first; change nothing.

    One look at the host (services, disks, memory, load, network, clock, certificates, packages, logs, what
    changed lately) is held against what is on record about it. Each cause stands with what speaks for
    it and with the playbook that mends it. The look is a run like any other: a call that is open takes
    it along, `mspctl runs show` has all of it.

    The exit code is 1 if there is a cause, 0 if nothing was found.
    """
    from mspctl.cli.runverb import under_eyes  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.diagnosing import diagnosed, diagnosis_request  # noqa: PLC0415 - as above
    from mspctl.wiring.preparing import prepare  # noqa: PLC0415 - as above
    from mspctl.wiring.running import carry_out  # noqa: PLC0415 - as above

    app, console = session.app, session.console
    prepared = prepare(app, diagnosis_request(app, host, client, hours, ("mspctl", *sys.argv[1:])))
    (run,) = under_eyes(session, prepared, lambda watch: carry_out(app, prepared, watch))
    found = diagnosed(app, run)
    if console.wants_json:
        console.json(_document(found))
    else:
        _show(console, found)
    if found.host.outcome is None:
        return Exit.CANCELLED
    return Exit.BAD_HOSTS if found.causes else Exit.GOOD


def _show(console: Console, found: "Diagnosis") -> None:
    count = len(found.causes)
    told = "no cause was found" if not count else f"{count} likely cause{'s' if count > 1 else ''}"
    console.out(f"{found.host.host}: {told}")
    for number, each in enumerate(found.causes, 1):
        console.out(f"{number}. {one_line(each.title)}")
        if each.because:
            console.out(f"   probably because: {one_line(each.because)}")
        for one in _told_once(each)[:_SHOWN]:
            console.out(f"   - {one_line(one.text)}{f' [{one.step}]' if one.step else ''}")
        for line in _ways(found, each):
            console.out(f"   → {one_line(line)}")
    _list(console, "changed lately", found.changes)
    _list(console, "the last errors in the logs", found.errors[-_SHOWN:])
    _list(console, "open on record", [f"{each.text} ({each.evidence})" for each in found.open])
    _list(
        console, "open findings", [f"{each.name}: {each.text} ({each.playbook})" for each in found.findings]
    )
    runs = [
        f"{each.started:%Y-%m-%d %H:%M}Z {each.playbook} {each.outcome or 'pending'} {each.reason}".strip()
        for each in found.runs
    ]
    _list(console, "recent runs", runs)
    console.out(f"all that was seen: mspctl runs show {found.run.id}")


def _told_once(each: "Likely") -> "list[Evidence]":
    """That a step failed says nothing new where what it found is shown."""
    finders = {one.step for one in each.evidence if one.kind is SignKind.FINDING}
    return [one for one in each.evidence if one.kind is not SignKind.STEP or one.step not in finders]


def _list(console: Console, title: str, lines: "list[str] | tuple[str, ...]") -> None:
    if not lines:
        return
    console.out(f"{title}:")
    for line in lines[:_SHOWN]:
        console.out(f"  {one_line(line)}")
    if len(lines) > _SHOWN:
        console.out(f"  and {len(lines) - _SHOWN} more")


def _ways(found: "Diagnosis", each: "Likely") -> list[str]:
    """What to do: the command that mends it, what a person should look at."""
    fix = fix_line(found.run.client, found.host.host.partition("/")[2], each)
    return [line for line in (fix, each.cause.advice) if line]


def fix_line(client: str, host: str, each: "Likely") -> str:
    """The command that mends it; what a host said is quoted for the shell it will be pasted into."""
    if not each.cause.fix:
        return ""
    words = ["mspctl", "run", each.cause.fix, "--client", client, "--limit", host]
    for name, value in each.params.items():
        words += ["-e", f"{name}={value}"]
    return shlex.join(words)


def _document(found: "Diagnosis") -> Document:
    return {
        "host": found.host.host,
        "run": run_summary(found.run),
        "causes": [
            {
                "cause": each.cause.name,
                "title": each.title,
                "points": each.points,
                "because": each.because or None,
                "evidence": [_evidence(one) for one in each.evidence],
                "fix": fix_line(found.run.client, found.host.host.partition("/")[2], each) or None,
                "advice": each.cause.advice or None,
            }
            for each in found.causes
        ],
        "changes": list(found.changes),
        "errors": list(found.errors),
        "findings": [
            {"finding": each.name, "text": each.text, "playbook": each.playbook, "run": each.run}
            for each in found.findings
        ],
        "open": [{"text": each.text, "evidence": each.evidence} for each in found.open],
        "runs": [
            {
                "run": each.run,
                "playbook": each.playbook,
                "started": utc_text(each.started),
                "outcome": each.outcome.value if each.outcome else None,
                "reason": each.reason or None,
            }
            for each in found.runs
        ],
    }


def _evidence(one: "Evidence") -> Document:
    return {"kind": one.kind.value, "name": one.name, "text": one.text, "step": one.step or None}
