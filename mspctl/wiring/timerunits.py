"""Schedules as timers of systemd: a service and a timer each, in UTC, which no change of a clock touches."""

import hashlib
import shlex
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mspctl.engine.timetable import Wake, wakes
from mspctl.errors import StorageError
from mspctl.model.inventory import Client
from mspctl.model.schedule import Schedule
from mspctl.wiring.schedules import scheduled

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SERVICE = """\
# Written by `mspctl schedule install`; edit the inventory, not this file.
[Unit]
Description=mspctl {title}
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
ExecStart={command}
KillMode=mixed
TimeoutStopSec=60
"""
_TIMER = """\
# Written by `mspctl schedule install`; edit the inventory, not this file.
[Unit]
Description=mspctl {title}

[Timer]
{calendar}
Persistent=true
AccuracySec=1s

[Install]
WantedBy=timers.target
"""


def prefix(project: str) -> str:
    """What the units of a project begin with: a project is known by its folder."""
    return f"mspctl-{hashlib.sha256(project.encode()).hexdigest()[:8]}-"


def units(
    project: str, command: Sequence[str], clients: Collection[Client], now: datetime
) -> Mapping[str, str]:
    """File name → content."""
    return dict(_units(project, command, clients, now))


def _units(
    project: str, command: Sequence[str], clients: Collection[Client], now: datetime
) -> Iterator[tuple[str, str]]:
    for client, schedule in scheduled(clients):
        name = f"{prefix(project)}{client.slug}-{schedule.name}"
        title = f"{client.slug}: {schedule.name}"
        words = (*command, "schedule", "run", "--client", client.slug, schedule.name)
        yield f"{name}.service", _SERVICE.format(title=title, command=_line(words))
        calendar = "\n".join(_calendar(schedule, client.slug, now))
        yield f"{name}.timer", _TIMER.format(title=title, calendar=calendar)


def _calendar(schedule: Schedule, client: str, now: datetime) -> Iterator[str]:
    for wake in wakes(schedule, client, UTC, now):
        days = (
            "" if len(wake.weekdays) == len(_DAYS) else ",".join(_DAYS[day] for day in sorted(wake.weekdays))
        )
        yield f"OnCalendar={days} *-*-* {_clock(wake)}:00 UTC".replace("= ", "=")


def _clock(wake: Wake) -> str:
    hour = "*" if wake.hour is None else f"{wake.hour:02}"
    return f"{hour}:{','.join(f'{minute:02}' for minute in wake.minutes)}"


def _line(words: Sequence[str]) -> str:
    """Systemd expands `%` and `$`."""
    return shlex.join(words).replace("%", "%%").replace("$", "$$")


def write_units(folder: Path, project: str, files: Mapping[str, str]) -> tuple[str, ...]:
    """Make these the project's units in the folder; the names of those that went.

    Raises:
        StorageError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = {
            path.name for path in folder.glob(f"{prefix(project)}*") if path.suffix in {".service", ".timer"}
        }
        gone = tuple(sorted(old - set(files)))
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        for name in gone:
            (folder / name).unlink()
    except OSError as error:
        raise StorageError(f"the units cannot be written to {folder}: {error.strerror}") from error
    return gone


def systemctl(arguments: Sequence[str], *, user: bool) -> None:
    """Call it. Raises StorageError with what it said."""
    command = ["systemctl", *(["--user"] if user else []), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StorageError(f"systemctl cannot be run: {error}") from error
    if done.returncode:
        raise StorageError(f"{shlex.join(command)} failed: {done.stderr.strip()}")
