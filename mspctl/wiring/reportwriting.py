"""Writes reports as files: one client's, or those of all clients in processes of their own."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from mspctl.errors import MspctlError
from mspctl.report.formats.month import report_month
from mspctl.report.pages.look import Look
from mspctl.report.score.health import Health
from mspctl.wiring.app import App
from mspctl.wiring.environment import read_environment
from mspctl.wiring.options import Options
from mspctl.wiring.privatefile import write_file
from mspctl.wiring.reporting import client_health
from mspctl.wiring.reportlook import report_look


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written. `language` is empty for each theme's own."""

    month: str
    formats: tuple[str, ...]
    folder: Path
    language: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A client's files, and notes on its theme; or why there are none."""

    client: str
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trouble: str = ""


def write_report(app: App, client: str, order: Order) -> Written:
    """Write a client's month in each format.

    Raises:
        ConfigurationError, UsageError, StorageError: as client_health and report_look, or a file cannot be
            written.
    """
    health = client_health(app, client, order.month)
    look, notes = report_look(app, client, order.language)
    return Written(client, write_forms(health, look, client, order), notes)


def write_forms(health: Health, look: Look, client: str, order: Order) -> tuple[str, ...]:
    """Write what is already known in each format; the names of the files.

    Raises:
        UsageError: a format needs an extra that is not installed.
        StorageError: a file cannot be written.
    """
    files = []
    for form in order.formats:
        path = order.folder / f"{client}-{health.summary.period.start:%Y-%m}.{form}"
        write_file(path, report_month(health, form, look))
        files.append(str(path))
    return tuple(files)


def write_all(app: App, clients: Sequence[str], order: Order, processes: int) -> Iterator[Written]:
    """Write the month of each of these clients, in any order; what stops one client's stops no other's."""
    app.open_store(write=False).close()  # made or migrated here, so that no two processes do it at once
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, min(processes, len(clients))), mp_context=spawn) as pool:
        waiting: list[Future[Written]] = [
            pool.submit(_in_child, app.options, each, order) for each in clients
        ]
        for done in as_completed(waiting):
            yield done.result()


def _in_child(options: Options, client: str, order: Order) -> Written:
    try:
        return write_report(App(options, read_environment()), client, order)
    except MspctlError as error:
        return Written(client, trouble=str(error))
