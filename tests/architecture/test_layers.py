"""The layers of pyproject.toml, held by import-linter; the reason of a broken contract is in its name."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.architecture.source import ROOT, Source, sources


def test_imports_keep_the_contracts() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 broken" in ended.stdout


def test_no_file_imports_itself_round_a_circle() -> None:
    """Also by imports within functions or for the type checker: who reads one file would have to know all."""
    files = {_name(source): source for source in sources()}
    imports = {name: set(_imported(source, files)) for name, source in files.items()}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as circle:
        raise AssertionError(" -> ".join(circle.args[1])) from None


def _name(source: Source) -> str:
    return source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imported(source: Source, files: Mapping[str, Source]) -> Iterator[str]:
    """The files of mspctl whose names a file takes; a package's face counts where the name is its own."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in files)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in files:
            for name in node.names:
                inner = f"{node.module}.{name.name}"
                yield inner if inner in files else node.module
