"""`mspctl compare`: the client's own months under other plans, and the honest answer."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mspctl.cli.paper import paper_options, show_files
from mspctl.cli.session import Session, pass_session

if TYPE_CHECKING:
    from mspctl.model.comparison import BreakEven, Comparison, Rival
    from mspctl.wiring.pages import Paper


@click.command("compare")
@click.option("--client", required=True, metavar="NAME", help="Whose months.")
@click.option("--plans", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The plans.")
@click.option(
    "--months",
    type=click.IntRange(1, 60),
    default=12,
    show_default=True,
    help="How many, up to the last one.",
)
@click.option("--staff", is_flag=True, help="Add what an hour would bring in; never for the client.")
@pass_session
@paper_options("html", "pdf")
def command(
    session: Session, /, client: str, plans: Path, months: int, paper: "Paper | None", *, staff: bool
) -> None:
    """Bill the same minutes of the last whole months under each plan of FILE, month by month.

    The first plan of the file is what the others are held against. With twelve months or more it says what
    a usual and a dear month costs and how sure the saving is, otherwise only totals. Downtime stands beside
    the costs and is never added. The answer may be to stay. What is not
    known about the hosts of a past month is said.
    """
    from mspctl.wiring.comparing import Pages, comparison_of, write_comparison  # noqa: PLC0415 - --help needs none

    found = comparison_of(session.app, client, plans, months)
    for doubt in found.doubts:
        session.console.error(f"mspctl: {doubt}")
    files = write_comparison(session.app, client, found, Pages(paper, staff)) if paper else ()
    if session.console.wants_json:
        from mspctl.cli.comparedocument import comparison_document  # noqa: PLC0415 - only wanted with --json

        session.console.json({**comparison_document(found, staff=staff), "files": list(files)})
        return
    if files:
        show_files(session, files)
    else:
        _show(session, found, months)


def _show(session: Session, found: "Comparison", asked: int) -> None:
    console, names = session.console, [cost.name for cost in found.costs]
    rows = [
        (f"{month:%Y-%m}", str(found.calls[place]), f"{found.seconds[place] / 3600:.1f}",
         *(str(cost.months[place]) for cost in found.costs), _minutes(found.down[place]))
        for place, month in enumerate(found.months)
    ]  # fmt: skip
    rows.append(("total", "", "", *(str(cost.total) for cost in found.costs), ""))
    if found.enough:
        rows.append(("P50", "", "", *(str(cost.usual) for cost in found.costs), ""))
        rows.append(("P90", "", "", *(str(cost.dear) for cost in found.costs), ""))
    console.table(f"{found.client}, {found.currency}", ("month", "calls", "hours", *names, "min down"), rows)
    if len(found.months) < asked:
        console.out(f"only {len(found.months)} of {asked} months are known")
    for rival in found.rivals:
        console.out(_told(found, rival))
    console.out(_ANSWERS[found.verdict.value].format(first=found.first.name, best=found.best))


_ANSWERS: Mapping[str, str] = {
    "stay": "answer: stay with {first}",
    "change": "answer: {best} is cheaper",
    "unclear": "answer: not clear; {best} was cheaper, but other months may turn that round",
    "too_little_data": "answer: too little data; twelve whole months are needed",
}


def _told(found: "Comparison", rival: "Rival") -> str:
    months = ", ".join(f"{found.months[place]:%Y-%m}" for place in rival.dearer) or "no month"
    amount = f"{abs(rival.saving)} {found.currency}"
    difference = f"costs {amount} more" if rival.saving < 0 else f"saves {amount}"
    parts = [f"{rival.cost.name}: {difference}, dearer in {months}"]
    if rival.range is not None:
        parts.append(f"5 to 95 of 100 drawings: {rival.range.low} to {rival.range.high}")
    return "; ".join([*parts, *_volumes(rival.break_even)])


def _volumes(even: "BreakEven | None") -> Iterator[str]:
    if even is None:
        return
    if even.always:
        yield "not dearer with any number of such calls"
        return
    if even.up_to:
        yield f"not dearer up to {even.up_to.calls} calls ({even.up_to.hours} h) a month"
    if even.since:
        yield f"not dearer from {even.since.calls} calls ({even.since.hours} h) a month on"
    if not even.up_to and not even.since:
        yield "dearer with few calls and with many" if even.ever else "dearer with any number of such calls"


def _minutes(seconds: int | None) -> str:
    return "" if seconds is None else str(seconds // 60)
