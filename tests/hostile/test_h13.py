"""H13: a child left behind that keeps stdout open does not hold the run: it ends with the script."""

from mspctl.model.outcome import Outcome
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture


def test_h13(one_host: OneHost) -> None:
    ending = one_host.ending(one_host.run("check() { sleep 99 & sleep 98 >&2 & ok; }"))
    assert ending.outcome is Outcome.OK
    assert ending.seconds < 60
