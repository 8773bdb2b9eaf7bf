"""O5: one line of many megabytes: no line-based buffering."""

import time

from mspctl.engine.fold import Fold
from mspctl.model.outcome import Outcome
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.integration.engine.real_hosts import execution
from tests.unit.engine.bundles import bundle, pending, plan, step

SIZE = 60_000_000


def test_o5(one_host: OneHost) -> None:
    body = f"check() {{ head -c {SIZE} /dev/zero | tr '\\0' x; ok; }}"
    made = plan(bundle(step(0, body), at=one_host.host))
    fold = Fold(pending(made))
    began = time.monotonic()
    for batch in execution(made, one_host.ssh).batches():
        fold.apply(batch)
    (row,) = fold.run.hosts
    assert row.outcome is Outcome.OK
    kept = row.steps[0].output
    assert len(kept.head) + kept.dropped + len(kept.tail) == SIZE
    assert time.monotonic() - began < 40
