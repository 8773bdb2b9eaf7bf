"""O12: a `.bashrc` that prints, and fish, are tolerated; one that ends or replaces the shell is named."""

import pytest

from mspctl.model.outcome import Outcome
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.hostile.fish import give_fish
from tests.unit.engine.bundles import output


def test_o12_prints(one_host: OneHost) -> None:
    one_host.real.write_file("/home/ops/.bashrc", "echo welcome; printf '\\036fake\\n'; echo noise >&2\n")
    found = one_host.run("check() { echo real; ok; }")
    assert one_host.ending(found).outcome is Outcome.OK
    assert output(found, 0) == b"real\n"


@pytest.mark.parametrize(("line", "reason"), [("exit 1", "shell-init"), ("exec bash", "privilege")])
def test_o12_goes_its_own_way(one_host: OneHost, line: str, reason: str) -> None:
    one_host.real.write_file("/home/ops/.bashrc", f"echo welcome\n{line}\n")
    ending = one_host.ending(one_host.run("check() { touch /var/tmp/ran; ok; }"))
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, reason)
    assert "ran" not in one_host.real.run_inside(["ls", "/var/tmp"]).stdout


def test_o12_fish_as_login_shell(one_host: OneHost) -> None:
    give_fish(one_host.real)
    found = one_host.run('check() { echo "it\'s $0 $LC_ALL"; ok; }')
    assert one_host.ending(found).outcome is Outcome.OK
    assert output(found, 0).endswith(b" C\n")
    assert b"welcome" not in output(found, 0)
