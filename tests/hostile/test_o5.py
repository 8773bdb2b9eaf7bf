"""O5: one line of 100 MB: no line-based buffering, cut off at 64 MiB like any other output."""

import time

from mspctl.engine.fold import Fold
from mspctl.engine.follow import MAX_READ
from mspctl.model.outcome import Outcome
from mspctl.model.run import HostRun
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.integration.engine.real_hosts import execution
from tests.unit.engine.bundles import bundle, pending, plan, step

LONG = 20_000_000
TOO_LONG = 100_000_000


def test_o5(one_host: OneHost) -> None:
    began = time.monotonic()
    good, kept = _run(one_host, LONG, "")
    assert (good.outcome, kept) == (Outcome.OK, LONG)
    cut, kept = _run(one_host, TOO_LONG, "sleep 10; ")
    assert (cut.outcome, cut.reason) == (Outcome.FAILED, "max-output")
    assert LONG < kept <= MAX_READ
    assert time.monotonic() - began < 40


def _run(one_host: OneHost, size: int, then: str) -> tuple[HostRun, int]:
    """The host's row, and how many bytes of its output were read."""
    body = f"check() {{ head -c {size} /dev/zero | tr '\\0' x; {then}ok; }}"
    made = plan(bundle(step(0, body), at=one_host.host))
    fold = Fold(pending(made))
    for batch in execution(made, one_host.ssh).batches():
        fold.apply(batch)
    (row,) = fold.run.hosts
    output = row.steps[0].output
    return row, len(output.head) + output.dropped + len(output.tail)
