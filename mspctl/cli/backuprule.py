"""The rule of copies in words: each digit, whether it is met, and why."""

from collections.abc import Mapping, Sequence

from mspctl.cli.console import Console, Document
from mspctl.report.facts.backups import HostBackup
from mspctl.report.facts.rule import Digit, DigitName, Lack, Reason

COLUMNS = ("host", "digit", "of", "met", "what counts", "what does not")
_TITLES: Mapping[DigitName, str] = {
    DigitName.COPIES: "copies, the host's own data among them",
    DigitName.MEDIA: "kinds of media, the host's disk among them",
    DigitName.OFFSITE: "in another building",
    DigitName.IMMUTABLE: "that nobody on the host can remove",
    DigitName.ERRORS: "errors in backups, proofs and checks",
}
_WORDS: Mapping[Reason, str] = {
    Reason.UNSEEN: "{name}: not seen in time",
    Reason.NO_MEDIUM: "{name}: the inventory names no medium",
    Reason.NOT_AGREED: "the inventory names none",
    Reason.NOT_PROVEN: "{name}: no restore is proven",
    Reason.NOT_CHECKED: "{name}: not checked",
    Reason.BACKUP_FAILED: "the last backup failed",
    Reason.PROOF_FAILED: "the last proof failed",
    Reason.CHECK_FAILED: "the last check failed",
}


def show_rules(console: Console, found: Sequence[HostBackup]) -> None:
    """A line for each digit of each host."""
    rows = [
        (each.host, digit.shown, _TITLES[digit.name], "yes" if digit.met else "no", *_two(digit))
        for each in found
        for digit in each.digits
    ]
    if rows:
        console.table("", COLUMNS, rows)


def rule_shown(each: HostBackup) -> str:
    """Such as 3-2-x-1-0, an x for each digit that is not met."""
    return "-".join(digit.shown for digit in each.digits)


def broken_rule(each: HostBackup) -> str:
    """Why an agreed rule is not met; empty if it is."""
    told = [f"{digit.wanted} {_TITLES[digit.name]}" for digit in each.broken_rule]
    return f"{each.policy.goals.rule} is not met: {', '.join(told)}" if told else ""


def rule_document(each: HostBackup) -> list[Document]:
    """The digits as a list."""
    return [
        {
            "digit": digit.wanted,
            "of": digit.name.value,
            "met": digit.met,
            "counts": list(digit.have),
            "lacks": [{"reason": lack.reason.value, "copy": lack.name or None} for lack in digit.lacks],
        }
        for digit in each.digits
    ]


def _two(digit: Digit) -> tuple[str, str]:
    return ", ".join(digit.have), "; ".join(map(_told, digit.lacks))


def _told(lack: Lack) -> str:
    return _WORDS[lack.reason].format(name=lack.name)
