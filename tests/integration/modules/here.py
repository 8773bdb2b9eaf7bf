"""This machine as a host: real tools that keep all they have in a folder, and a /run of their own."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OWN_RUN = 'mount -t tmpfs none /run && exec "$@"'


class Here:
    """Runs commands with an environment made from nothing but `variables`."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        told = {"PATH": _PATH, "LC_ALL": "C", "HOME": str(folder)} | dict(variables)
        self._variables = [f"{name}={value}" for name, value in told.items()]

    def inside(self, command: Sequence[str], /) -> list[str]:
        return ["unshare", "--mount", "sh", "-c", _OWN_RUN, "sh", "env", "-i", *self._variables, *command]

    def run(self, *command: str) -> str:
        """What a command that must succeed prints."""
        done = subprocess.run(
            self.inside(command), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
        return done.stdout


def needs(tool: str) -> None:
    """Skip if this machine lacks a tool of `.ci/debian-packages`; in continuous integration fail."""
    if shutil.which(tool, path=_PATH) is None:
        if os.environ.get("CI"):
            pytest.fail(f"continuous integration must run these tests, but lacks {tool}", pytrace=False)
        pytest.skip(f"this machine lacks {tool}")
