"""Backups as the score needs them: how old, how many were good, when a restore was proven."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from mspctl.report.facts.areas import (
    BACKUP_DAYS,
    CRITICAL_WEIGHT,
    CRITICALITY,
    OTHER_CRITICALITY,
    PROOF_DAYS,
    Area,
    piecewise,
)
from mspctl.report.facts.backups import HostBackup, Try
from mspctl.report.facts.measured import CapFound, Evidence, Exempt, Findings, Measured

_TOO_OLD = BACKUP_DAYS[-1][0]
_PROOF_DUE = PROOF_DAYS[0][0]


def backup_findings(
    month: Sequence[HostBackup], quarter: Sequence[HostBackup], criticality: Mapping[str, str]
) -> Findings:
    """From a client's backups of the month and of the last 90 days, both seen from the month's end.

    A workstation that nobody agreed to back up is exempt. A server is not: what is not backed up is grey, and
    known to be missing.
    """
    succeeded = {each.host: each for each in month}
    tried = [each for each in quarter if each.backups.count]
    exempt = tuple(
        Exempt(each.host, Area.BACKUP)
        for each in quarter
        if not each.policy.expected
        and not each.backups.count
        and CRITICALITY.get(criticality.get(each.host, ""), OTHER_CRITICALITY) < CRITICAL_WEIGHT
    )
    measured = tuple(each for host in tried for each in _host(host, succeeded[host.host]))
    old = tuple(
        each.host
        for each in tried
        if criticality.get(each.host) == "critical" and _age(each.backups.good, each.now) > _TOO_OLD
    )
    unproven = tuple(each.host for each in tried if _age(each.proof, each.now) > _PROOF_DUE)
    caps = [CapFound("no-good-backup", old)] if old else []
    caps += [CapFound("no-restore-test", unproven)] if unproven else []
    return Findings(measured, exempt, tuple(caps))


def backups_in_all(found: Iterable[Measured]) -> tuple[int, int]:
    """How many backups of the month were good, of how many that were tried."""
    counted = [each.details for each in found if each.check == "backup-success" and "count" in each.details]
    return sum(int(each["good"]) for each in counted), sum(int(each["count"]) for each in counted)


def _age(made: Try | None, now: datetime) -> int:
    """Days; without any it is older than everything."""
    return PROOF_DAYS[-1][0] * 10 if made is None else max(0, (now - made.at).days)


def _host(quarter: HostBackup, month: HostBackup) -> Iterator[Measured]:
    host, now = quarter.host, quarter.now
    made, proof = quarter.backups.good, quarter.proof
    last = made or quarter.backups.last
    age = piecewise(BACKUP_DAYS, _age(made, now))
    details = {"days": "" if made is None else str(_age(made, now))}
    yield Measured(host, "backup-age", age, None if last is None else Evidence(last.run, last.at), details)
    count, last = month.backups.count, month.backups.last
    if count and last is not None:
        good = count - month.backups.failures
        counted = {"good": str(good), "count": str(count)}
        yield Measured(host, "backup-success", Fraction(good, count), Evidence(last.run, last.at), counted)
    proven = piecewise(PROOF_DAYS, _age(proof, now))
    when = {} if proof is None else {"at": proof.at.isoformat()}
    yield Measured(
        host, "restore-test", proven, None if proof is None else Evidence(proof.run, proof.at), when
    )
