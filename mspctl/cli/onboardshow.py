"""What came of `mspctl onboard`, on the screen and as a document."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mspctl.cli.console import Console, Document
from mspctl.cli.exits import Exit

if TYPE_CHECKING:
    from mspctl.model.onboarding import Onboarding
    from mspctl.report.onboarding.page import Onboarded


def show_unfinished(console: Console, state: "Onboarding", left: Sequence[str]) -> int:
    """What is missing before there is a client's file; the exit code."""
    if console.wants_json:
        console.json({"client": state.client, "written": False, "left": list(left)})
    for each in left:
        console.error(f"to do: {each}")
    return Exit.BAD_HOSTS


def show_onboarded(console: Console, made: "Onboarded", files: Sequence[str]) -> None:
    """Risks, effort, files, and what is still to do."""
    from mspctl.report.onboarding.page import duration  # noqa: PLC0415 - as above
    from mspctl.report.onboarding.plan import PHASES  # noqa: PLC0415 - as above

    plan = made.plan
    if console.wants_json:
        console.json(_document(made, files))
    else:
        rows = [
            (each.risk.severity.value, each.risk.title, str(len(each.risk.hosts)), f"{each.days} days",
             duration(each.minutes))
            for each in plan.tasks
        ]  # fmt: skip
        console.table("", ("risk", "what", "hosts", "within", "effort"), rows)
        phases = ", ".join(f"{days} days {duration(plan.minutes(days))}" for days in PHASES)
        console.out(f"effort for the quote: {duration(plan.total)} ({phases})")
        for file in files:
            console.out(f"written: {file}")
    for each in made.left:
        console.error(f"to do: {each}")


def _document(made: "Onboarded", files: Sequence[str]) -> Document:
    from mspctl.report.onboarding.plan import PHASES  # noqa: PLC0415 - as above

    plan, state = made.plan, made.state
    return {
        "client": state.client,
        "written": True,
        "asked": list(state.asked),
        "answers": [
            {"address": each.address, "ports": sorted(each.ports), "name": each.name, "os": each.os}
            for each in state.answers
        ],
        "runs": [run.id for run in made.looked.runs],
        "risks": [
            {
                "kind": each.risk.kind,
                "severity": each.risk.severity.value,
                "title": each.risk.title,
                "hosts": list(each.risk.hosts),
                "evidence": each.risk.evidence,
                "remedy": each.risk.remedy,
                "run": each.risk.run,
                "days": each.days,
                "by": each.by.isoformat(),
                "minutes": each.minutes,
            }
            for each in plan.tasks
        ],
        "effort": {"set_up": plan.set_up, "total": plan.total}
        | {f"days_{days}": plan.minutes(days) for days in PHASES},
        "left": list(made.left),
        "files": list(files),
    }
