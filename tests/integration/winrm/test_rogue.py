"""Nothing of worth reaches somebody who answers in the host's place."""

import base64

import pytest

from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.testing.winrm.endpoint import PASSWORD
from tests.integration.winrm.rogue import Rogue
from tests.integration.winrm.talking import connect, machine


@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("lets everybody in", "hostile-answer"),
        ("wants Basic", "auth"),
        ("guesses", "hostile-answer"),
        ("seals nothing", "auth"),
    ],
)
def test_neither_password_nor_work_is_sent_in_the_clear(manner: str, reason: str) -> None:
    with Rogue(manner) as rogue:
        got = connect(machine(rogue.port))
    assert isinstance(got, Failure)
    assert (got.outcome, got.reason) == (Outcome.UNREACHABLE, reason), got
    assert got.remedy
    for clear in (PASSWORD.encode(), base64.b64encode(PASSWORD.encode()), b"Envelope", b"WINRS_CODEPAGE"):
        assert clear not in rogue.heard
    assert b"Basic" not in rogue.heard
