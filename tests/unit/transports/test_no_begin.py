"""Why nothing began: the words and statuses that hosts leave behind."""

import pytest

from mspctl.model.failure import Failure
from mspctl.model.outcome import Outcome
from mspctl.transports.no_begin import classify_no_begin

U, F = Outcome.UNREACHABLE, Outcome.FAILED
NO_STATUS = Failure(F, "no-exit-status", "")


@pytest.mark.parametrize(
    ("status", "out", "err", "outcome", "reason"),
    [
        (1, b"This account is currently not available.\n", b"", U, "login-refused"),
        (1, b"", b"", U, "login-refused"),
        (0, b"", b"", U, "login-refused"),
        (
            1,
            b"",
            b"WARNING: Your password has expired.\nYou must change your password now\n",
            U,
            "login-refused",
        ),
        (1, b"", b"sudo: a password is required\n", F, "privilege"),
        (1, b"", b"sudo: sorry, you must have a tty to run sudo\n", F, "privilege"),
        (1, b"", b"admin is not in the sudoers file.\n", F, "privilege"),
        (127, b"", b"bash: line 1: exec: sudo: not found\n", F, "privilege"),
        (1, b"", b"doas: Operation not permitted\n", F, "privilege"),
        (127, b"", b"", F, "shell"),
        (126, b"", b"-rbash: line 1: /bin/sh: restricted: cannot specify `/' in command names\n", F, "shell"),
        (1, b"% Unknown command\n", b"", F, "shell"),
        (1, b"", b"'exec' is not recognized as an internal or external command,\r\n", F, "shell"),
        (0, b"everything is fine\n", b"", F, "forced-command"),
        (3, b"welcome\n", b"", F, "shell-init"),
        (1, b"", b".bashrc: line 3: no-such-thing: problem\n", F, "shell-init"),
        (None, b"Do you accept the terms? [y/N] ", b"", F, "asked-for-input"),
        (None, b"", b"", F, "asked-for-input"),
        (NO_STATUS, b"", b"", U, "login-refused"),
    ],
)
def test_reasons(status: int | Failure | None, out: bytes, err: bytes, outcome: Outcome, reason: str) -> None:
    failure = classify_no_begin(status, out, err)
    assert (failure.outcome, failure.reason) == (outcome, reason)
    assert failure.remedy


@pytest.mark.parametrize("said", [b"bash: line 1: exec: sudo: not found\n", b"sh: exec: sudo: not found\n"])
def test_no_sudoers_file_helps_where_there_is_no_sudo(said: bytes) -> None:
    remedy = classify_no_begin(127, b"", said).remedy
    assert "install it there" in remedy
    assert "NOPASSWD" not in remedy


def test_a_windows_host_that_was_taken_for_another_is_named() -> None:
    said = b"exec : The term 'exec' is not recognized as the name of a cmdlet, function, script file\r\n"
    assert "os: windows" in classify_no_begin(1, b"", said).remedy


def test_a_dead_link_keeps_its_own_reason() -> None:
    lost = Failure(Outcome.LOST, "link-lost", "gone")
    assert classify_no_begin(lost, b"", b"") is lost


def test_what_the_host_says_cannot_steer_the_terminal() -> None:
    failure = classify_no_begin(3, b"", b"\x1b[2J\x1b]0;title\x07\xff\xfe evil " + b"x" * 5000)
    assert failure.detail.isprintable()
    assert len(failure.detail) < 400
