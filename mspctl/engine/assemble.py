"""Puts a bundle's texts together into the one program that travels to the host."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from mspctl.errors import InternalError
from mspctl.model.bundle import Bundle, BundleStep
from mspctl.model.inventory import BecomeMethod
from mspctl.model.outcome import StepStatus
from mspctl.model.secret import Secret

RECORD_SEPARATOR = "\x1e"
UNIT_SEPARATOR = "\x1f"
MIB = 1024 * 1024
LAST_WORDS = MIB // 2
"""Bytes from the end of a spool that is longer than what may be sent: there stands how it ended."""


class Mode(StrEnum):
    """What the program does on the host: start the worker (once), only follow it, or ask it to stop."""

    START = "start"
    ATTACH = "attach"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class RuntimeTexts:
    """The shell texts of the bundle's frame, from `templates/bundle/posix/`."""

    launch: str
    worker: str
    finish: str
    windows: "RuntimeTexts | None" = field(default=None, kw_only=True)
    """The same for PowerShell, from `templates/bundle/windows/`, where a host of the run needs them."""


def without_comments(text: str) -> str:
    """A text of the frame without its comment lines: they are for readers, and every byte travels."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))


@dataclass(frozen=True, slots=True)
class Errand:
    """One sending of a bundle: which part of it, under which names, and what is known from before.

    `nonce` is 32 hex digits, `spool` a folder name that nobody can guess, `offset` the number of spool bytes
    already received, `not_boot` a boot id on which nothing may start (the one before a reboot), `kept` what
    earlier steps keep for later ones, values of one line, `room` the number of bytes that may be read from
    the host (its worker ends two MiB before that, so that its last word comes through).
    """

    nonce: str
    spool: str
    mode: Mode = Mode.START
    first_step: int = 0
    offset: int = 0
    not_boot: str = ""
    owner: str = ""
    kept: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    room: int = 64 * MIB

    @property
    def max_output(self) -> int:
        """Bytes of output and frames after which the worker is ended."""
        return max(0, self.room - 2 * MIB)

    @property
    def max_sent(self) -> int:
        """Bytes of it that are sent on, before the last words."""
        return max(0, self.room - MIB)


def program(
    errand: Errand,
    bundle: Bundle,
    secrets: tuple[Secret, ...],
    texts: RuntimeTexts,
    known: Mapping[int, StepStatus],
) -> bytes:
    """The bytes for the stdin of `/bin/sh -s`, or of PowerShell where the host is a Windows one.

    `secrets` answers `bundle.secrets` in order; `known` holds the statuses of steps before
    `errand.first_step`.
    """
    if bundle.host.windows:
        return _powershell_program(errand, bundle, secrets, texts, known)
    head = _assign(
        RS=RECORD_SEPARATOR,
        US=UNIT_SEPARATOR,
        N=errand.nonce,
        S=errand.spool,
        OFF=str(errand.offset),
        MODE=errand.mode,
        NOT_BOOT=errand.not_boot or "-",
        MAX_SENT=str(errand.max_sent),
        LAST_WORDS=str(LAST_WORDS),
        ROOT="1" if _needs_root(bundle) else "0",
    )
    body = b""
    if errand.mode is Mode.START:
        body = b"W=" + _quoted(_worker(errand, bundle, secrets, texts, known)) + b"\n"
    return head.encode() + body + texts.launch.encode()


def _powershell_program(
    errand: Errand,
    bundle: Bundle,
    secrets: tuple[Secret, ...],
    texts: RuntimeTexts,
    known: Mapping[int, StepStatus],
) -> bytes:
    from mspctl.engine.assemble_windows import windows_program  # noqa: PLC0415 - it needs the nouns above

    if texts.windows is None:
        message = "a run with a Windows host was started without the texts for it"
        raise InternalError(message)
    return windows_program(errand, bundle, secrets, texts.windows, known)


def _worker(
    errand: Errand,
    bundle: Bundle,
    secrets: tuple[Secret, ...],
    texts: RuntimeTexts,
    known: Mapping[int, StepStatus],
) -> bytes:
    deadlines = bundle.host.access.deadlines
    head = _assign(
        RS=RECORD_SEPARATOR,
        US=UNIT_SEPARATOR,
        NL="\n",
        CR="\r",
        N=errand.nonce,
        CHECK="1" if bundle.check_mode else "0",
        FIRST=str(errand.first_step),
        RUN_LIMIT=str(int(deadlines.run)),
        LOCK_WAIT=str(int(deadlines.lock_wait)),
        EXCLUSIVE="1" if bundle.exclusive else "0",
        OWNER=errand.owner,
        MAX_OUTPUT=str(errand.max_output),
        KEPT="".join(f"{name}={value}\n" for name, value in errand.kept.items()),
    )
    statuses = "".join(f"status_{index}={status}\n" for index, status in known.items())
    steps = [step for step in bundle.steps if step.index >= errand.first_step]
    codes = {code: f"code_{number}" for number, code in enumerate(dict.fromkeys(step.code for step in steps))}
    shared = [f"{name}() {{\n{code}}}" for code, name in codes.items() if code]
    functions = [_functions(step, codes) for step in steps]
    calls = [_call(step, end) for step, end in zip(steps, _ends(steps), strict=True)]
    parts = [head, statuses, texts.worker, *bundle.libraries, *shared, *functions, _terms(steps), *calls]
    text = "\n".join([*parts, texts.finish])
    slots = b"".join(
        b"secret_%d() { printf '%%s' %s; }\n" % (number, _quoted(secret.reveal()))
        for number, secret in enumerate(secrets)
    )
    return slots + b"mspctl_worker() {\n" + text.encode() + b'\n}\nmspctl_worker "$@"\n'


def _needs_root(bundle: Bundle) -> bool:
    access = bundle.host.access
    if access.become is BecomeMethod.NONE:
        return access.user == "root"
    return access.become_user == "root"


def _functions(step: BundleStep, codes: Mapping[str, str]) -> str:
    body = step.body
    if step.code:
        body = body[: -len(step.code)] + codes[step.code]
    return f"guard_{step.index}() {{\n{step.guard}\n}}\nbody_{step.index}() {{\n{body}\n}}"


def _terms(steps: list[BundleStep]) -> str:
    """For the look ahead: a step's time limit, whether a stop may end it, the paths it will look at."""
    cases = [_term(step) for step in steps]
    return "\n".join(["terms() {", "case $1 in", *cases, "esac", "}"])


def _term(step: BundleStep) -> str:
    paths = " ".join(step.looks_at)
    return f"{step.index}) limit={_limit(step)} soft={int(step.interruptible)} paths='{paths}' ;;"


def _ends(steps: list[BundleStep]) -> list[int]:
    """Per step, the index at which the steps that may look in one shell end; its own if it may not."""
    ends: list[int] = []
    for step in reversed(steps):
        follows = bool(ends) and steps[len(steps) - len(ends)].shared_look
        ends.append(ends[-1] if step.shared_look and follows else step.index)
    return ends[::-1]


def _limit(step: BundleStep) -> int:
    return max(1, round(step.timeout))


def _call(step: BundleStep, end: int) -> str:
    flags = f"{int(step.verify)} {int(step.interruptible)} {end}"
    line = f"step {step.index} {_limit(step)} {step.on_failure} {flags}"
    return f"{line}\nreboot_barrier {step.index}" if step.reboots else line


def _assign(**names: str) -> str:
    return "".join(f"{name}={_quoted(text.encode()).decode()}\n" for name, text in names.items())


def _quoted(content: bytes) -> bytes:
    return b"'" + content.replace(b"'", b"'\\''") + b"'"
