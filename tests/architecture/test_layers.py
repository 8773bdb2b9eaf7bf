"""The layers of pyproject.toml, held by import-linter; the reason of a broken contract is in its name."""

import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT


def test_imports_keep_the_contracts() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "0 broken" in ended.stdout
