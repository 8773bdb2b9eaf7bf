"""`mspctl monitor`: one round of questions at a client."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mspctl.cli.console import Console, Document
from mspctl.cli.exits import Exit
from mspctl.cli.incident import incident_document
from mspctl.cli.newfile import write_new
from mspctl.cli.rundoc import utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.model.monitoring import Phase, Standing

if TYPE_CHECKING:
    from mspctl.wiring.monitoring import Watched


@click.command("monitor")
@click.option("--client", required=True, metavar="NAME", help="Whose probes are asked.")
@click.option(
    "--metrics",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the round as OpenMetrics text, such as for Prometheus' node exporter.",
)
@pass_session
def command(session: Session, /, client: str, metrics: Path | None) -> int:
    """Ask all probes of a client once: from here, and on its hosts over one connection each.

    From a schedule, each few minutes. Where nobody watches it prints nothing, unless an incident opened,
    became worse or is over, and the client's file does not say who is told of that.

    Exit code 1 while an incident is open that nobody has acknowledged, and if somebody cannot be told.
    """
    from mspctl.notify.apprise import AppriseNotifier  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.firing import start_command  # noqa: PLC0415 - as above
    from mspctl.wiring.healing import heal  # noqa: PLC0415 - as above
    from mspctl.wiring.monitoring import watch  # noqa: PLC0415 - as above
    from mspctl.wiring.telling import sign_of_life, tell  # noqa: PLC0415 - as above

    console, app = session.console, session.app
    console.redactor = app.secrets
    watched = watch(app, client, ("mspctl", *sys.argv[1:]))
    if metrics is not None:
        _write_metrics(session.environment.cwd / metrics, watched)
    _show(console, watched)
    heal(app, watched, lambda line: start_command(app, line))
    told = tell(app, watched, AppriseNotifier)
    if told.printed and not console.wants_json:
        console.out(told.printed)
    troubles = [*told.troubles, *filter(None, (sign_of_life(app, watched.monitoring.notice),))]
    for trouble in troubles:
        console.error(f"mspctl: {trouble}")
    unattended = any(each.acknowledged is None for each in watched.incidents)
    return Exit.BAD_HOSTS if unattended or troubles else Exit.GOOD


def _write_metrics(path: Path, watched: "Watched") -> None:
    from mspctl.monitor.openmetrics import openmetrics  # noqa: PLC0415 - few ask for it

    text = openmetrics(watched.client.slug, watched.samples, watched.standings, watched.incidents, watched.at)
    write_new(path, text, what="file of metrics", option="--metrics", mode=0o644)


def _show(console: Console, watched: "Watched") -> None:
    if console.wants_json:
        console.json(_document(watched))
        return
    if console.terminal or console.verbose:
        rows = [_row(each) for each in watched.standings]
        console.table("", ("probe", "phase", "seen", "since (UTC)", "what"), rows)


def _row(standing: Standing) -> tuple[str, ...]:
    phase = "ok" if standing.phase is Phase.UP else standing.phase.value
    return (standing.key, phase, standing.seen.value, f"{standing.since:%Y-%m-%d %H:%M}", standing.detail)


def _document(watched: "Watched") -> Document:
    seconds = {each.key: each.seconds for each in watched.samples}
    metrics = {each.key: dict(each.metrics) for each in watched.samples}
    return {
        "client": watched.client.slug,
        "at": utc_text(watched.at),
        "probes": [
            {
                "probe": each.key,
                "phase": each.phase.value,
                "seen": each.seen.value,
                "since": utc_text(each.since),
                "detail": each.detail,
                "seconds": seconds.get(each.key),
                "metrics": metrics.get(each.key, {}),
            }
            for each in watched.standings
        ],
        "changes": [
            {"incident": each.number, "probe": each.key, "word": each.word.value, "text": each.text}
            for each in watched.records
        ],
        "incidents": [incident_document(each) for each in watched.incidents],
    }
