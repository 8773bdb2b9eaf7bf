"""Hosts that missed their last window may be worked on in the one called `catch-up`."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mspctl.engine.openings import Admission, admission
from mspctl.engine.patchrules import CATCH_UP_WINDOW
from mspctl.engine.patchstate import LOOK_BACK_DAYS, missed_window
from mspctl.errors import ConfigurationError
from mspctl.model.inventory import Host
from mspctl.model.playbook import Playbook
from mspctl.wiring.app import App


@dataclass(frozen=True, slots=True)
class CatchUp:
    """`late`: host (client/name) → how its catch-up window stands; None if nothing will ever close it.

    `proven` are hosts that are held after good work since their last window opened: those that come after
    them need not wait.
    """

    late: Mapping[str, Admission | None] = field(default_factory=dict)
    proven: frozenset[str] = frozenset()


def catching_up(
    app: App, hosts: Iterable[Host], playbook: Playbook, shut: Mapping[str, Admission], now: datetime
) -> CatchUp:
    """Who is late: shut out by its window, has missed the last one and finds `catch-up` open now."""
    waiting = [host for host in hosts if _waits(shut.get(host.key), now)]
    if not any(CATCH_UP_WINDOW in host.calendar.windows for host in waiting):
        return CatchUp()
    since = now - timedelta(days=LOOK_BACK_DAYS)
    with closing(app.open_store(write=False)) as store:
        good = store.good_runs(playbooks_of_window(app, playbook.window), since)
    late: dict[str, Admission | None] = {}
    proven: set[str] = set()
    for host in waiting:
        if missed_window(host, good.get(host.key), now, since, playbook.window) is None:
            proven.add(host.key)
        elif CATCH_UP_WINDOW in host.calendar.windows:
            state = admission(host.calendar, CATCH_UP_WINDOW, now)
            if state is None or state.refuses(now) is None:
                late[host.key] = state
    return CatchUp(late, frozenset(proven) if late else frozenset())


def _waits(state: Admission | None, now: datetime) -> bool:
    """A blackout shuts the catch-up window, too."""
    refused = state.refuses(now) if state is not None else None
    return refused is not None and refused.reason == "window"


def playbooks_of_window(app: App, window: str) -> tuple[str, ...]:
    """The playbooks that obey this window: a good run of any counts. One that is wrong is left out."""
    return tuple(name for name in app.library.playbook_names() if _window_of(app, name) == window)


def playbook_windows(app: App) -> frozenset[str] | None:
    """The windows that playbooks obey; None if one of them cannot be read, as it might obey any."""
    try:
        return frozenset(app.library.playbook(name).window for name in app.library.playbook_names())
    except ConfigurationError:
        return None


def _window_of(app: App, name: str) -> str | None:
    try:
        return app.library.playbook(name).window
    except ConfigurationError:
        return None
