"""O9: stdin prompt (apt, `read`): stdin closed, EOF at once; outcome failed, hint "asked for input"."""

import time

import pytest

from mspctl.model.outcome import Outcome, StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.integration.modules.runner import run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

_ASK = "printf 'Do you want to continue? [Y/n] '; read -r answer || exit 1; echo went on"
_ASK_THE_TERMINAL = "printf 'Password: '; read -r answer </dev/tty || exit 1; echo went on"


def test_a_command_that_asks_gets_an_end_of_file_at_once(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient"))
    began = time.monotonic()
    results = run(
        host,
        Use("command", {"command": _ASK}),
        Use("script", {"text": _ASK}),
        Use("command", {"command": _ASK_THE_TERMINAL}),
    )
    assert time.monotonic() - began < 50
    assert [result.status for result in results] == [StepStatus.FAILED] * 3
    for result in results:
        assert "asked for input" in result.reason
    assert not any("went on" in result.output for result in results)


def test_neither_dpkg_nor_debconf_nor_a_postinst_can_ask(lab_hosts: LabHosts) -> None:
    """A changed configuration file, a critical question, and the question of apt itself."""
    host = lab_hosts(lab.HostSpec("patient", ("conf", "debconf", "newdep")))
    host.run_inside(["sh", "-c", "echo 'colour = red' > /etc/lab-conf.conf"])
    result = run_one(host, Use("packages", {"action": "upgrade"}))
    assert result.status is StepStatus.CHANGED, result.reason
    assert set(result.changes) == {"lab-conf", "lab-debconf", "lab-newdep", "lab-extra"}
    assert host.read_file("/etc/lab-debconf-colour") == "green\n"
    assert host.read_file("/etc/lab-conf.conf") == "colour = red\n"


def test_a_postinst_that_reads_its_terminal_fails_instead_of_hanging(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient"))
    postinst = "#!/bin/sh\nread -r answer </dev/tty || exit 1\nread -r answer || exit 1\n"
    lab_hosts.lab.publish([lab.Deb("lab-asking", "1.0", scripts={"postinst": postinst})])
    began = time.monotonic()
    refresh, install = run(
        host, Use("packages", {"action": "refresh"}), Use("package", {"names": ("lab-asking",)}), timeout=40
    )
    assert time.monotonic() - began < 50
    assert refresh.changes == {}
    assert install.status is StepStatus.FAILED
    assert "lab-asking" in install.reason


def test_over_ssh_a_question_ends_at_once(one_host: OneHost) -> None:
    began = time.monotonic()
    found = one_host.run("check() { printf 'Continue? [Y/n] '; read -r answer || failed 'asked for input'; }")
    ending = one_host.ending(found)
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "step-failed")
    assert time.monotonic() - began < 50
