"""The command line starts quickly: what a verb does not use is not imported."""

import subprocess
import sys
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from tests.architecture.source import ROOT

HEAVY = ("alembic", "fabric", "jinja2", "paramiko", "pydantic", "rich", "sqlalchemy", "winrm")
ROUNDS = 7
RATIO = 10.0


def loaded_after(code: str) -> set[str]:
    program = f"{code}\nimport sys; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=150
    )
    return set(ended.stdout.splitlines()[-1].split())


def seconds(*arguments: str) -> float:
    """Of a processor, which other processes do not add to as they do to the time of day."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=150)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_importing_the_command_line_loads_no_heavy_library() -> None:
    assert loaded_after("import mspctl.cli.main") & set(HEAVY) == set()


@pytest.mark.parametrize("package", ["model", "engine", "errors", "ports"])
def test_the_core_loads_without_any_library(package: str) -> None:
    assert (
        loaded_after(f"import mspctl.{package}") & {*HEAVY, "click", "yaml", "socket", "subprocess"} == set()
    )


def test_help_costs_a_bounded_multiple_of_an_empty_program() -> None:
    """Measured in turn, so that what slows one slows the other; the least of several rounds counts."""
    rounds = [(seconds("-c", "pass"), seconds("-m", "mspctl", "--help")) for _ in range(ROUNDS)]
    floor, helped = (min(column) for column in zip(*rounds, strict=True))
    assert helped <= RATIO * floor, f"--help took {helped:.3f} s, an empty program {floor:.3f} s"
