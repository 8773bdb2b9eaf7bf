"""O12: a `.bashrc` that prints, and fish, are tolerated; one that ends or replaces the shell is named."""

import re
import subprocess

import pytest

from mspctl.model.outcome import Outcome
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
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
    """Its language is not sh's, and its configuration may print."""
    linked = subprocess.run(
        ["ldd", "/usr/bin/fish"], capture_output=True, text=True, check=True, timeout=10
    ).stdout
    libraries = re.findall(r"=> (/\S+) ", linked)
    assert libraries
    files = ["/usr/bin/fish", "/usr/share/fish/config.fish", "/usr/share/fish/functions", *libraries]
    packed = subprocess.run(["tar", "-chP", *files], capture_output=True, check=True, timeout=20).stdout
    unpack = one_host.real.inside(["tar", "-xP", "--skip-old-files"])
    subprocess.run(unpack, input=packed, capture_output=True, check=True, timeout=20)
    one_host.real.run_inside(["usermod", "--shell", "/usr/bin/fish", "ops"])
    config = "/home/ops/.config/fish/config.fish"
    one_host.real.run_inside(["mkdir", "-p", "/home/ops/.config/fish"])
    one_host.real.write_file(config, "echo welcome; set -x LC_ALL tlh\n")
    found = one_host.run('check() { echo "it\'s $0 $LC_ALL"; ok; }')
    assert one_host.ending(found).outcome is Outcome.OK
    assert output(found, 0).endswith(b" C\n")
    assert b"welcome" not in output(found, 0)
