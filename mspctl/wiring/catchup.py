"""Hosts that missed their last window may be worked on in the one called `catch-up`."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime, timedelta

from mspctl.engine.openings import Admission, admission
from mspctl.engine.patchrules import CATCH_UP_WINDOW
from mspctl.engine.patchstate import LOOK_BACK_DAYS, missed_window
from mspctl.model.inventory import Host
from mspctl.model.playbook import Playbook
from mspctl.wiring.app import App


def catching_up(
    app: App, hosts: Iterable[Host], playbook: Playbook, shut: Mapping[str, Admission], now: datetime
) -> Mapping[str, Admission | None]:
    """Host (client/name) → how its catch-up window stands; None if nothing will ever close it.

    Only hosts that are shut out by their window, have missed the last one and find `catch-up` open now.
    """
    waiting = [host for host in hosts if _waits(host, shut.get(host.key), now)]
    if not waiting:
        return {}
    since = now - timedelta(days=LOOK_BACK_DAYS)
    with closing(app.open_store(write=False)) as store:
        good = store.good_runs(playbooks_of_window(app, playbook.window), since)
    found: dict[str, Admission | None] = {}
    for host in waiting:
        if missed_window(host, good.get(host.key), now, since, playbook.window) is None:
            continue
        state = admission(host.calendar, CATCH_UP_WINDOW, now)
        if state is None or state.refuses(now) is None:
            found[host.key] = state
    return found


def _waits(host: Host, state: Admission | None, now: datetime) -> bool:
    """A blackout shuts the catch-up window, too."""
    refused = state.refuses(now) if state is not None else None
    has_one = CATCH_UP_WINDOW in host.calendar.windows
    return has_one and refused is not None and refused.reason == "window"


def playbooks_of_window(app: App, window: str) -> tuple[str, ...]:
    """The playbooks that obey this window: a good run of any of them counts."""
    names = app.library.playbook_names()
    return tuple(name for name in names if app.library.playbook(name).window == window)
