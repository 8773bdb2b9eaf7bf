"""Schedules in a user's crontab: one block per project; every other line of it stays as it is.

Cron knows the machine's zone only, so its lines merely wake mspctl whenever a schedule could be due, and
`mspctl schedule run` decides. Lines without an hour are kept by cron through changes of the machine's own
clock: one of those per client looks for what was missed.
"""

import shlex
import subprocess
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, tzinfo

from mspctl.engine.timetable import Wake, share_of, wakes
from mspctl.errors import StorageError
from mspctl.model.inventory import Client
from mspctl.wiring.schedules import scheduled

_HOUR = 60
_WEEK = 7


def block(
    project: str, command: Sequence[str], clients: Collection[Client], zone: tzinfo, now: datetime
) -> tuple[str, ...]:
    """The lines of a project, with its marks around them; none if nothing is scheduled."""
    lines = list(_lines(command, clients, zone, now))
    if not lines:
        return ()
    begin, end = _marks(project)
    note = "# Written by `mspctl schedule install`; edit the inventory, not these lines."
    return (begin, note, *lines, end)


def _lines(command: Sequence[str], clients: Collection[Client], zone: tzinfo, now: datetime) -> Iterator[str]:
    for client, schedule in scheduled(clients):
        words = (*command, "schedule", "run", "--client", client.slug, schedule.name)
        for wake in wakes(schedule, client.slug, zone, now):
            yield f"{_fields(wake)} {_line(words)}"
    for client in clients:
        if client.schedules:
            sweep = Wake((share_of(client.slug, _HOUR),))
            yield f"{_fields(sweep)} {_line((*command, 'schedule', 'run', '--client', client.slug))}"


def _fields(wake: Wake) -> str:
    minutes = "*" if len(wake.minutes) == _HOUR else ",".join(map(str, wake.minutes))
    hour = "*" if wake.hour is None else str(wake.hour)
    days = (
        "*"
        if len(wake.weekdays) == _WEEK
        else ",".join(str((day + 1) % _WEEK) for day in sorted(wake.weekdays))
    )
    return f"{minutes} {hour} * * {days}"


def _line(words: Sequence[str]) -> str:
    """Cron reads `%` as the end of the line."""
    return shlex.join(words).replace("%", "\\%")


def _marks(project: str) -> tuple[str, str]:
    return f"# mspctl begin {project}", f"# mspctl end {project}"


def replaced(text: str, project: str, lines: Sequence[str]) -> str:
    """The crontab with these lines in the place of the project's block.

    Raises:
        StorageError: the block was begun and not ended: what is ours cannot be told from what is not.
    """
    begin, end = _marks(project)
    before = text.splitlines()
    if before.count(begin) != before.count(end) or before.count(begin) > 1:
        raise StorageError(
            f"the crontab's block of {project} has lost its first or last line",
            hint="mend it with crontab -e",
        )
    if begin in before:
        first, last = before.index(begin), before.index(end)
        before[first : last + 1] = lines
    else:
        before += lines
    return "".join(f"{line}\n" for line in before)


def read_crontab() -> str:
    """The user's crontab, empty if there is none. Raises StorageError: it cannot be had."""
    done = _crontab("-l")
    if done.returncode == 0:
        return done.stdout
    if "no crontab" in done.stderr:
        return ""
    raise StorageError(f"crontab -l failed: {done.stderr.strip()}")


def write_crontab(text: str) -> None:
    """Make it the user's crontab. Raises StorageError: cron did not take it."""
    done = _crontab("-", text)
    if done.returncode:
        raise StorageError(f"the crontab was not taken: {done.stderr.strip()}")


def _crontab(argument: str, text: str = "") -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            ["crontab", argument],
            input=text,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StorageError(
            f"crontab cannot be run: {error}", hint="install cron, or use --systemd"
        ) from error
