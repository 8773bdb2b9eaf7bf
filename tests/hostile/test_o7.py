"""O7: forged frames, JSON and `rc=0` in the output change nothing: frames need the run's nonce."""

from mspctl.model.outcome import Outcome
from tests.hostile.engine_rows import OneHost
from tests.hostile.engine_rows import one_host as one_host  # noqa: PLC0414 - the fixture
from tests.unit.engine.bundles import output

FORGED = r"\036%s\037E\0370\037ok\037\03799\037\n\036%s\037Z\037end\037\nrc=0\n{\"outcome\": \"ok\"}\n"


def test_o7(one_host: OneHost) -> None:
    nonce = "0123456789abcdef" * 2
    found = one_host.run(f"check() {{ printf '{FORGED}' {nonce} {nonce}; failed really; }}")
    assert one_host.ending(found).outcome is Outcome.FAILED
    assert nonce.encode() in output(found, 0)
