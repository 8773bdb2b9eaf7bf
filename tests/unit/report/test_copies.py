"""3-2-1-1-0: a digit is met by what was agreed and seen, never by what was only agreed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from mspctl.model.backup import NO_BACKUP, BackupPolicy, CopyRule, Foreign, Goals, Medium, Second
from mspctl.report.facts.agreed import Seen, Times
from mspctl.report.facts.areas import Light
from mspctl.report.facts.backups import HostBackup, Tries
from mspctl.report.facts.copies import rule_digits
from mspctl.report.facts.rule import Digit, DigitName, Reason
from mspctl.report.wording.copywords import copy_rows
from mspctl.report.wording.speech import Speech

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
YOUNG, OLD = NOW - timedelta(hours=5), NOW - timedelta(hours=50)
WHERE = ("acme", "hq", "web1")
POLICY = BackupPolicy(
    sources=("/etc",),
    repository="/b/{host}",
    medium=Medium.NAS,
    goals=Goals(rpo=86_400, proof=86_400 * 30),
    second=Second("/c", Medium.CLOUD, offsite=True, immutable=True),
)
NONE: Times = MappingProxyType({})
BACKUPS = {"backup.repository /b/web1": YOUNG, "backup.repository /c": YOUNG}
PROOFS = {"proof.repository /b/web1": YOUNG, "proof.repository /c": YOUNG}
CHECKS = {"verify.repository /b/web1": YOUNG, "verify.repository /c": YOUNG}


def digits(policy: BackupPolicy = POLICY, seen: Seen = Seen(BACKUPS, PROOFS, CHECKS)) -> tuple[Digit, ...]:  # noqa: B008 - frozen
    return rule_digits(policy, WHERE, seen, NOW)


def shown(*, without: str = "", backups: Times = NONE, proofs: Times = NONE) -> str:
    def times(given: Times, changed: Times) -> Times:
        return {key: at for key, at in given.items() if not without or without not in key} | dict(changed)

    seen = Seen(times(BACKUPS, backups), times(PROOFS, proofs), times(CHECKS, NONE))
    return "-".join(each.shown for each in digits(POLICY, seen))


def test_all_digits_are_met_by_two_young_proven_copies() -> None:
    assert shown() == "3-2-1-1-0"
    copies, media, *_ = digits()
    assert copies.have == ("host", "repository", "second")
    assert media.have == ("disk", "nas", "cloud")


def test_a_copy_that_was_not_seen_in_time_counts_for_nothing() -> None:
    assert shown(without=" /c") == "x-2-x-x-x"
    assert shown(backups={"backup.repository /c": OLD}) == "x-2-x-x-0"
    assert shown(without=" /") == "x-x-x-x-x"
    copies, _, offsite, _, _ = digits(seen=Seen({"backup.repository /b/web1": YOUNG}, PROOFS, CHECKS))
    assert [(each.reason, each.name) for each in copies.lacks + offsite.lacks] == [
        (Reason.UNSEEN, "second")
    ] * 2


def test_without_an_agreed_age_a_copy_is_as_young_as_the_last_good_run() -> None:
    policy = BackupPolicy(sources=("/etc",), repository="/b", second=Second("/c", Medium.TAPE))
    one, both = {"backup.repository /b": OLD}, {"backup.repository /b": OLD, "backup.repository /c": OLD}
    assert digits(policy, Seen(both, {}, {}))[0].met
    later = {**both, **dict.fromkeys(one, YOUNG)}
    assert not digits(policy, Seen(later, {}, {}))[0].met


def test_files_and_databases_count_together() -> None:
    policy = BackupPolicy(
        sources=("/etc",), databases=("mariadb:*",), repository="/b", second=Second("/c"), goals=POLICY.goals
    )
    times = {
        f"{kind}.repository {place}": YOUNG for kind in ("backup", "databases") for place in ("/b", "/c")
    }
    assert digits(policy, Seen(times, {}, {}))[0].met
    del times["databases.repository /c"]
    assert digits(policy, Seen(times, {}, {}))[0].have == ("host", "repository")


def test_a_medium_that_nobody_named_is_none_and_the_hosts_own_disk_is_no_second_one() -> None:
    policy = BackupPolicy(sources=("/etc",), repository="/b/web1", medium=Medium.DISK, second=Second("/c"))
    media = digits(policy)[1]
    assert (media.met, media.have) == (False, ("disk",))
    assert [(each.reason, each.name) for each in media.lacks] == [(Reason.NO_MEDIUM, "second")]


@pytest.mark.parametrize("without", ["proof.repository /c", "verify.repository /b"])
def test_an_unproven_or_unchecked_copy_is_an_error(without: str) -> None:
    assert shown(without=without) == "3-2-1-1-x"


def test_an_old_proof_is_none_and_a_failure_is_an_error() -> None:
    assert shown(proofs={"proof.repository /c": NOW - timedelta(days=31)}) == "3-2-1-1-x"
    failed = Seen(BACKUPS, PROOFS, CHECKS, frozenset({Reason.CHECK_FAILED}))
    assert [each.reason for each in digits(seen=failed)[-1].lacks] == [Reason.CHECK_FAILED]


def test_the_short_rule_has_three_digits() -> None:
    policy = BackupPolicy(sources=("/etc",), repository="/b/{host}", goals=Goals(rule=CopyRule.SHORT))
    assert [each.name for each in digits(policy)] == [DigitName.COPIES, DigitName.MEDIA, DigitName.OFFSITE]


def test_a_copy_that_others_make_counts_when_it_was_seen_and_nobody_has_proven_it() -> None:
    veeam = Foreign("veeam", "/b/*", 93_600, medium=Medium.TAPE, offsite=True, immutable=True)
    policy = BackupPolicy(foreign=(veeam,), goals=Goals(rpo=86_400))
    found = digits(policy, Seen({"foreign.seen veeam": YOUNG}, {}, {}))
    assert "-".join(each.shown for each in found) == "x-2-1-1-x"
    assert found[-1].lacks[0].reason is Reason.NOT_PROVEN


def test_a_snapshot_on_the_disk_of_the_data_is_no_copy() -> None:
    seen = Seen({"foreign.seen snaps": YOUNG}, {}, {})
    for kind, same_disk, counted in (
        ("zfs-snapshots", None, 0), ("zfs-snapshots", False, 1), ("veeam-agent", None, 1), ("files", True, 0),
    ):  # fmt: skip
        snaps = Foreign("snaps", "", 3600, kind=kind, of="tank", same_disk=same_disk)
        found = digits(BackupPolicy(foreign=(snaps,), goals=Goals(rpo=86_400)), seen)
        assert len(found[0].have) == 1 + counted


def test_the_report_says_of_computers_what_is_missing() -> None:
    seen = Tries(places=BACKUPS | {"backup.repository /c": OLD})
    bare = HostBackup("acme/web1", "hq", POLICY, NOW, seen)
    whole = replace(
        bare, host="acme/web2", backups=Tries(places=BACKUPS | {"backup.repository /b/web2": YOUNG})
    )
    nobody = replace(bare, host="acme/web3", backups=Tries())
    twin = replace(nobody, host="acme/web4")
    rows = copy_rows((whole, bare, twin, nobody, replace(bare, policy=NO_BACKUP)), Speech())
    told = [(row.names, row.digits, row.light) for row in rows]
    assert told == [
        (("web3", "web4"), "x-x-x-x-x", Light.RED),
        (("web1",), "x-2-x-x-x", Light.AMBER),
        (("web2",), "3-2-1-1-x", Light.AMBER),
    ]
    assert rows[2].lacks == "not every copy was proven and checked"
    assert rows[0].lacks.startswith("fewer than two copies")
