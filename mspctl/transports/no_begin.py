"""Why a program never began: a session that ended, or fell silent, before the first frame of the bundle.

The verdict is drawn from the exit status and from what the host said; an exit status of 0 proves nothing
here, because a forced command or a login message can give one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from mspctl.model.failure import Failure
from mspctl.transports.reasons import failed, quoted, safe, unreachable

_NOT_FOUND, _NOT_EXECUTABLE = 127, 126


@dataclass(frozen=True, slots=True)
class _Sign:
    """A text that hosts say, the reason it stands for, and what to do."""

    pattern: re.Pattern[str]
    make: Callable[[str, str, str], Failure]
    reason: str
    remedy: str


def _sign(pattern: str, make: Callable[[str, str, str], Failure], reason: str, remedy: str) -> _Sign:
    return _Sign(re.compile(pattern, re.IGNORECASE), make, reason, remedy)


_SIGNS = (
    _sign(
        r"not recognized as (an internal or external command|(the|a) name of a cmdlet)",
        failed,
        "shell",
        "that is Windows: set `os: windows` for this host",
    ),
    _sign(
        r"password (has )?expired|expired password|change your password|current password:"
        r"|account (has )?expired",
        unreachable,
        "login-refused",
        "log in by hand and set a new password, or set the account not to expire (chage)",
    ),
    _sign(
        r"account is currently not available|nologin|system is (going down|booting up)"
        r"|logins? (is|are) disabled",
        unreachable,
        "login-refused",
        "give the user a login shell, or wait until the host lets users in (/run/nologin)",
    ),
    _sign(
        r"\b(sudo|doas): (command )?not found|(sudo|doas): No such file",
        failed,
        "privilege",
        "install it there (as root), or log in as root with `become: none`; doas is another `become`",
    ),
    _sign(
        r"^(sudo|doas|usage: (sudo|doas)):?|sudoers|no tty present|must have a tty|a password is required"
        r"|sudo: |doas: |not permitted to|operation not permitted",
        failed,
        "privilege",
        "let the user run /bin/sh with sudo: NOPASSWD in sudoers, or become_password in the inventory",
    ),
    _sign(
        r"restricted: cannot|rbash|/bin/sh: (not found|no such file)|exec: .*(not found|no such file|denied)"
        r"|(unknown|unrecognized|invalid) command|command not (found|recognized)|\bnot allowed\b",
        failed,
        "shell",
        "the login shell must understand `exec /bin/sh -s`: give the user /bin/sh or /bin/bash (chsh)",
    ),
    _sign(
        r"\[y/n\]|\(y/n\)|\(yes/no\)|press (any key|enter|return)|password: ?$|: ?\? ?$",
        failed,
        "asked-for-input",
        "something in the login of that user asks a question; take it out of the shell's start files",
    ),
)


def classify_no_begin(exit_status: int | Failure | None, stdout_head: bytes, stderr_tail: bytes) -> Failure:
    """The failure of a host whose program never began.

    `exit_status` is what Channel.exit_status gave (None: the session is still open, the program just never
    spoke), `stdout_head` the first bytes of stdout, `stderr_tail` the last of stderr. Reasons: login-refused,
    privilege, shell, asked-for-input, forced-command, shell-init; a link that died keeps its own reason.
    """
    if isinstance(exit_status, Failure) and exit_status.reason != "no-exit-status":
        return exit_status
    out, err = _text(stdout_head), _text(stderr_tail)
    said = _last_line(err) or _last_line(out)
    for sign in _SIGNS:
        match = sign.pattern.search(err) or sign.pattern.search(out)
        if match is not None:
            return sign.make(
                sign.reason, _line_around(err, match) if match.string is err else said, sign.remedy
            )
    return _by_status(exit_status, out, said)


def _by_status(status: int | Failure | None, out: str, said: str) -> Failure:
    if status is None:
        return failed(
            "asked-for-input",
            f"the login said nothing that we know and does not end{quoted(said)}",
            "log in by hand as that user and see what waits",
        )
    if isinstance(status, Failure):
        detail = f"the host ended the session before anything ran{quoted(said)}"
        return unreachable("login-refused", detail, "is the account locked, or its shell no shell?")
    if status in {_NOT_FOUND, _NOT_EXECUTABLE}:
        return failed("shell", f"exit status {status}{quoted(said)}", "is there a /bin/sh on that host?")
    if status == 0 and out.strip():
        return failed(
            "forced-command",
            f"another command answered, with exit status 0{quoted(said)}",
            "take ForceCommand, or command= in authorized_keys, away for this user or key",
        )
    if not said:
        detail = f"the session ended at once with exit status {status} and said nothing"
        return unreachable(
            "login-refused", detail, "is the login shell /bin/false, or does it end in its start file?"
        )
    return failed(
        "shell-init",
        f"the login shell ended with exit status {status} before the program began{quoted(said)}",
        "look for `exit` or errors in the start files of that user's shell (.bashrc, .profile)",
    )


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return safe(lines[-1]) if lines else ""


def _line_around(text: str, match: re.Match[str]) -> str:
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    return safe(text[start : end if end >= 0 else len(text)])
