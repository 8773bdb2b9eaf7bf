"""An inventory of one's own, and what must be said when it is refused: used by the rows I1 to I19."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.inventory import Inventory
from mspctl.parse.inventory import load_inventory

ONE_HOST = "client: acme\nsites:\n  hq:\n    hosts:\n      web1: {address: 10.0.0.1}\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a `mspctl` process said."""

    code: int
    stdout: str
    stderr: str


def write_inventory(folder: Path, clients: Mapping[str, str | bytes], provider: str = "name: MSP\n") -> Path:
    """`folder/inventory` with these client files; the path to give to load_inventory."""
    inventory = folder / "inventory"
    (inventory / "clients").mkdir(parents=True, exist_ok=True)
    (inventory / "mspctl.yml").write_text(provider, encoding="utf-8")
    for name, text in clients.items():
        content = text.encode() if isinstance(text, str) else text
        (inventory / "clients" / f"{name}.yml").write_bytes(content)
    return inventory


def accepted(folder: Path, text: str | bytes) -> Inventory:
    """The inventory of one client file that must be good."""
    return load_inventory(write_inventory(folder, {"acme": text}))


def refused(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    """The problems of one client file that must be refused, each with the file and where in it."""
    return refused_inventory(write_inventory(folder, {"acme": text}))


def refused_inventory(inventory: Path) -> tuple[Problem, ...]:
    """The problems of an inventory that must be refused."""
    with pytest.raises(ConfigurationError) as caught:
        load_inventory(inventory)
    assert caught.value.exit_code == 2
    assert caught.value.__cause__ is None
    problems = caught.value.problems
    assert all(problem.place is not None for problem in problems)
    return problems


def text_of(problems: tuple[Problem, ...]) -> str:
    """All problems as a person reads them."""
    return "\n".join(map(str, problems))


def check(folder: Path) -> Answer:
    """`mspctl inventory check`, as a process."""
    command = [sys.executable, "-m", "mspctl", "--project", str(folder), "inventory", "check"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, env=_environment()
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def check_refuses(folder: Path, expected: str) -> None:
    """`mspctl inventory check` leaves with 2, says why and where, and shows no traceback."""
    answer = check(folder)
    assert answer.code == 2, answer
    assert answer.stdout == ""
    assert expected in answer.stderr
    assert "Traceback" not in answer.stderr


_BOUNDED = """
import json, resource, sys, time
from pathlib import Path
from mspctl.errors import ConfigurationError
from mspctl.parse.inventory import load_inventory
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
started = time.process_time()  # a machine that is busy with other tests takes longer by the clock
try:
    load_inventory(Path(sys.argv[1]))
    problems = []
except ConfigurationError as error:
    problems = [str(problem) for problem in error.problems]
seconds = time.process_time() - started
status = Path("/proc/self/status").read_text()
peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
print(json.dumps([problems, seconds, peak * 1024]))
"""


def refused_within(folder: Path, text: str | bytes, *, seconds: float, memory: int) -> tuple[str, ...]:
    """The problems of a client file, read by a process of its own within these bounds (memory in bytes)."""
    inventory = write_inventory(folder, {"acme": text})
    done = subprocess.run(
        [sys.executable, "-c", _BOUNDED, str(inventory)],
        capture_output=True,
        text=True,
        timeout=40,
        check=True,
        env=_environment(),
    )
    problems, took, peak = json.loads(done.stdout)
    assert problems, "the file must be refused"
    assert took < seconds
    assert peak < memory
    return tuple(problems)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
