"""Where the run log lies if nobody says otherwise."""

from collections.abc import Mapping
from pathlib import Path


def state_folder(environment: Mapping[str, str], home: Path) -> Path:
    """`$XDG_STATE_HOME/mspctl`, else `~/.local/state/mspctl` (XDG base directory specification 0.8).

    `home` is the user's home folder by the user database: under cron there may be no $HOME. A relative
    $XDG_STATE_HOME is ignored, as the specification asks.
    """
    chosen = environment.get("XDG_STATE_HOME", "")
    if chosen.startswith("/"):
        return Path(chosen) / "mspctl"
    return Path(environment.get("HOME") or home) / ".local" / "state" / "mspctl"


def default_database(environment: Mapping[str, str], home: Path) -> str:
    """The URL of the run log in the state folder."""
    return f"sqlite:///{state_folder(environment, home) / 'runs.db'}"
