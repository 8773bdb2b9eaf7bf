"""What an inventory says about windows and waves that is right in form and yet hardly meant."""

from collections.abc import Iterator
from datetime import datetime

from mspctl.engine.openings import next_opening
from mspctl.engine.patchrules import CATCH_UP_WINDOW, PATCH_WINDOW, REBOOT_WINDOW
from mspctl.errors import ConfigurationError, Problem
from mspctl.model.inventory import Inventory
from mspctl.model.monitoring import MAINTENANCE
from mspctl.model.suggestion import did_you_mean
from mspctl.wiring.app import App
from mspctl.wiring.catchup import playbook_windows
from mspctl.wiring.judging import ended_holds

_OURS = frozenset({PATCH_WINDOW, REBOOT_WINDOW, CATCH_UP_WINDOW, *MAINTENANCE})


def refuse_unheeded_windows(app: App, inventory: Inventory) -> None:
    """A window with a misspelt name keeps nobody away: the host would be open at any time.

    Raises:
        ConfigurationError: no playbook obeys a window of that name, nor does anything else.
    """
    written = {name: spans for host in inventory.hosts for name, spans in host.calendar.windows.items()}
    watched = (client.monitoring.maintenance for client in inventory.clients if client.monitoring)
    known = _OURS.union(*watched)
    if written.keys() <= known:
        return
    obeyed = playbook_windows(app)
    if obeyed is None or written.keys() <= known | obeyed:
        return
    known |= obeyed
    problems = (
        Problem(
            "nothing obeys a window of this name: neither a playbook nor the monitoring",
            next((span.place for span in written[name]), None),
            f"windows.{name}",
            did_you_mean(name, known),
        )
        for name in sorted(written.keys() - known)
    )
    raise ConfigurationError.of(tuple(problems))


def doubts(inventory: Inventory, at: datetime) -> tuple[str, ...]:
    """A line for each hold that has ended, window that never opens again, and wave that can take nobody."""
    return (*ended_holds(inventory, at), *_shut_for_ever(inventory, at), *_empty_waves(inventory))


def _shut_for_ever(inventory: Inventory, at: datetime) -> Iterator[str]:
    told = set()
    for host in inventory.hosts:
        for name, spans in host.calendar.windows.items():
            if (name, spans) in told or next_opening(host.calendar, name, at) is not None:
                continue
            told.add((name, spans))
            place = next((f"{span.place}: " for span in spans if span.place), "")
            yield f"{place}the window {name} of {host.key} does not open any more: nothing will be done in it"


def _empty_waves(inventory: Inventory) -> Iterator[str]:
    """A client may have no host of a wave that the provider asks for; a tag that nobody has is a mistake."""
    tags = frozenset(tag for host in inventory.hosts for tag in host.tags)
    waves = dict.fromkeys(wave for host in inventory.hosts for wave in host.patching.waves)
    for wave in waves:
        if wave.tags and not wave.tags & tags:
            missing = ", ".join(sorted(wave.tags))
            hint = did_you_mean(min(wave.tags), tags) or "give it to a host"
            yield f"the wave {wave.name} takes no host, for none has the tag {missing}; {hint}"
