"""`mspctl sla`: what was promised about a client's calls, what was kept, and the proof of what was not."""

from typing import TYPE_CHECKING

import click

from mspctl.cli.rundoc import utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.cli.whose import whose_month

if TYPE_CHECKING:
    from mspctl.model.servicelevel import GoalFigures, Promise


@click.command("sla")
@whose_month
@pass_session
def command(session: Session, /, client: str, month: str) -> None:
    """Show how quickly calls were answered and solved, against what the contract promises.

    The calls are those that the client made in the month. The clock runs in the business hours of the
    contract, or around the clock, and stands while a call waits for whom the contract names. A call whose
    asking nobody wrote down has no time of response. Each breach is shown with all that was written down.
    """
    from mspctl.wiring.value import levels_of  # noqa: PLC0415 - --help needs none of it

    found, console = levels_of(session.app, client, month), session.console
    if console.wants_json:
        from mspctl.cli.sladocument import levels_document  # noqa: PLC0415 - only wanted with --json

        console.json({"client": client, "month": month, **levels_document(found)})
        return
    if not found.promises:
        console.error(f"nothing was promised about calls of {month}")
    else:
        columns = ("priority", "goal", "promised", "met", "breached", "running", "unknown", "median", "P90")
        console.table("", columns, [_row(each) for each in found.figures])
    for each in found.breaches:
        console.out(_told(each))
        for moment in each.evidence:
            console.out(
                f"  {utc_text(moment.at)} {moment.what}, {moment.author}"
                + (f": {moment.text}" if moment.text else "")
                + (f" (written {utc_text(moment.written)})" if moment.written != moment.at else "")
            )
    if found.without:
        console.out(f"without a promise: call {', '.join(map(str, found.without))}")


def _row(each: "GoalFigures") -> tuple[str, ...]:
    counts = (each.met, each.breached, each.running, each.not_measured)
    allowed = " or ".join(_length(seconds) for seconds in each.allowed)
    spread = (_length(each.median), _length(each.p90))
    return (each.priority, each.goal.value, allowed, *(str(count) for count in counts), *spread)


def _told(each: "Promise") -> str:
    clock = "around the clock" if each.around_the_clock else "in business hours"
    due = f", due {utc_text(each.due)}" if each.due else ""
    held = f", {_length(each.held)} on hold" if each.held else ""
    still = "" if each.done else " and is not done"
    return (
        f"breach: call {each.call}, {each.title}, {each.priority}: {each.goal.value} took"
        f" {_length(each.took)} {clock}{held}, promised {_length(each.allowed)}{due}{still}"
    )


def _length(seconds: int | None) -> str:
    if seconds is None:
        return ""
    hours, minutes = divmod(-(-seconds // 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
