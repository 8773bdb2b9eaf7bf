"""Why a program never began on Windows: exit statuses of PowerShell and of our bootstrap, and what was said.

The statuses are those of templates/bundle/windows: 70 the program ended without a word, 73 nothing could be
begun, 74 no reboot, 76 the program was cut off on its way, 77 no administrator.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mspctl.model.failure import Failure
from mspctl.transports.reasons import NOT_ADMINISTRATOR, failed, quoted, safe, unreachable
from mspctl.transports.winrm.clixml import plain


@dataclass(frozen=True, slots=True)
class _Sign:
    pattern: re.Pattern[str]
    reason: str
    remedy: str


def _sign(pattern: str, reason: str, remedy: str) -> _Sign:
    return _Sign(re.compile(pattern, re.IGNORECASE), reason, remedy)


_SIGNS = (
    _sign(
        r"language mode|PSNotSupportedInConstrained|ConstrainedLanguage",
        "constrained",
        "AppLocker or Device Guard confines PowerShell for this account: allow it full language mode",
    ),
    _sign(
        r"malicious content|ScriptContainedMaliciousContent|blocked by your antivirus",
        "blocked",
        "the antivirus (AMSI) stopped the program: add an exclusion for mspctl's account, or ask its maker",
    ),
    _sign(
        r"blocked by (your )?group policy|blocked by (your )?(system )?administrator"
        r"|This program is blocked|\b1260\b",
        "blocked",
        "a policy forbids powershell.exe to this account: let the service account have it",
    ),
    _sign(
        r"is not recognized as an internal or external command|CommandNotFoundException"
        r"|cannot find the file|command not found",
        "shell",
        "is powershell.exe on the PATH of that account (System32\\WindowsPowerShell\\v1.0)?",
    ),
    _sign(
        r"access is denied|UnauthorizedAccess",
        "privilege",
        NOT_ADMINISTRATOR,
    ),
    _sign(
        r"OutOfMemory|not enough (memory|storage|quota)|paging file is too small",
        "no-memory",
        "raise MaxMemoryPerShellMB in winrm/config/winrs, or see what uses up the memory of that host",
    ),
)
_NO_DLL = -1073741502
_INTERRUPTED = -1073741510
_CANNOT_RUN = 9009
_STATUSES: Mapping[int, tuple[Callable[[str, str, str], Failure], str, str, str]] = {
    70: (failed, "bootstrap", "the program ended without a word", "is that a PowerShell older than 5.1?"),
    73: (
        failed,
        "not-started",
        "the host could not begin the work and did not say why",
        r"is %ProgramData%\mspctl ours, is there room on the disk, is the service Schedule running?",
    ),
    76: (
        unreachable,
        "cut-off",
        "the program was cut off on its way, and nothing of it was run",
        "run again",
    ),
    77: (
        failed,
        "privilege",
        "the account has no administrator's rights in this session",
        NOT_ADMINISTRATOR,
    ),
    _CANNOT_RUN: (failed, "shell", "there is no powershell.exe to be started", "is it on the PATH?"),
    _NO_DLL: (
        failed,
        "shell",
        "powershell.exe could not start (0xC0000142)",
        "the host has no desktop heap or memory left: close sessions there, or reboot it",
    ),
    _INTERRUPTED: (
        unreachable,
        "shell-gone",
        "powershell.exe was ended from outside (0xC000013A)",
        "did somebody log off or stop WinRM there?",
    ),
}
_UNSIGNED = 1 << 32


def classify_no_begin_windows(
    exit_status: int | Failure | None, stdout_head: bytes, stderr_tail: bytes
) -> Failure:
    """The failure of a Windows host whose program never began; arguments as `classify_no_begin`."""
    if isinstance(exit_status, Failure) and exit_status.reason != "no-exit-status":
        return exit_status
    out = stdout_head.decode("utf-8", "replace")
    err = plain(stderr_tail).decode("utf-8", "replace")
    said = _first_line(err) or _first_line(out)
    for sign in _SIGNS:
        if any(sign.pattern.search(text) for text in (*_unwrapped(err), *_unwrapped(out))):
            return failed(sign.reason, said, sign.remedy)
    return _by_status(exit_status, out, said)


def _by_status(status: int | Failure | None, out: str, said: str) -> Failure:
    if status is None:
        detail = f"PowerShell was started, says nothing and does not end{quoted(said)}"
        return failed(
            "silent", detail, "is the host overloaded, or does the account's profile wait for somebody?"
        )
    if isinstance(status, Failure):
        detail = f"the host ended the session before anything ran{quoted(said)}"
        return unreachable("login-refused", detail, "may this account log in over the network?")
    known = _STATUSES.get(status - _UNSIGNED if status >= _UNSIGNED // 2 else status)
    if known is not None:
        make, reason, detail, remedy = known
        return make(reason, f"{detail}{quoted(said)}", remedy)
    if status == 0:
        detail = f"something else than our program answered, with exit status 0{quoted(said)}"
        remedy = "was the command line cut (more than 8191 characters), or is another command forced?"
        return failed("forced-command" if out.strip() else "shell", detail, remedy)
    return failed(
        "bootstrap",
        f"PowerShell ended with exit status {status} before the program began{quoted(said)}",
        "log in as that account and see what powershell.exe -NoProfile says",
    )


def _unwrapped(text: str) -> tuple[str, str]:
    """PowerShell wraps an error at the width of a console: between words, or in the middle of one."""
    lines = [line.strip("\r\n") for line in text.splitlines()]
    return " ".join(" ".join(lines).split()), "".join(lines)


def _first_line(text: str) -> str:
    """PowerShell says what is wrong first, and then where."""
    return safe(next((line for line in text.splitlines() if line.strip()), ""))
