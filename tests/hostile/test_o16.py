"""O16: exit status missing, by signal, 255: never ok, and the signal keeps its name."""

import pytest

from mspctl.model.event import LinkLost
from mspctl.model.outcome import Outcome
from mspctl.testing.shell_transport import Faults, ShellTransport
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.unit.engine.bundles import bundle, endings, events, output, plan, step

OK = 'check() { ok "fine"; }'


@pytest.mark.parametrize("ends", ["exit 255", "exit 1", "kill -9 $$"])
def test_o16_bad_status(ends: str) -> None:
    transport = ShellTransport(("/bin/sh", "-c", f"/bin/sh -s; {ends}"))
    ending = endings(events(plan(bundle(step(0, OK))), transport))["acme/web1"]
    assert ending.outcome.bad


@pytest.mark.parametrize("ends", ["exit 255", "exit 1", "kill -9 $$"])
def test_o16_bad_status_over_ssh(one_host: OneHost, ends: str) -> None:
    """An account whose own command ends badly after all was said."""
    one_host.real.write_file("/usr/local/bin/wrapped", f'#!/bin/sh\nsh -c "$SSH_ORIGINAL_COMMAND"; {ends}\n')
    one_host.real.run_inside(["chmod", "755", "/usr/local/bin/wrapped"])
    with one_host.real.faults.sshd_options("ForceCommand /usr/local/bin/wrapped"):
        ending = one_host.ending(one_host.run(OK))
    assert ending.outcome.bad, ending


def test_o16_no_status() -> None:
    transport = ShellTransport(faults=lambda _host: Faults(lose_exit_status=True))
    assert endings(events(plan(bundle(step(0, OK))), transport))["acme/web1"].outcome is Outcome.LOST


def test_o16_signal_over_ssh(one_host: OneHost) -> None:
    """The follower is killed in mid-work: nothing is believed until it has been followed to its end."""
    found = one_host.run('check() { kill -KILL "$PPID"; sleep 2; echo after; ok; }')
    assert one_host.ending(found).outcome is Outcome.OK
    assert output(found, 0) == b"after\n"
    assert any(isinstance(event, LinkLost) for event in found)
