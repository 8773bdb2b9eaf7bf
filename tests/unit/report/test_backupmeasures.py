from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from mspctl.model.backup import NO_BACKUP, BackupPolicy, Goals
from mspctl.report.facts.areas import Area
from mspctl.report.facts.backupmeasures import backup_findings
from mspctl.report.facts.backups import HostBackup, Tries, Try
from mspctl.report.facts.measured import Exempt, Findings

NOW = datetime(2026, 12, 1, tzinfo=UTC)
POLICY = BackupPolicy(sources=("/srv",), repository="/b", goals=Goals())
DB = "acme/db1"


def tries(*days: float, bad: int = 0) -> Tries:
    found = Tries()
    for number, each in enumerate(sorted(days, reverse=True)):
        good = number >= bad
        found = found.and_then(Try(NOW - timedelta(days=each), f"run{number}", good, "" if good else "full"))
    return found


def findings(backups: Tries, proofs: Tries = Tries(), kind: str = "critical") -> Findings:  # noqa: B008 - frozen
    host = HostBackup(DB, "hq", POLICY, NOW, backups, proofs)
    return backup_findings((host,), (host,), {DB: kind})


def parts(found: Findings) -> dict[str, Fraction]:
    return {each.check: each.part for each in found.measured}


def test_a_young_proven_backup_is_worth_everything() -> None:
    found = findings(tries(0.5, 1.5), tries(30))
    assert parts(found) == {"backup-age": 1, "backup-success": 1, "restore-test": 1}
    assert found.caps == ()


def test_an_old_backup_of_a_critical_computer_caps_the_total() -> None:
    assert [cap.kind for cap in findings(tries(9), tries(30)).caps] == ["no-good-backup"]
    assert findings(tries(9), tries(30), "server").caps == ()
    assert parts(findings(tries(3.5)))["backup-age"] == Fraction(1, 2)


def test_failed_backups_and_missing_proofs_cost_points() -> None:
    found = findings(tries(4, 3, 2, 1, bad=1))
    assert parts(found) == {"backup-age": 1, "backup-success": Fraction(3, 4), "restore-test": 0}
    assert [cap.kind for cap in found.caps] == ["no-restore-test"]
    never = findings(tries(2, 1, bad=2))
    assert parts(never)["backup-age"] == 0
    assert "no-good-backup" in {cap.kind for cap in never.caps}


def test_what_nobody_tried_is_not_measured_and_only_a_workstation_is_exempt() -> None:
    assert findings(Tries()) == Findings()
    host = HostBackup(DB, "hq", NO_BACKUP, NOW)
    for kind, exempt in (("workstation", (Exempt(DB, Area.BACKUP),)), ("server", ()), ("critical", ())):
        assert backup_findings((host,), (host,), {DB: kind}) == Findings(exempt=exempt)
    assert replace(host, policy=POLICY).policy.expected


def test_a_restore_from_a_repository_that_was_given_up_proves_nothing_of_the_one_that_is_agreed() -> None:
    def proven(*places: str) -> Tries:
        told = frozenset(f"proof.repository {place}" for place in places)
        return Tries().and_then(Try(NOW - timedelta(days=3), "run", good=True, places=told))

    found = findings(tries(0.5), proven("/old"))
    assert parts(found)["restore-test"] == 0
    assert [cap.kind for cap in found.caps] == ["no-restore-test"]
    for own in (proven("/b"), proven("/old", "/b"), proven("/old").and_then(proven("/b").made[0])):
        assert parts(findings(tries(0.5), own))["restore-test"] == 1
