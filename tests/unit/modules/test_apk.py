"""What apk is asked for, beyond the recorded answers: no host of the lab has it."""

import pytest

from mspctl.shipped import shipped_folder
from tests.unit.render.shells import SHELLS, output

# Nothing of what is newer can be had, and the scope is all.
NOTHING = "pm_run() { shift; echo \"$*\"; }\neverything=1 chosen='' apk_wish=''\napk_upgrade 5 && echo done\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_an_upgrade_of_nothing_is_none_of_all(shell: str) -> None:
    library = (shipped_folder("templates") / "bundle" / "posix" / "lib" / "apk.sh").read_text()
    assert output(shell, f"{library}\n{NOTHING}") == b"done\n"
