"""O3: NUL bytes are kept in the blob and escaped in text."""

from mspctl.cli.escape import visible
from mspctl.model.outcome import Outcome
from mspctl.model.run import Output
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.unit.engine.bundles import output


def test_o3(one_host: OneHost) -> None:
    found = one_host.run(r"check() { printf 'a\000b'; ok; }")
    assert one_host.ending(found).outcome is Outcome.OK
    raw = output(found, 0)
    assert raw == b"a\0b"
    assert visible(Output(head=raw).text) == "a\\x00b"
