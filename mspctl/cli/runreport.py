"""`--report DIR`: the month's report of each client, as soon as a run has ended."""

from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mspctl.cli.exits import Exit
from mspctl.cli.session import Session
from mspctl.errors import MspctlError, UsageError

if TYPE_CHECKING:
    from mspctl.wiring.preparing import Prepared


def check_report(session: Session, prepared: "Prepared", folder: Path) -> None:
    """What can be known to be wrong before any host is touched.

    Raises:
        ConfigurationError, UsageError: a theme is wrong, or the run would change nothing to report.
        StorageError: the folder cannot be made.
    """
    from mspctl.runstore.filesystem import private_folder  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.reportlook import report_look  # noqa: PLC0415 - as above

    if prepared.request.check_mode:
        raise UsageError("--report does not go with --check", hint="a report tells what was done")
    for client, _ in prepared.plans:
        report_look(session.app, client.slug, "")
    private_folder(session.environment.cwd / folder)


def report_after(session: Session, prepared: "Prepared", folder: Path) -> Exit:
    """Write the month, so far, of each client of the run; what stops one client's stops no other's."""
    from mspctl.wiring.reportwriting import Order, write_report  # noqa: PLC0415 - --help needs none of it

    console, code = session.console, Exit.GOOD
    for client, _ in prepared.plans:
        month = f"{session.app.clock.now().astimezone(ZoneInfo(client.timezone)):%Y-%m}"
        order = Order(month, ("html",), session.environment.cwd / folder)
        try:
            written = write_report(session.app, client.slug, order)
        except MspctlError as error:
            console.error(f"mspctl: {client.slug} has no report: {error}")
            code = Exit.INTERNAL
            continue
        for note in written.notes:
            console.error(f"mspctl: {note}")
        if (console.watched or console.verbose) and not console.wants_json:
            for file in written.files:
                console.out(file)
    return code
