"""How backups stand by the run log: nothing that nobody measured is well."""

from datetime import UTC, datetime, timedelta

import pytest

from mspctl.engine.fold import Fold
from mspctl.model.backup import NO_BACKUP, BackupPolicy, Foreign, Goals
from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.event import Event, Report, ReportKind
from mspctl.model.inventory import Access, Client, Host, Site
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import Run
from mspctl.model.selection import Selection
from mspctl.report.facts.backups import BackupState, HostBackup, Size, host_backups
from mspctl.testing.reportcase import metric, worked
from mspctl.testing.runs import ended, made_run

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
WEB = "acme/web1"
POLICY = BackupPolicy(
    sources=("/etc",), repository="/b", goals=Goals(rpo=86_400, rto=3600, proof=30 * 86_400)
)


def fact(name: str, value: str = "5a4843c8") -> Report:
    return Report(ReportKind.FACT, name, value)


MADE = (fact("backup.snapshot"), metric("backup.files", 30), metric("backup.bytes", "a lot"))
PROVEN = (fact("proof.snapshot"), metric("proof.estimate", 1800))


def client(policy: BackupPolicy = POLICY) -> Client:
    host = Host("acme", "hq", "web1", Access(), backup=policy)
    return Client("acme", "Acme", "UTC", (Site("hq", (host,)),))


def run(hours_ago: float, *events: Event, module: str = "backup-files", check_mode: bool = False) -> Run:
    """A run with one step of this module, so many hours before NOW."""
    at, hosts = NOW - timedelta(hours=hours_ago), client().hosts
    bundle = Bundle(hosts[0], (BundleStep(0, "it", module, ""),), (), (), "d")
    plan = Plan("backup", check_mode, Selection(hosts), (bundle,), "p")
    fold = Fold(made_run(plan, f"run-{hours_ago}-{module}", at - timedelta(minutes=1)))
    fold.apply(events)
    return fold.run


def step(
    hours_ago: float,
    *reports: Report,
    module: str = "backup-files",
    status: StepStatus = StepStatus.CHANGED,
    reason: str = "",
) -> Run:
    at = NOW - timedelta(hours=hours_ago, minutes=1)
    events = worked(WEB, *reports, status=status, reason=reason, step=0)
    return run(hours_ago, *events[:-1], ended(WEB, Outcome.CHANGED, at), module=module)


def known(*runs: Run, policy: BackupPolicy = POLICY) -> HostBackup:
    (found,) = host_backups(client(policy), runs, NOW)
    return found


@pytest.mark.parametrize(
    ("runs", "state", "why"),
    [
        ((), BackupState.UNKNOWN, ""),
        ((step(5, *MADE),), BackupState.GOOD, ""),
        ((step(30, *MADE),), BackupState.LATE, ""),
        ((step(5),), BackupState.FAILED, "did not say what it made"),
        ((step(9, *MADE), step(5, status=StepStatus.FAILED, reason="full")), BackupState.FAILED, "full"),
        ((step(9, *MADE), step(5, status=StepStatus.SKIPPED)), BackupState.GOOD, ""),
        ((step(9, *MADE), run(5, ended(WEB, Outcome.UNREACHABLE))), BackupState.FAILED, "unreachable"),
        ((step(9, *MADE), run(5, ended(WEB, Outcome.HELD))), BackupState.GOOD, ""),
        ((run(5, *worked(WEB, *MADE, step=0), check_mode=True),), BackupState.UNKNOWN, ""),
        ((step(5, *MADE, module="script"),), BackupState.UNKNOWN, ""),
    ],
)
def test_each_host_is_in_one_state(runs: tuple[Run, ...], state: BackupState, why: str) -> None:
    found = known(*runs)
    assert found.state is state
    assert found.due is (state is not BackupState.GOOD or found.proof_due)
    if found.backups.last is not None and why:
        assert why in found.backups.last.why


def test_a_proof_of_another_repository_is_none_of_this_one() -> None:
    def proof(hours_ago: float, place: str) -> Run:
        told = (*PROVEN, fact("proof.repository", place))
        return step(hours_ago, *told, module="backup-proof", status=StepStatus.OK)

    assert not known(proof(4, "/b")).proof_due
    assert known(proof(4, "/old")).proof_due
    assert not known(proof(9, "/b"), proof(4, "/old")).proof_due
    assert known(proof(31 * 24, "/b"), proof(4, "/old")).proof_due


def test_a_host_that_was_lost_before_its_databases_has_no_good_backup_and_no_proof() -> None:
    """What ended well before says nothing of what never came to an end."""
    hosts = client().hosts
    for modules, reports in (
        (("backup-files", "backup-databases"), MADE),
        (("backup-proof", "backup-databases-proof"), PROVEN),
    ):
        steps = tuple(BundleStep(index, name, name, "") for index, name in enumerate(modules))
        plan = Plan("backup", False, Selection(hosts), (Bundle(hosts[0], steps, (), (), "d"),), "p")  # noqa: FBT003
        fold = Fold(made_run(plan, "run", NOW - timedelta(hours=2)))
        fold.apply(worked(WEB, *reports, outcome=Outcome.LOST, step=0))
        (found,) = host_backups(client(), (fold.run,), NOW)
        last = (found.proofs if modules[0] == "backup-proof" else found.backups).last
        assert last is not None
        assert (last.good, last.why) == (False, f"no end of {modules[1]} was seen: lost")


def test_of_two_copies_the_slower_restore_counts() -> None:
    hosts = client().hosts
    steps = tuple(BundleStep(index, "it", "backup-proof", "") for index in range(2))
    plan = Plan(
        "prove",
        check_mode=False,
        selection=Selection(hosts),
        bundles=(Bundle(hosts[0], steps, (), (), "d"),),
        digest="p",
    )
    fold = Fold(made_run(plan, "run", NOW - timedelta(hours=2)))
    slow, quick = ((PROVEN[0], metric("proof.estimate", seconds)) for seconds in (7200, 60))
    fold.apply([*worked(WEB, *slow, step=0)[:-1], *worked(WEB, *quick, step=1)])
    (found,) = host_backups(client(), (fold.run,), NOW)
    assert (found.restore_seconds, found.slow) == (7200, True)


def test_the_trend_of_the_size_is_of_a_month_and_of_good_backups() -> None:
    assert known(step(5, *MADE)).size is None, "no number was told"
    sizes = [step(24 * day, MADE[0], metric("backup.bytes", 1000 + day)) for day in (40, 30, 10, 1)]
    failed = step(3, metric("backup.bytes", 7), status=StepStatus.FAILED)
    assert known(*sizes, failed).size == Size(1001, 1030, 29 * 86_400)
    assert known(sizes[-1]).size == Size(1001, None, 0)


def test_without_an_agreement_there_is_no_state_and_no_goal_is_missed() -> None:
    assert known(step(5, *MADE), policy=NO_BACKUP).state is BackupState.NONE
    assert not known(policy=NO_BACKUP).due
    plain = BackupPolicy(sources=("/etc",), repository="/b")
    found = known(step(500, *MADE), policy=plain)
    assert (found.state, found.proof_due, found.slow) == (BackupState.GOOD, False, False)


def test_the_last_proven_restore_counts_and_one_that_failed_since_makes_it_due() -> None:
    made = step(5, *MADE)
    assert known(made).proof_due
    proof = step(4, *PROVEN, module="backup-proof", status=StepStatus.OK)
    found = known(made, proof)
    assert (found.proof_due, found.restore_seconds, found.slow, found.due) == (False, 1800, False, False)
    assert known(made, step(31 * 24, *PROVEN, module="backup-proof", status=StepStatus.OK)).proof_due
    failed = step(3, module="backup-proof", status=StepStatus.FAILED, reason="1 of 25 files")
    found = known(made, proof, failed)
    assert (found.proof_due, found.restore_seconds, found.proofs.failures) == (True, 1800, 1)
    slow = known(made, step(4, *PROVEN, metric("proof.estimate", 7200), module="backup-proof"))
    assert (slow.slow, slow.due) == (True, True)


def test_what_is_no_number_is_no_measure_and_a_suspicion_needs_somebody() -> None:
    strange = Report(ReportKind.FINDING, "backup:suspicious", "", (("reason", "all changed"),))
    proof = step(4, *PROVEN, module="backup-proof", status=StepStatus.OK)
    found = known(step(5, *MADE, strange), proof)
    assert found.backups.good is not None
    assert dict(found.backups.good.metrics) == {"backup.files": 30}
    assert (found.state, found.due, found.backups.good.suspicious) == (BackupState.GOOD, True, "all changed")


def test_a_backup_of_others_counts_if_it_was_seen_and_has_no_proof() -> None:
    policy = BackupPolicy(foreign=(Foreign("veeam", "/b/*", 93_600),))
    assert known(policy=policy).state is BackupState.UNKNOWN
    seen = step(5, fact("foreign.seen", "veeam"), module="backup-state", status=StepStatus.OK)
    found = known(seen, policy=policy)
    assert (found.state, found.proof_due, found.proofs.good) == (BackupState.GOOD, False, None)
    assert [(each.verdict, each.made, each.size) for each in found.foreign] == [("ok", None, None)]


def looked(hours: float, *reports: Report, status: StepStatus = StepStatus.OK) -> Run:
    return step(hours, *reports, module="backup-state", status=status)


def test_a_backup_of_others_is_as_old_as_it_is_and_not_as_the_look_at_it() -> None:
    foreign = (Foreign("veeam", "/b/*", 700_000), Foreign("snaps", "", 3600, kind="zfs-snapshots", of="t"))
    policy = BackupPolicy(foreign=foreign, goals=Goals(rpo=86_400))
    ages = metric("foreign.age:veeam", 172_800), metric("foreign.age:snaps", 60)
    sizes = metric("foreign.bytes:veeam", 5000), metric("foreign.bytes:snaps", 1)
    found = known(looked(1, fact("foreign.seen", "veeam snaps"), *ages, *sizes), policy=policy)
    assert found.state is BackupState.LATE
    assert found.backups.good is not None
    assert found.backups.good.at == found.now - timedelta(hours=49)
    assert found.size is not None
    assert (found.size.now, found.size.before) == (5001, None)
    assert set(found.backups.places.values()) == {found.now - timedelta(hours=1)}
    alone = BackupPolicy(foreign=foreign[1:], goals=Goals(rpo=86_400))
    assert known(looked(1, fact("foreign.seen", "snaps"), *ages), policy=alone).state is BackupState.GOOD


def test_what_its_maker_does_not_know_is_not_good() -> None:
    policy = BackupPolicy(foreign=(Foreign("veeam", "", 93_600, kind="veeam-agent", of="A"),))
    assert [each.verdict for each in known(policy=policy).foreign] == ["not measured"]
    unknown = fact("foreign.verdict:veeam", "unknown"), metric("foreign.age:veeam", 60)
    found = known(looked(1, *unknown, status=StepStatus.FAILED), policy=policy)
    assert (found.state, found.due) == (BackupState.FAILED, True)
    assert [each.verdict for each in found.foreign] == ["unknown"]
