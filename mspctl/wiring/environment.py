"""What the process was born with, read once, when asked, and handed on as a value."""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Environment:
    """Environment variables, current folder and the user's home (which cron may not tell)."""

    variables: Mapping[str, str]
    cwd: Path
    home: Path
    user: str


def read_environment() -> Environment:
    """The environment of this process, as it is now."""
    variables = MappingProxyType(dict(os.environ))
    home, user = _account(variables)
    try:
        cwd = Path.cwd()
    except FileNotFoundError:
        cwd = Path("/")
    return Environment(variables, cwd, home, user)


def _account(variables: Mapping[str, str]) -> tuple[Path, str]:
    """HOME if it is an absolute path, else what the password database says; a user may be in none."""
    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        home, user = "/", str(os.getuid())
    else:
        home, user = entry.pw_dir, entry.pw_name
    told = variables.get("HOME", "")
    return Path(told if told.startswith("/") else home), user


def state_folder(environment: Environment) -> Path:
    """Where the run log and the locks are: `$XDG_STATE_HOME/mspctl` or `~/.local/state/mspctl`."""
    from mspctl.runstore import location  # noqa: PLC0415 - `mspctl --help` needs none of it

    return location.state_folder(environment.variables, environment.home)
