"""`mspctl backup status`: how the backups of clients stand, by the run log."""

from collections.abc import Collection
from contextlib import closing
from datetime import timedelta

from mspctl.report.facts.backups import ALL_MODULES, HostBackup, host_backups
from mspctl.wiring.app import App


def backup_states(app: App, clients: Collection[str], days: int) -> tuple[HostBackup, ...]:
    """The hosts of these clients (all if none is named), from the runs of the last `days` days.

    Raises:
        UsageError: a client has no file.
        StorageError: the run log cannot be read.
    """
    inventory = app.inventory(clients or None)
    now = app.clock.now()
    since = now - timedelta(days=days)
    with closing(app.open_store(write=False)) as store:
        return tuple(
            state
            for client in inventory.clients
            for state in host_backups(
                client, store.runs(client=client.slug, since=since, modules=ALL_MODULES), now
            )
        )
