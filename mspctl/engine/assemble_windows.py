"""Puts a bundle's texts together for a Windows host: the program that a link feeds to PowerShell.

ASCII throughout: a console's code page cannot spoil it. Its first line is a comment that says in JSON what
the program will do, for whoever has to answer it without a PowerShell. docs/explanation/windows-bundle.md.
"""

import base64
import json

from mspctl.engine.sending import (
    RECORD_SEPARATOR,
    SPOOL_DAYS,
    UNIT_SEPARATOR,
    Mode,
    RuntimeTexts,
    Sending,
)
from mspctl.errors import InternalError
from mspctl.model.bundle import BundleStep
from mspctl.model.inventory import ConnectionKind
from mspctl.model.powershell import powershell_string

MARK = "#mspctl "
"""Begins the first line of a program; JSON follows."""
END = "#mspctl-end\n"
"""The line that ends the program, and in start mode the worker's text after it."""
SECRETS = "#mspctl-secrets\n"
"""Between the worker's script and the secrets, a line each: no text that Windows takes for code has one."""
FORMAT = 1
GATHER = (6, 57)
"""Seconds for which a host gathers what it says, the first time and later: each piece costs WinRM a request.

Until the first is over it has not said that the worker began. A poll (60 s) ends after the second.
"""


def windows_program(sending: Sending) -> bytes:
    """The bytes for the stdin of PowerShell."""
    errand, texts = sending.errand, sending.texts.windows
    if texts is None:
        message = "a run with a Windows host was started without the texts for it"
        raise InternalError(message)
    head = _assign(
        RS=RECORD_SEPARATOR,
        US=UNIT_SEPARATOR,
        Nonce=errand.nonce,
        SpoolName=errand.spool,
        Offset=errand.offset,
        Mode=str(errand.mode),
        NotBoot=errand.not_boot or "-",
        Gone=errand.gone,
        KeepDays=SPOOL_DAYS,
        MaxSent=errand.max_sent,
        RunLimit=int(sending.bundle.host.access.deadlines.run),
        FirstWait=_gather(sending)[0],
        LaterWait=_gather(sending)[1],
    )
    program = f"{MARK}{_manifest(sending)}\nparam($Control)\n{head}{texts.launch}{END}"
    if errand.mode is Mode.START:
        program += _worker(sending, texts) + SECRETS + _secrets(sending) + END
    return program.encode("ascii")


def _gather(sending: Sending) -> tuple[int, int]:
    """A stop is answered at once, and over SSH what is said costs nothing."""
    over_winrm = sending.bundle.host.access.connection is ConnectionKind.WINRM
    return GATHER if over_winrm and sending.errand.mode is not Mode.CANCEL else (0, 0)


def _manifest(sending: Sending) -> str:
    errand, bundle = sending.errand, sending.bundle
    return json.dumps(
        {
            "format": FORMAT,
            "nonce": errand.nonce,
            "spool": errand.spool,
            "mode": str(errand.mode),
            "offset": errand.offset,
            "first_step": errand.first_step,
            "not_boot": errand.not_boot,
            "check": bundle.check_mode,
            "exclusive": bundle.exclusive,
            "owner": errand.owner,
            "first_wait": _gather(sending)[0],
            "later_wait": _gather(sending)[1],
            "known": {str(index): str(status) for index, status in sending.known.items()},
            "steps": [_told(step) for step in sending.steps],
        },
        ensure_ascii=True,
    )


def _told(step: BundleStep) -> dict[str, object]:
    return {
        "index": step.index,
        "name": step.name,
        "module": step.module,
        "params": dict(step.params),
        "timeout": step.timeout,
        "reboots": step.reboots,
        "changes": step.changes,
        "soft": step.interruptible,
        "on_failure": str(step.on_failure),
        "guard": step.skipped,
    }


def _worker(sending: Sending, texts: RuntimeTexts) -> str:
    errand, bundle = sending.errand, sending.bundle
    deadlines = bundle.host.access.deadlines
    outer = _assign(
        RS=RECORD_SEPARATOR,
        US=UNIT_SEPARATOR,
        Nonce=errand.nonce,
        RunLimit=int(deadlines.run),
        MaxOutput=errand.max_output,
    )
    inner = _assign(
        MspctlRS=RECORD_SEPARATOR,
        MspctlUS=UNIT_SEPARATOR,
        MspctlNonce=errand.nonce,
        MspctlCheckMode=bundle.check_mode,
        MspctlFirstStep=errand.first_step,
        MspctlLockWait=int(deadlines.lock_wait),
        MspctlExclusive=bundle.exclusive,
        MspctlOwner=errand.owner,
        MspctlKeptLines=sending.kept_lines,
    )
    statuses = "".join(f"$MspctlStatuses[{index}] = '{status}'\n" for index, status in sending.known.items())
    slots = "".join(_slot(number) for number in range(len(sending.secrets)))
    parts = [inner, "$MspctlStatuses = @{}", statuses, slots, texts.worker, *bundle.libraries]
    parts += map(_call, sending.steps)
    work = "\n".join((*parts, _LAST))
    return f"param($Spool, $Boot, $Secrets)\n{outer}$Work = {{\n{work}}}\n{texts.finish}"


def _slot(number: int) -> str:
    coded = f"$MspctlSecrets[{number + 1}]"
    text = f"[System.Text.Encoding]::UTF8.GetString([Convert]::FromBase64String({coded}))"
    return f"function secret_{number} {{\nreturn {text}\n}}\n"


def _secrets(sending: Sending) -> str:
    texts = (secret.reveal_text().encode() for secret in sending.secrets)
    return "".join(base64.b64encode(text).decode("ascii") + "\n" for text in texts)


# Who prints fast enough has ended before the watchdog looks.
_LAST = """if (-not $MspctlState.Left) {
    if ($MspctlState.Stopped -eq 'cancelled') {
        Write-Frame Z cancelled
    }
    elseif ($MspctlShared.Stream.Length -gt $MspctlShared.MaxOutput) {
        Write-Frame Z max-output '' ('printed more than ' + $MspctlShared.MaxOutput + ' bytes')
    }
    else {
        Write-Frame Z end $MspctlState.AnyFailed
    }
}
"""


def _call(step: BundleStep) -> str:
    flags = f"-Verify {_text(step.verify)} -Soft {_text(step.interruptible)}"
    limit = max(1, round(step.timeout))
    line = (
        f"Invoke-Step -Index {step.index} -Limit {limit} -OnFailure {step.on_failure} {flags}"
        f" -Guard {{\n{step.guard}\n}} -Body {{\n{step.body}\n}}\n"
    )
    return f"{line}Stop-AtReboot -Index {step.index}\n" if step.reboots else line


def _assign(**names: str | int | tuple[str, ...]) -> str:
    return "".join(f"${name} = {_text(value)}\n" for name, value in names.items())


def _text(value: str | int | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return f"@({', '.join(map(powershell_string, value))})"
    if isinstance(value, bool):
        return "$true" if value else "$false"
    if isinstance(value, int):
        return str(value)
    return powershell_string(value)
