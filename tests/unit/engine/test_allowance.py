"""64 MiB are read from a host at the most: over all links and bundles, whatever it says about itself."""

import pytest

from mspctl.engine.follow import MAX_READ, Allowance
from mspctl.engine.sending import LAST_WORDS, MIB, Errand
from mspctl.model.event import LinkLost
from mspctl.model.outcome import Outcome
from mspctl.testing.shell_transport import ShellTransport
from tests.unit.engine.bundles import bundle, endings, events, output, plan, step, step_endings

LIAR = r"""
while read -r line; do
    case $line in RS=*|US=*|N=*|OFF=*) eval "$line" ;; MODE=*) break ;; esac
done
printf '%s\n' "$RS$N$US@${US}attached${US}/var/tmp/none${US}boot${US}boot${US}again"
[ "$OFF" != 0 ] || printf '%s\n' "$RS$N${US}S${US}0${US}1"
exec head -c 30M /dev/zero
"""
"""A host that takes no heed of offsets and limits: it sends 30 MiB on each link, then hangs up."""


@pytest.mark.timeout(240)
def test_what_a_hostile_host_sends_is_counted_over_its_links() -> None:
    transport = ShellTransport(("/bin/sh", "-c", LIAR))
    found = events(plan(bundle(step(0, "check() { ok; }"))), transport)
    ending = endings(found)["acme/web1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "max-output")
    assert len(transport.connections) == 3
    assert sum(isinstance(event, LinkLost) for event in found) == 2
    assert 60 * MIB <= len(output(found, 0)) <= MAX_READ


def test_the_host_ends_by_itself_before_that_with_room_for_its_last_word() -> None:
    errand = Errand("0" * 32, "spool")
    assert errand.room == MAX_READ
    assert errand.max_output + MIB < errand.max_sent + LAST_WORDS < MAX_READ + LAST_WORDS
    assert errand.max_sent + LAST_WORDS <= MAX_READ - LAST_WORDS


def test_noise_and_frames_count_too() -> None:
    allowance = Allowance(100)
    assert allowance.take(60)
    assert allowance.left == 40
    assert not allowance.take(41)
    assert allowance.left == 0
    assert not allowance.take(1)


def test_who_prints_too_much_in_an_instant_is_told_so_too() -> None:
    """Its worker has ended before the watchdog looks; the beginning and the end of what it said are there."""
    body = "check() { echo first; head -c 70M /dev/zero; ok; }"
    found = events(plan(bundle(step(0, body))), ShellTransport())
    ending = endings(found)["acme/web1"]
    assert (ending.outcome, ending.reason) == (Outcome.FAILED, "max-output")
    assert [ended.index for ended in step_endings(found)] == [0]
    assert output(found, 0).startswith(b"first")
    assert len(output(found, 0)) <= MAX_READ
