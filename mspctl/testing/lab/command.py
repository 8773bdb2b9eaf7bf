"""Commands of this machine, run by the lab: a failure becomes a LabError that shows what the command said."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from mspctl.testing.lab.errors import LabError

SCRIPTS = Path(__file__).with_name("scripts")
ENDS_WITH_US = (
    "setpriv",
    "--pdeathsig",
    "KILL",
    "unshare",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
)
"""Before a command: it runs in pid and mount namespaces of its own and dies, children and all, when we do."""


def run(
    argv: Sequence[str | Path], *, stdin: str = "", timeout: float = 150, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run `argv` to its end, with `stdin` as input; `timeout` in seconds.

    Raises LabError when the command is missing or too slow, and (with `check`) when it fails.
    """
    line = [str(word) for word in argv]
    try:
        done = subprocess.run(
            line, input=stdin, text=True, errors="replace", capture_output=True, timeout=timeout, check=False
        )
    except FileNotFoundError as error:
        raise LabError(f"command not found: {line[0]}", hint="see missing_requirements()") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"no end after {timeout:g} s: {' '.join(line)[:200]}") from error
    if check and done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-2000:]
        raise LabError(f"exit {done.returncode} from {' '.join(line)[:200]}: {said}")
    return done
