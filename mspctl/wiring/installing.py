"""Puts the schedules of a project into cron or systemd, and takes them out again."""

import os
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from mspctl.errors import UsageError
from mspctl.model.inventory import Client
from mspctl.model.schedule import Installed
from mspctl.wiring import crontab, timerunits
from mspctl.wiring.app import App
from mspctl.wiring.firing import kept_environment, own_command
from mspctl.wiring.schedules import installed_of, scheduled


@dataclass(frozen=True, slots=True)
class Means:
    """Cron's table of this user, or units of systemd in a folder (None: where systemd looks)."""

    systemd: bool = False
    folder: Path | None = None


def local_zone() -> tzinfo:
    """The zone of this machine's clock, changes of it included."""
    from dateutil.tz import tzfile, tzlocal  # noqa: PLC0415 - only `install` asks

    try:
        return tzfile("/etc/localtime")
    except (OSError, ValueError):
        return tzlocal()


def crontab_lines(app: App, clients: Collection[Client]) -> tuple[str, ...]:
    """The block of this project."""
    return crontab.block(_project(app), _command(app), clients, local_zone(), app.clock.now())


def unit_files(app: App, clients: Collection[Client]) -> "dict[str, str]":
    """The units of this project: name → content."""
    return dict(timerunits.units(_project(app), _command(app), clients, app.clock.now()))


def install(app: App, clients: Collection[Client], means: Means) -> None:
    """Make cron or systemd keep exactly these clients' schedules for this project; remember since when.

    Raises:
        StorageError: cron or systemd did not take it; what was there stays.
        UsageError: the run log's URL holds a password.
    """
    _check_database(app)
    known, now = installed_of(app, clients), app.clock.now()
    rows = [
        Installed(
            client.slug,
            schedule.name,
            _since(known.get((client.slug, schedule.name)), schedule.text, now),
            schedule.text,
        )
        for client, schedule in scheduled(clients)
    ]
    if means.systemd:
        _install_units(app, clients, means)
    else:
        text = crontab.replaced(crontab.read_crontab(), _project(app), crontab_lines(app, clients))
        crontab.write_crontab(text)
    with closing(app.open_store()) as store:
        store.install([client.slug for client in clients], rows)
    app.audited(
        "schedules-installed", {"schedules": str(len(rows)), "by": "systemd" if means.systemd else "cron"}
    )


def _since(before: Installed | None, text: str, now: datetime) -> datetime:
    """A schedule that did not change is kept since it first was."""
    return before.since if before is not None and before.text == text else now


def remove(app: App, clients: Collection[Client], means: Means) -> None:
    """Take the project's block or units out again. Raises StorageError."""
    if means.systemd:
        _write_units(app, {}, means)
    else:
        before = crontab.read_crontab()
        after = crontab.replaced(before, _project(app), ())
        if after != before:
            crontab.write_crontab(after)
    with closing(app.open_store()) as store:
        store.install([client.slug for client in clients], ())
    app.audited("schedules-removed", {"by": "systemd" if means.systemd else "cron"})


def _install_units(app: App, clients: Collection[Client], means: Means) -> None:
    files = unit_files(app, clients)
    _write_units(app, files, means)
    if means.folder is None:
        timers = [name for name in files if name.endswith(".timer")]
        timerunits.systemctl(["enable", "--now", *timers], user=_as_user())


def _write_units(app: App, files: "dict[str, str]", means: Means) -> None:
    """With systemd itself told, timers that go are stopped first."""
    folder = means.folder or _unit_folder(app)
    if means.folder is None:
        own = f"{timerunits.prefix(_project(app))}*.timer"
        old = sorted(path.name for path in folder.glob(own) if path.name not in files)
        if old:
            timerunits.systemctl(["disable", "--now", *old], user=_as_user())
    timerunits.write_units(folder, _project(app), files)
    if means.folder is None:
        timerunits.systemctl(["daemon-reload"], user=_as_user())


def _unit_folder(app: App) -> Path:
    if _as_user():
        return app.environment.home / ".config" / "systemd" / "user"
    return Path("/etc/systemd/system")


def _as_user() -> bool:
    return os.getuid() != 0


def _project(app: App) -> str:
    return os.fspath(app.project.resolve())


def _command(app: App) -> Sequence[str]:
    kept = kept_environment(app)
    return (*(("/usr/bin/env", *kept) if kept else ()), *own_command(app))


def _check_database(app: App) -> None:
    told = app.options.database or app.environment.variables.get("MSPCTL_DATABASE") or ""
    if ":" in told.partition("://")[2].partition("/")[0].rpartition("@")[0] or "password=" in told:
        raise UsageError(
            "the URL of the run log holds a password, which everybody could read in the crontab",
            hint="leave it out; libpq finds it in PGPASSFILE or ~/.pgpass",
        )
