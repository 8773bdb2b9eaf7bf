"""What is sent to a host: which part of which bundle, under which names, with which texts around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from mspctl.model.bundle import Bundle, BundleStep
from mspctl.model.outcome import StepStatus
from mspctl.model.secret import Secret

RECORD_SEPARATOR = "\x1e"
UNIT_SEPARATOR = "\x1f"
MIB = 1024 * 1024
LAST_WORDS = MIB // 2
"""Bytes from the end of a spool that is longer than what may be sent: there stands how it ended."""


SPOOL_DAYS = 14
"""How long a host keeps the spool of a dead worker that no controller has called over."""


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
    the host (its worker ends two MiB before that, so that its last word comes through), `gone` the names of
    earlier spools that nobody will ask for.
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
    gone: tuple[str, ...] = ()

    @property
    def max_output(self) -> int:
        """Bytes of output and frames after which the worker is ended."""
        return max(0, self.room - 2 * MIB)

    @property
    def max_sent(self) -> int:
        """Bytes of it that are sent on, before the last words."""
        return max(0, self.room - MIB)


@dataclass(frozen=True, slots=True)
class Sending:
    """All that one program is made of.

    `secrets` answers `bundle.secrets` in order; `known` holds the statuses of steps before
    `errand.first_step`.
    """

    errand: Errand
    bundle: Bundle
    secrets: tuple[Secret, ...]
    texts: RuntimeTexts
    known: Mapping[int, StepStatus]

    @property
    def steps(self) -> list[BundleStep]:
        """Those that this part of the bundle runs."""
        return [step for step in self.bundle.steps if step.index >= self.errand.first_step]

    @property
    def kept_lines(self) -> str:
        """What earlier steps keep for later ones, `name=value` per line."""
        return "".join(f"{name}={value}\n" for name, value in self.errand.kept.items())
