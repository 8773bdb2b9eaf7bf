"""Whoever pays reads in their language how work ended; only a step's own words stay as the host said them."""

from datetime import UTC, datetime

import pytest

from mspctl.model.outcome import Outcome
from mspctl.report.facts.summary import Attempt
from mspctl.report.pages.look import report_folder
from mspctl.report.wording.speech import Speech, speech_of
from mspctl.report.wording.triedwords import tried

GERMAN = speech_of("de", report_folder() / "locale")
DETAIL = "10.0.0.5:22: no route to host"


@pytest.mark.parametrize(
    ("outcome", "reason", "english", "german"),
    [
        (Outcome.UNREACHABLE, "timeout-connect", "it could not be reached", "er war nicht erreichbar"),
        (
            Outcome.UNREACHABLE,
            "auth",
            "it was there, but did not let us in",
            "er war da, ließ uns aber nicht ein",
        ),
        (Outcome.UNREACHABLE, "host-key-changed", "prove who it is", "nicht ausweisen"),
        (Outcome.UNREACHABLE, "jump", "its gateway", "Sein Gateway"),
        (Outcome.TIMED_OUT, "run-timeout", "did not end in time", "endete nicht rechtzeitig"),
        (Outcome.LOST, "link-lost", "the connection broke off", "die Verbindung riss ab"),
        (Outcome.CANCELLED, "cancelled", "was cancelled", "wurde abgebrochen"),
        (Outcome.BROKEN, "bug", "our own program failed", "unser eigenes Programm"),
    ],
)
def test_what_we_know_by_its_reason_is_translated_and_addresses_stay_out(
    outcome: Outcome, reason: str, english: str, german: str
) -> None:
    attempt = Attempt(datetime(2026, 10, 3, tzinfo=UTC), "r", outcome, DETAIL, reason)
    for speech, words in ((Speech(), english), (GERMAN, german)):
        told = tried(attempt, speech)
        assert words in told
        assert DETAIL not in told


def test_what_a_step_said_stands_as_it_was_said() -> None:
    attempt = Attempt(datetime(2026, 10, 3, tzinfo=UTC), "r", Outcome.FAILED, "Upgrade packages: disk full")
    assert tried(attempt, GERMAN) == "die Arbeit misslang: Upgrade packages: disk full"
    assert tried(attempt, Speech()) == "the work failed: Upgrade packages: disk full"
