"""Puts a bundle's texts together for a POSIX host: the program that a link feeds to `/bin/sh -s`."""

from collections.abc import Mapping

from mspctl.engine.sending import LAST_WORDS, RECORD_SEPARATOR, SPOOL_DAYS, UNIT_SEPARATOR, Mode, Sending
from mspctl.model.bundle import Bundle, BundleStep
from mspctl.model.inventory import BecomeMethod


def posix_program(sending: Sending) -> bytes:
    """The bytes for the stdin of `/bin/sh -s`."""
    errand = sending.errand
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
        GONE=" ".join(errand.gone),
        KEEP_DAYS=str(SPOOL_DAYS),
        ROOT="1" if _needs_root(sending.bundle) else "0",
    )
    body = b""
    if errand.mode is Mode.START:
        body = b"W=" + _quoted(posix_worker(sending)) + b"\n"
    return head.encode() + body + sending.texts.launch.encode()


def posix_worker(sending: Sending) -> bytes:
    """The text of the worker, which the program starts in a session of its own."""
    errand, bundle, texts, steps = sending.errand, sending.bundle, sending.texts, sending.steps
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
        KEPT=sending.kept_lines,
    )
    statuses = "".join(f"status_{index}={status}\n" for index, status in sending.known.items())
    codes = {code: f"code_{number}" for number, code in enumerate(dict.fromkeys(step.code for step in steps))}
    shared = [f"{name}() {{\n{code}}}" for code, name in codes.items() if code]
    functions = [_functions(step, codes) for step in steps]
    calls = [_call(step, end) for step, end in zip(steps, _ends(steps), strict=True)]
    parts = [head, statuses, texts.worker, *bundle.libraries, *shared, *functions, _terms(steps), *calls]
    text = "\n".join([*parts, texts.finish])
    slots = b"".join(
        b"secret_%d() { printf '%%s' %s; }\n" % (number, _quoted(secret.reveal()))
        for number, secret in enumerate(sending.secrets)
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
