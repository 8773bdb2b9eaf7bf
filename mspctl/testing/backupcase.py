"""A month of backups for the tests of reports."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from mspctl.model.backup import BackupPolicy, Goals, Medium, Second
from mspctl.report.facts.backups import HostBackup, Tries, Try

_SECOND = ("backup.repository /c",)
_TWICE = 7
"""Of so many computers there is a second copy."""


def backups_of(names: Iterable[str]) -> tuple[HostBackup, ...]:
    """Of each computer: a night each, one of which failed, and restores of the middle of October."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    goals = Goals(rpo=26 * 3600, rto=4 * 3600, proof=90 * 86_400)
    second = Second("/c", Medium.CLOUD, offsite=True, immutable=True)
    policy = BackupPolicy(sources=("/srv",), repository="/b", goals=goals, medium=Medium.NAS, second=second)
    found = []
    for number, name in enumerate(names):
        made = Tries()
        for day in range(1, 32):
            at = datetime(2026, 10, day, 2, tzinfo=UTC)
            good = (number, day) != (2, 14)
            made = made.and_then(
                Try(
                    at,
                    f"{at:%Y%m%dT%H%MZ}-alder-backup-0000",
                    good,
                    "" if good else "full",
                    places=frozenset({"backup.repository /b", *_SECOND[: number < _TWICE]}),
                )
            )
        at = datetime(2026, 10, 14, 3, tzinfo=UTC)
        told = Try(
            at,
            "20261014T0300Z-alder-backup-proof-0000",
            good=True,
            metrics={"proof.estimate": 600 + 240 * number},
            places=frozenset({"proof.repository /b", "proof.repository /c"}),
        )
        checked = replace(told, places=frozenset({"verify.repository /b", "verify.repository /c"}))
        found.append(
            HostBackup(
                f"alder/{name}", "hq", policy, now, made, Tries().and_then(told), Tries().and_then(checked)
            )
        )
    return tuple(found)
