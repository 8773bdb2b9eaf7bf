"""`mspctl volumes`: how full the file systems of a client are, and when they will be full."""

from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Document
from mspctl.cli.session import Session, pass_session

if TYPE_CHECKING:
    from mspctl.wiring.incidents import Volume

_GIB = 1024**3


@click.command("volumes")
@click.option("--client", required=True, metavar="NAME", help="Whose file systems.")
@pass_session
def command(session: Session, /, client: str) -> None:
    """List the file systems that `mspctl monitor` has seen, the most urgent first, with a forecast.

    The forecast stands on the most that was used each day since the last clean-up; it ends at 95 percent.
    """
    from mspctl.wiring.incidents import volumes_of  # noqa: PLC0415 - --help needs none of it

    found = volumes_of(session.app, client)
    if session.console.wants_json:
        session.console.json({"client": client, "volumes": [_document(each) for each in found]})
    elif not found:
        session.console.error("no file system was seen yet")
    else:
        columns = ("host", "file system", "used", "of", "percent", "seen", "days", "forecast")
        session.console.table("", columns, [_row(each) for each in found])


def _row(volume: "Volume") -> tuple[str, ...]:
    return (
        volume.host,
        volume.mount,
        f"{volume.used / _GIB:.1f} GiB",
        f"{volume.size / _GIB:.1f} GiB",
        f"{100 * volume.used // max(volume.size, 1)} %",
        volume.day,
        str(volume.forecast.measured),
        volume.forecast.text,
    )


def _document(volume: "Volume") -> Document:
    told = volume.forecast
    return {
        "host": volume.host,
        "mount": volume.mount,
        "used": volume.used,
        "size": volume.size,
        "day": volume.day,
        "days_measured": told.measured,
        "days_left": told.days,
        "soonest": told.soonest,
        "latest": told.latest,
        "sure": told.sure,
        "forecast": told.text,
    }
