"""`mspctl db`: the file of the run log itself."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from mspctl.cli.exits import Exit
from mspctl.cli.session import Session, pass_session

if TYPE_CHECKING:
    from mspctl.cli.console import Console, Document
    from mspctl.wiring.recovering import Recovery


@click.group("db")
def command() -> None:
    """Recover what can be read of a damaged run log."""


@command.command("recover")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write here instead.")
@pass_session
def recover(session: Session, /, output: Path | None) -> int:
    """Write what can be read of a damaged SQLite run log into a new file beside it.

    The damaged file is only copied. What is missing in the new one is said; exit code 4 if anything is.
    """
    from mspctl.wiring.recovering import recover_log  # noqa: PLC0415 - --help needs none of it

    recovery = recover_log(session.app, output)
    if session.console.wants_json:
        session.console.json(_document(recovery))
    else:
        _show(session.console, recovery)
    return Exit.GOOD if recovery.whole else Exit.INTERNAL


def _document(recovery: "Recovery") -> "Document":
    found = recovery.found
    return {
        "damaged": str(recovery.damaged),
        "recovered": str(recovery.new),
        "runs": found.rows["run"],
        "tables": {name: {"rows": found.rows[name], "unreadable": gaps} for name, gaps in found.gaps.items()},
        "orphans": found.orphans,
        "violations": [{"problem": each.problem, "run": each.run} for each in recovery.violations],
    }


def _show(console: "Console", recovery: "Recovery") -> None:
    found = recovery.found
    console.out(f"{recovery.new}: {found.rows['run']} runs, {sum(found.rows.values())} rows")
    for name, gaps in found.gaps.items():
        if gaps:
            console.out(f"  - in table {name} {gaps} places cannot be read; what stood there is lost")
    if found.orphans:
        console.out(f"  - {found.orphans} rows were left out: what they belong to is lost")
    for run in dict.fromkeys(each.run for each in recovery.violations):
        console.out(f"  - {f'run {run}' if run else 'the log'} is no longer complete (`mspctl runs verify`)")
    old, new = recovery.damaged, quote(str(recovery.new))
    console.out("to use it, while no mspctl runs:")
    for side in ("", "-wal", "-shm"):
        kept = quote(f"{old}{side}"), quote(f"{old}.damaged{side}")
        console.out(f"  test ! -e {kept[0]} || mv {kept[0]} {kept[1]}")
    console.out(f"  mv {new} {quote(str(old))}")
