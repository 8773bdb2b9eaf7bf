"""Why nothing began on Windows: PowerShell's words and the statuses of our bootstrap, no POSIX."""

import pytest

from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.transports.no_begin_windows import classify_no_begin_windows

U, F = Outcome.UNREACHABLE, Outcome.FAILED


def record(text: str) -> bytes:
    """An error as PowerShell puts it on stderr when its output is no console."""
    return f'#< CLIXML\r\n<Objs Version="1.1.0.1"><S S="Error">{text}_x000D__x000A_</S></Objs>'.encode()


CONFINED = record(
    "Cannot invoke method. It is supported only on core types in this lan_x000D__x000A_guage mode."
)
AMSI = record(
    "This script contains malicious content and has been blocked by your anti_x000D__x000A_virus software."
)
NO_SHELL = b"'powershell.exe' is not recognized as an internal or external command,\r\noperable program"


@pytest.mark.parametrize(
    ("status", "out", "err", "outcome", "reason"),
    [
        (70, b"", b"", F, "bootstrap"),
        (73, b"", b"", F, "not-started"),
        (76, b"", b"", U, "cut-off"),
        (77, b"", b"", F, "privilege"),
        (1, b"", CONFINED, F, "constrained"),
        (1, b"", AMSI, F, "blocked"),
        (1, b"", record("This program is blocked by group policy."), F, "blocked"),
        (1, b"", NO_SHELL, F, "shell"),
        (9009, b"", b"", F, "shell"),
        (-1073741502, b"", b"", F, "shell"),
        (3221225794, b"", b"", F, "shell"),
        (-1073741510, b"", b"", U, "shell-gone"),
        (1, b"", record("Access is denied."), F, "privilege"),
        (1, b"", record("Exception of type 'System.OutOfMemoryException' was thrown."), F, "no-memory"),
        (1, b"", record("Unexpected token"), F, "bootstrap"),
        (0, b"", b"", F, "shell"),
        (0, b"welcome\r\n", b"", F, "forced-command"),
        (None, b"", b"", F, "silent"),
        (Failure(F, "no-exit-status", ""), b"", b"", U, "login-refused"),
    ],
)
def test_reasons(status: int | Failure | None, out: bytes, err: bytes, outcome: Outcome, reason: str) -> None:
    failure = classify_no_begin_windows(status, out, err)
    assert (failure.outcome, failure.reason) == (outcome, reason), failure
    assert failure.remedy
    for word in ("/bin/sh", "sudo", "chsh", "CLIXML", "_x000D_"):
        assert word not in f"{failure.detail} {failure.remedy}"


def test_what_powershell_says_is_shown() -> None:
    assert "Unexpected token" in classify_no_begin_windows(1, b"", record("Unexpected token")).detail


def test_a_dead_link_keeps_its_own_reason() -> None:
    lost = Failure(Outcome.LOST, "link-lost", "gone")
    assert classify_no_begin_windows(lost, b"", b"") is lost
