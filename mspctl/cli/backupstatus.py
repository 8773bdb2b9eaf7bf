"""How backups stand, as a table or a document; what nobody measured says so."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from mspctl.cli.backuprule import broken_rule, rule_document, rule_shown
from mspctl.cli.console import Console, Document
from mspctl.cli.rundoc import utc_text
from mspctl.report.facts.backups import BackupState, HostBackup, Size, Tries
from mspctl.report.facts.foreign import ForeignState
from mspctl.report.wording.speech import Speech

COLUMNS = (
    "host", "state", "last good backup", "size", "last proven restore", "whole restore", "last check",
    "copies", "why",
)  # fmt: skip
NOT_MEASURED = "not measured"


def show_backups(console: Console, found: Sequence[HostBackup]) -> None:
    """One line a host, or one document."""
    if console.wants_json:
        console.json({"backups": [_document(each) for each in found]})
    elif found:
        console.table("", COLUMNS, [_row(each) for each in found])


def _row(each: HostBackup) -> Sequence[str]:
    if each.state is BackupState.NONE:
        return (each.host, "no backup agreed", *("" for _ in COLUMNS[2:]))
    return (
        each.host,
        NOT_MEASURED if each.state is BackupState.UNKNOWN else each.state.value,
        _age(each.backups, each.now) + _agreed("rpo", each.policy.goals.rpo),
        _size(each.size),
        _age(each.proofs, each.now) + (", due" if each.proof_due else ""),
        _restore(each) + _agreed("rto", each.policy.goals.rto),
        _age(each.checks, each.now),
        rule_shown(each),
        "; ".join(reason for reason in _reasons(each) if reason),
    )


def _age(tries: Tries, now: datetime) -> str:
    if tries.good is None:
        return "none" if tries.count else NOT_MEASURED
    return f"{_length((now - tries.good.at).total_seconds())} ago"


def _length(seconds: float) -> str:
    whole = round(seconds)
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if whole >= 2 * size:
            return f"{whole // size} {unit}"
    return f"{whole} s"


def _size(size: Size | None) -> str:
    if size is None:
        return ""
    told = Speech().bytes(size.now)
    if size.before:
        told += f", {(size.now - size.before) * 100 / size.before:+.0f} % in {_length(size.seconds)}"
    return told


def _restore(each: HostBackup) -> str:
    seconds = each.restore_seconds
    if seconds is None:
        return NOT_MEASURED
    slow = ", too slow" if each.slow else ""
    return f"{'about ' if _estimated(each) else ''}{_length(seconds)}{slow}"


def _agreed(goal: str, seconds: float) -> str:
    return f" ({goal} {_length(seconds)})" if seconds else ""


def _estimated(each: HostBackup) -> bool:
    return each.proofs.good is not None and "proof.estimate" in each.proofs.good.metrics


def _reasons(each: HostBackup) -> Sequence[str]:
    tries = (each.backups, each.proofs, each.checks)
    bad = [made.last.why for made in tries if made.last is not None and not made.last.good]
    last = each.backups.last
    never = "no run has made a backup" if each.state is BackupState.UNKNOWN and last is None else ""
    open_to_all = "not encrypted" if _encrypted(each) is False else ""
    others = "" if each.policy.wanted or last is None else "made by others, nobody has proven it"
    return (never, *bad, last.suspicious if last else "", broken_rule(each), open_to_all, others)


def _document(each: HostBackup) -> Document:
    goals = each.policy.goals
    return {
        "host": each.host,
        "site": each.site,
        "state": each.state.value,
        "goals": {
            "rpo": goals.rpo or None,
            "rto": goals.rto or None,
            "proof": goals.proof or None,
            "rule": goals.rule,
        },
        "backup": _tries(each.backups),
        "proof": {**_tries(each.proofs), "due": each.proof_due},
        "check": _tries(each.checks),
        "size": asdict(each.size) if each.size else None,
        "restore_seconds": each.restore_seconds,
        "restore_estimated": _estimated(each),
        "encrypted": _encrypted(each),
        "rule": rule_document(each),
        "foreign": [_foreign(state) for state in each.foreign],
        "suspicious": (each.backups.last.suspicious if each.backups.last else "") or None,
    }


def _foreign(state: ForeignState) -> Document:
    """Nobody has restored it, whatever its maker says of it."""
    return {
        "name": state.name,
        "verdict": state.verdict,
        "made": utc_text(state.made) if state.made else None,
        "bytes": state.size,
        "proven": False,
    }


def _encrypted(each: HostBackup) -> bool | None:
    """None if no run has told."""
    told = each.backups.good.facts.get("backup.encrypted") if each.backups.good else None
    return None if told is None else told == "yes"


def _tries(tries: Tries) -> dict[str, Document]:
    last, good = tries.last, tries.good
    return {
        "tries": tries.count,
        "failures": tries.failures,
        "last": utc_text(last.at) if last else None,
        "last_why": (last.why if last else "") or None,
        "last_good": utc_text(good.at) if good else None,
        "run": good.run if good else None,
        "facts": dict(good.facts) if good else {},
        "metrics": dict(good.metrics) if good else {},
    }
