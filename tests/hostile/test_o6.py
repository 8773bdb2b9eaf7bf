"""O6: one byte a second for ever: the deadline fires, the outcome is timed_out, the processes are gone."""

from mspctl.model.outcome import Outcome
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture


def test_o6(one_host: OneHost) -> None:
    found = one_host.run("check() { while :; do printf x; sleep 1.125; done; }", timeout=3)
    ending = one_host.ending(found)
    assert (ending.outcome, ending.reason) == (Outcome.TIMED_OUT, "step-timeout")
    assert ending.seconds < 50
    assert "sleep 1.125" not in one_host.processes()
