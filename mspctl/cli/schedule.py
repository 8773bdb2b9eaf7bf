"""`mspctl schedule`: what is run when, kept by cron or systemd."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from mspctl.cli.console import Document
from mspctl.cli.exits import Exit
from mspctl.cli.rundoc import utc_text
from mspctl.cli.session import Session, pass_session
from mspctl.errors import ConfigurationError, Problem

if TYPE_CHECKING:
    from mspctl.engine.timetable import Missed
    from mspctl.model.inventory import Client
    from mspctl.model.schedule import Schedule
    from mspctl.wiring.installing import Means
    from mspctl.wiring.schedules import Entry

_CLIENTS = click.option(
    "--client", "clients", multiple=True, metavar="NAME", help="Only this client; may be repeated."
)
_SYSTEMD = click.option("--systemd", is_flag=True, help="Timers of systemd in place of the user's crontab.")
_UNITS = click.option(
    "--units",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the units here and leave systemd alone.",
)


@click.group("schedule")
def command() -> None:
    """List, install and remove what the inventory wants to be run when.

    The times are those of the client's zone, on the days on which clocks change as well. A schedule that was
    missed, because this machine was off, is started as late as its `catch_up` allows.
    """


@command.command("list")
@_CLIENTS
@pass_session
def list_(session: Session, /, clients: tuple[str, ...]) -> None:
    """List the schedules, whether this machine keeps them, and when each is due next."""
    from mspctl.wiring.schedules import entries  # noqa: PLC0415 - --help needs none of it

    found = entries(session.app, clients)
    if session.console.wants_json:
        session.console.json({"schedules": [_entry_document(each) for each in found]})
    elif not found:
        session.console.error("nothing is scheduled; see schedules in `mspctl inventory schema`")
    else:
        columns = ("client", "schedule", "when", "zone", "runs", "next", "kept")
        session.console.table("", columns, [_entry_row(each) for each in found])


def _entry_row(entry: "Entry") -> Sequence[str]:
    schedule = entry.schedule
    kept = "no" if entry.kept is None else "changed since" if entry.stale else f"since {entry.kept:%Y-%m-%d}"
    return (
        entry.client.slug,
        schedule.name,
        schedule.when,
        schedule.timezone,
        " ".join(schedule.words),
        _local(entry.following, schedule),
        kept,
    )


def _entry_document(entry: "Entry") -> Document:
    schedule = entry.schedule
    return {
        "client": entry.client.slug,
        "schedule": schedule.name,
        "when": schedule.when,
        "timezone": schedule.timezone,
        "run": list(schedule.words),
        "jitter": schedule.jitter,
        "overlap": schedule.overlap.value,
        "catch_up": schedule.catch_up,
        "next": utc_text(entry.following),
        "kept_since": utc_text(entry.kept),
        "changed": entry.stale,
    }


@command.command("next")
@_CLIENTS
@click.option(
    "-n", "count", type=click.IntRange(1, 1000), default=10, show_default=True, help="So many times."
)
@pass_session
def next_(session: Session, /, clients: tuple[str, ...], count: int) -> None:
    """List the next times, in order."""
    from mspctl.wiring.schedules import upcoming  # noqa: PLC0415 - --help needs none of it

    found = upcoming(session.app, clients, count)
    if session.console.wants_json:
        session.console.json(
            {
                "next": [
                    {
                        "at": utc_text(each.at),
                        "local": each.at.astimezone(ZoneInfo(schedule.timezone)).isoformat(),
                        "client": each.client,
                        "schedule": each.name,
                    }
                    for each, _, schedule in found
                ]
            }
        )
    elif not found:
        session.console.error("nothing is scheduled")
    else:
        rows = [
            (_local(each.at, schedule), _short(each.at), each.client, each.name, " ".join(schedule.words))
            for each, _, schedule in found
        ]
        session.console.table("", ("client's time", "UTC", "client", "schedule", "runs"), rows)


@command.command("missed")
@_CLIENTS
@click.option("--days", type=click.IntRange(1, 60), default=7, show_default=True, help="Look back so far.")
@pass_session
def missed(session: Session, /, clients: tuple[str, ...], days: int) -> None:
    """List times that were not kept: never started, late, overlapped, killed or failed.

    Counted since the schedule was installed; one that is not is named. `mspctl patches missed` lists
    hosts that missed their window.
    """
    from mspctl.wiring.schedules import missed_times, not_kept  # noqa: PLC0415 - --help needs none of it

    found = missed_times(session.app, clients, days)
    unkept = not_kept(session.app, clients)
    if session.console.wants_json:
        session.console.json({"missed": [_missed_document(each) for each in found], "not_kept": list(unkept)})
        return
    if found:
        columns = ("client", "schedule", "due", "what", "times", "last", "exit code")
        session.console.table("", columns, [_missed_row(each) for each in found])
    if unkept:
        session.console.error(
            f"nothing on this machine keeps {', '.join(unkept)}; `mspctl schedule install` would"
        )
    elif not found:
        session.console.error("every time was kept")


def _missed_row(missed: "Missed") -> Sequence[str]:
    code = missed.firing.code if missed.firing else None
    return (
        missed.client,
        missed.schedule.name,
        _local(missed.due, missed.schedule),
        missed.word,
        str(missed.times),
        _local(missed.last, missed.schedule),
        "" if code is None else str(code),
    )


def _missed_document(missed: "Missed") -> Document:
    firing = missed.firing
    return {
        "client": missed.client,
        "schedule": missed.schedule.name,
        "due": utc_text(missed.due),
        "what": missed.word,
        "times": missed.times,
        "last": utc_text(missed.last),
        "began": utc_text(firing.began if firing else None),
        "exit_code": firing.code if firing else None,
    }


@command.command("install")
@_SYSTEMD
@_UNITS
@click.option("--print", "only_print", is_flag=True, help="Print what would be installed; change nothing.")
@pass_session
def install(session: Session, /, *, systemd: bool, units: Path | None, only_print: bool) -> None:
    """Put the schedules of all clients into the user's crontab, in place of those of before.

    All other lines of the crontab stay as they are. Run it again after schedules were changed.
    """
    from mspctl.wiring.installing import crontab_lines, unit_files  # noqa: PLC0415 - --help needs none of it
    from mspctl.wiring.installing import install as put  # noqa: PLC0415 - as above

    app, means = session.app, _means(systemd=systemd, units=units)
    clients = app.inventory().clients
    _check_commands(clients)
    if only_print:
        if not means.systemd:
            session.console.out("\n".join(crontab_lines(app, clients)))
            return
        for name, content in unit_files(app, clients).items():
            session.console.out(f"# {name}\n{content}")
        return
    put(app, clients, means)
    count = sum(len(client.schedules) for client in clients)
    _told(
        session,
        f"{count} schedules of {sum(bool(client.schedules) for client in clients)} clients are kept",
        count,
    )


@command.command("remove")
@_SYSTEMD
@_UNITS
@pass_session
def remove(session: Session, /, *, systemd: bool, units: Path | None) -> None:
    """Take the schedules of this project out of the crontab, or out of systemd."""
    from mspctl.wiring.installing import remove as take_out  # noqa: PLC0415 - --help needs none of it

    app = session.app
    take_out(app, app.inventory().clients, _means(systemd=systemd, units=units))
    _told(session, "no schedules of this project are kept any more", 0)


@command.command("run")
@click.option("--client", required=True, metavar="NAME", help="The client.")
@click.argument("name", required=False)
@pass_session
def run(session: Session, /, client: str, name: str | None) -> int:
    """Start schedule NAME of a client if it is due now and was not started for that time; else do nothing.

    This is what cron and timers call. Without NAME, all schedules of the client that are due.
    """
    from mspctl.wiring.firing import due_of, fire, start_command, start_together  # noqa: PLC0415 - as above

    app = session.app
    found = due_of(app, client, name)
    if name is None:
        words = [("schedule", "run", "--client", client, schedule.name) for schedule, _ in found]
        return max(map(abs, start_together(app, words)), default=Exit.GOOD)
    code = Exit.GOOD.value
    for schedule, at in found:
        code = fire(app, client, schedule, at, lambda line: start_command(app, line))
    if code < 0:
        session.console.error(f"{client}: {name} was ended by signal {-code}")
        return Exit.CANCELLED
    return code


def _means(*, systemd: bool, units: Path | None) -> "Means":
    from mspctl.wiring.installing import Means  # noqa: PLC0415 - as above

    return Means(systemd or units is not None, units)


def _told(session: Session, text: str, count: int) -> None:
    if session.console.wants_json:
        session.console.json({"schedules": count})
    else:
        session.console.out(text)


def _check_commands(clients: "Sequence[Client]") -> None:
    """What cannot be a call of mspctl is refused now, not at night."""
    found = [
        Problem(problem, schedule.place, f"schedules.{schedule.name}.run", "see `mspctl --help`")
        for client in clients
        for schedule in client.schedules
        if (problem := _wrong(schedule, client.slug))
    ]
    if found:
        raise ConfigurationError.of(tuple(dict.fromkeys(found)))


def _wrong(schedule: "Schedule", client: str) -> str:
    from mspctl.cli.main import mspctl as root  # noqa: PLC0415 - it imports this module
    from mspctl.wiring.firing import called  # noqa: PLC0415 - as above

    verb, *rest = called(schedule, client)
    ctx = click.Context(root, info_name="mspctl")
    found = root.get_command(ctx, verb)
    if found is None:
        return f"mspctl has no command `{verb}`"
    if isinstance(found, click.Group) and not rest[0].startswith("-"):
        below, *rest = rest
        group, verb = verb, f"{verb} {below}"
        found = found.get_command(ctx, below)
        if found is None:
            return f"`mspctl {group}` has no command `{below}`"
    if not any("--client" in option.opts for option in found.params):
        return f"`mspctl {verb}` is not for one client"
    if "--help" in rest:
        return f"`mspctl {verb}` would only explain itself"
    try:
        found.make_context(verb, rest, parent=ctx)
    except click.exceptions.ClickException as error:
        return error.format_message()
    return ""


def _local(at: datetime | None, schedule: "Schedule") -> str:
    if at is None:
        return "-"
    local = at.astimezone(ZoneInfo(schedule.timezone))
    return f"{local:%a %Y-%m-%d %H:%M} {local.tzname()}"


def _short(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
