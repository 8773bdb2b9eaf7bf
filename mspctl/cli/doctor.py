"""`mspctl doctor`: whether this machine and this project are fit for a patch night."""

import click

from mspctl.cli.exits import Exit
from mspctl.cli.session import Session, pass_session


@click.command("doctor")
@pass_session
def command(session: Session, /) -> int:
    """Check this machine and this project. Connects to no host.

    Exit code 0 if a run could start, 2 if something stands in its way.
    """
    from mspctl.wiring.checkup import Grade, check_up  # noqa: PLC0415 - --help needs none of it

    checks = tuple(check_up(session.app))
    console = session.console
    if console.wants_json:
        console.json(
            {
                "checks": [
                    {"name": each.name, "grade": each.grade.value, "seen": each.seen, "remedy": each.remedy}
                    for each in checks
                ]
            }
        )
    else:
        for each in checks:
            console.out(f"{each.grade.value:<4}  {each.name}: {each.seen}")
            if each.remedy and each.grade is not Grade.GOOD:
                console.out(f"      → {each.remedy}")
    return Exit.USAGE if any(each.grade is Grade.BAD for each in checks) else Exit.GOOD
