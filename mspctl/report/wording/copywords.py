"""The rule 3-2-1-1-0 in the report: a line for computers of which the same is so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mspctl.report.facts.areas import Light
from mspctl.report.facts.backups import HostBackup
from mspctl.report.facts.rule import Digit, DigitName, Reason
from mspctl.report.wording.findingwords import short
from mspctl.report.wording.speech import Speech

_FAILED = frozenset({Reason.BACKUP_FAILED, Reason.PROOF_FAILED, Reason.CHECK_FAILED})


@dataclass(frozen=True, slots=True)
class CopyRow:
    """Computers of which the same is so: the digits, an x for each that is not met, and what they lack."""

    light: Light
    digits: str
    lacks: str
    names: tuple[str, ...] = ()


def copy_rows(hosts: Iterable[HostBackup], speech: Speech) -> tuple[CopyRow, ...]:
    """Those with the fewest digits met first; of a computer that nobody wants a backup of there is none."""
    found: dict[CopyRow, list[str]] = {}
    for host in sorted((each for each in hosts if each.digits), key=_worst_first):
        found.setdefault(_row(host.digits, speech), []).append(short(host.host))
    return tuple(replace(row, names=tuple(names)) for row, names in found.items())


def _worst_first(host: HostBackup) -> tuple[int, str]:
    return (sum(each.met for each in host.digits), host.host)


def _row(digits: Sequence[Digit], speech: Speech) -> CopyRow:
    missed = [digit for digit in digits if not digit.met]
    alone = any(digit.name is DigitName.COPIES and len(digit.have) == 1 for digit in digits)
    light = Light.RED if alone else Light.AMBER if missed else Light.GREEN
    told = "; ".join(_words(digit, speech) for digit in missed)
    return CopyRow(light, "-".join(digit.shown for digit in digits), told)


def _words(digit: Digit, speech: Speech) -> str:
    say = speech.say
    match digit.name:
        case DigitName.COPIES:
            return say("fewer than two copies beside the computer were seen in time")
        case DigitName.MEDIA:
            return say("all on one kind of medium")
        case DigitName.OFFSITE:
            return say("none in another building")
        case DigitName.IMMUTABLE:
            return say("none that nobody on the computer can remove")
        case DigitName.ERRORS if any(lack.reason in _FAILED for lack in digit.lacks):
            return say("the last backup, proof or check failed")
        case _:
            return say("not every copy was proven and checked")
