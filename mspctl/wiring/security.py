"""`mspctl security status`: how safe the hosts of clients are, by the run log."""

from collections.abc import Collection, Mapping
from contextlib import closing
from datetime import datetime, timedelta

from mspctl.model.inventory import Client
from mspctl.model.playbook import Check
from mspctl.ports import PostureBook
from mspctl.report.facts.posture import HostPosture, host_postures, telling_runs, with_words
from mspctl.report.facts.sidebyside import LYNIS, Row, side_by_side
from mspctl.wiring.app import App

REMEMBERED = 100
"""Days that are read back unless somebody asks for more."""


def client_postures(
    book: PostureBook, client: Client, since: datetime, until: datetime, now: datetime
) -> tuple[HostPosture, ...]:
    """The hosts of a client as runs in [since, until) saw them, with the waivers of `now`. StorageError."""
    found = host_postures(client, book.looks(client.slug, since, until), now)
    return with_words(found, book.check_findings(telling_runs(found)))


def baseline(app: App) -> Mapping[str, Check]:
    """Each check of the security baseline by its id. Raises ConfigurationError."""
    library = app.library
    steps = library.playbook("security").steps
    return {check.name: check for step in steps for check in library.module(step.module).checks}


def security_states(app: App, clients: Collection[str], days: int = REMEMBERED) -> tuple[HostPosture, ...]:
    """The hosts of these clients (all if none is named), from the runs of the last `days` days.

    Raises:
        UsageError: a client has no file.
        StorageError: the run log cannot be read.
    """
    inventory = app.inventory(clients or None)
    now = app.clock.now()
    since, until = now - timedelta(days=days), now + timedelta(days=1)
    with closing(app.open_store(write=False)) as store:
        return tuple(
            posture
            for client in inventory.clients
            for posture in client_postures(store, client, since, until, now)
        )


def comparisons(app: App, clients: Collection[str], days: int) -> tuple[Row, ...]:
    """What the baseline and lynis say of the same things. Raises as security_states."""
    inventory = app.inventory(clients or None)
    now = app.clock.now()
    since, until = now - timedelta(days=days), now + timedelta(days=1)
    with closing(app.open_store(write=False)) as store:
        return tuple(
            row
            for client in inventory.clients
            for row in side_by_side(
                client_postures(store, client, since, until, now),
                store.runs(client=client.slug, since=since, modules=(LYNIS,)),
            )
        )
