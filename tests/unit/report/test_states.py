"""Every computer is in exactly one state, whatever the log holds, and the log alone decides which."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mspctl.engine.fold import Fold
from mspctl.model.bundle import Bundle, BundleStep, Plan
from mspctl.model.event import Event, Report, ReportKind
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import Run
from mspctl.model.selection import Selection
from mspctl.model.support import SupportState, SupportTable, SupportTerm
from mspctl.report.facts.period import month_of
from mspctl.report.facts.summarise import summarise
from mspctl.report.facts.summary import Ages, HeldReason, HostMonth, HostState, Summary
from mspctl.report.formats.document import document
from mspctl.report.pages.html import html
from mspctl.report.score.health import health_of
from mspctl.report.wording.supportwords import in_order, sentence
from mspctl.report.wording.words import ages, hold, remark
from mspctl.runstore import open_run_store
from mspctl.testing.reportcase import client_of, held_back, pending, run_of, scan, upgraded, worked
from mspctl.testing.runs import ended, made_plan, made_run

NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
HOSTS = ("web1", "db1", "mail1", "file1")
TERMS = (
    SupportTerm(
        "debian", "12", date(2026, 7, 11), "Debian", date(2026, 8, 1), date(2028, 6, 30), "Debian LTS"
    ),
    SupportTerm("ubuntu", "24.04", date(2029, 5, 31), "Ubuntu", date(2026, 8, 1), date(2034, 4, 25), "ESM"),
    SupportTerm("centos", "7", date(2024, 6, 30), "CentOS", date(2026, 8, 1)),
    SupportTerm("arch", "", None, "Arch Linux", date(2026, 8, 1)),
)


def night(day: int, *events: Event, number: int = 0, hosts: tuple[str, ...] = HOSTS) -> Run:
    return run_of(client_of(*hosts), datetime(2026, 11, day, 2, tzinfo=UTC), *events, number=number)


def month(*runs: Run, hosts: tuple[str, ...] = HOSTS) -> Summary:
    period = month_of("2026-11", "Europe/Berlin", NOW)
    return summarise(client_of(*hosts), runs, period, made=NOW, support=SupportTable(TERMS))


def only(*runs: Run) -> HostMonth:
    (host,) = month(*runs, hosts=("web1",)).hosts
    return host


def facts(os: str, version: str) -> tuple[Report, ...]:
    told = {"os.id": os, "os.version": version, "os.name": f"{os} {version}".strip()}
    return tuple(Report(ReportKind.FACT, name, value) for name, value in told.items())


def kept(day: int, reason: str = "window", number: int = 1) -> Run:
    return night(day, ended("acme/web1", Outcome.HELD, reason=reason), number=number, hosts=("web1",))


def looked(day: int, *found: Report, number: int = 0, restart: bool = False) -> Run:
    return night(day, *worked("acme/web1", *scan(*found, restart=restart)), number=number, hosts=("web1",))


@pytest.mark.parametrize(
    ("runs", "state"),
    [
        ([looked(20), kept(27)], HostState.HELD),
        ([looked(20, pending("a")), kept(27)], HostState.HELD),
        ([looked(20, restart=True), kept(27)], HostState.RESTART),
        ([looked(10), kept(27)], HostState.NOT_SEEN),
        ([kept(27)], HostState.NOT_SEEN),
        ([looked(20), kept(21), looked(27, number=2)], HostState.CURRENT),
    ],
)
def test_what_a_window_kept_back_is_held_and_never_up_to_date(runs: list[Run], state: HostState) -> None:
    host = only(*runs)
    assert host.state is state
    assert host.patched == ()


def test_a_host_that_was_kept_back_says_why_and_a_later_run_ends_it() -> None:
    host = only(looked(20), kept(27))
    assert remark(host, 14) == "the last work was not done: outside its maintenance window"
    assert host.kept_back is not None
    assert host.attempts == 1
    assert "a_new_policy" in remark(only(looked(20), kept(27, "a_new_policy")), 14)
    assert only(kept(27), looked(28, number=2)).kept_back is None


def test_a_failure_before_a_closed_window_is_still_a_failure() -> None:
    failed = worked("acme/web1", status=StepStatus.FAILED, reason="disk full", outcome=Outcome.FAILED)
    assert only(night(20, *failed, hosts=("web1",)), kept(27)).state is HostState.FAILED


def test_held_packages_are_split_by_reason_in_words_for_a_client() -> None:
    policy = Report(
        ReportKind.HELD,
        "php",
        "",
        (("old", "1"), ("new", "2"), ("reason", "policy-hold"), ("detail", "shop, Ada, until 1 May")),
    )
    summary = month(
        night(
            28,
            *worked("acme/web1", *scan(policy, held_back("a", "approval"), held_back("b", "approval"))),
            *worked("acme/db1", *scan(held_back("a", "approval"), held_back("c", "quarantined"))),
        )
    )
    assert summary.held_reasons == (
        HeldReason("approval", 3, 2),
        HeldReason("policy-hold", 1, 1),
        HeldReason("quarantined", 1, 1),
    )
    page = html(health_of(summary, {}))
    assert "3 updates on 2 computers: <bdi>waits for an approval</bdi>" in page
    assert "put on hold by agreement: shop, Ada, until 1 May" in page
    assert (hold("something-new"), hold("")) == ("something-new", "no reason was told")


def test_advisories_stand_with_the_update_they_explain() -> None:
    ids = ("DSA-1-1", "CVE-2026-1", *(f"CVE-2026-{number}" for number in range(2, 9)))
    fields = (("old", "1"), ("new", "2"), ("security", "yes"), ("advisories", " ".join((*ids, "DSA-1-1"))))
    found = Report(ReportKind.FINDING, "pending:openssl", "", fields)
    done = Report(ReportKind.CHANGE, "curl", "", (*fields[:3], ("advisories", "DSA-9-1")))
    summary = month(night(28, *worked("acme/web1", done, *scan(found))))
    assert summary.hosts[0].patched[0].advisories == ("DSA-9-1",)
    assert "Security: DSA-9-1" in html(health_of(summary, {}))
    scanned = summary.hosts[0].scan
    assert scanned is not None
    assert scanned.pending_packages[0].advisories == ids
    assert "Security: DSA-1-1, CVE-2026-1, CVE-2026-2" in html(health_of(summary, {}))
    assert "and 3 more" in html(health_of(summary, {}))


def test_every_state_has_the_ages_of_its_checks() -> None:
    run = night(
        28,
        *worked("acme/web1", *scan()),
        *worked("acme/db1", *scan(), outcome=Outcome.OK),
        ended("acme/mail1", Outcome.UNREACHABLE),
    )
    summary = month(night(20, *worked("acme/mail1", *scan())), run)
    assert summary.ages[HostState.CURRENT] == Ages(2, 2, 0)
    assert summary.ages[HostState.NOT_SEEN] == Ages(10, 10, 1)
    assert ages(summary.ages[HostState.CURRENT]) == "2 days"
    assert ages(summary.ages[HostState.NOT_SEEN]) == "10 days; 1 without a check"
    assert ages(summary.ages[HostState.FAILED]) == ""
    assert (ages(Ages(0, 0, 0)), ages(Ages(0, 1, 0)), ages(Ages(None, None, 2))) == (
        "same day",
        "0 to 1 day",
        "no check",
    )


def test_support_is_listed_for_each_host_and_what_ends_first_is_first() -> None:
    run = night(
        28,
        *worked("acme/web1", *facts("ubuntu", "24.04")),
        *worked("acme/db1", *facts("debian", "12")),
        *worked("acme/mail1", *facts("centos", "7")),
        *worked("acme/file1", *facts("haiku", "1")),
    )
    hosts = in_order(month(run).hosts)
    assert [(host.host, host.support.state) for host in hosts] == [
        ("mail1", SupportState.ENDED),
        ("db1", SupportState.EXTENDED),
        ("web1", SupportState.SUPPORTED),
        ("file1", SupportState.UNKNOWN),
    ]
    assert [sentence(host) for host in hosts] == [
        "ended on 30 June 2024",
        "ordinary support ended on 11 July 2026; Debian LTS until 30 June 2028",
        "supported until 31 May 2029, then ESM until 25 April 2034",
        "not known",
    ]
    rolling, silent = month(night(28, *worked("acme/web1", *facts("arch", "")))).hosts[:2]
    assert rolling.support.state is SupportState.ROLLING
    assert sentence(silent) == "not known: it did not say what it runs"
    assert "ended on 30 June 2024" in html(health_of(month(run), {}))


def test_what_was_updated_beside_the_packages_counts_as_work_and_ends_no_scan() -> None:
    steps = (BundleStep(0, "Look again", "updates", ""), BundleStep(1, "Flatpaks", "flatpak", ""))
    client = client_of("web1")
    bundle = Bundle(client.hosts[0], steps, (), (), "d")
    plan = Plan("update", check_mode=False, selection=Selection(client.hosts), bundles=(bundle,), digest="p")
    fold = Fold(made_run(plan, "20261128T0200Z-acme-update-0000", datetime(2026, 11, 28, 2, tzinfo=UTC)))
    at = datetime(2026, 11, 28, 3, tzinfo=UTC)
    fold.apply(worked("acme/web1", *scan(), step=0)[:-1])
    fold.apply(worked("acme/web1", upgraded("org.lab.App", "034b", "db2c"), step=1)[:-1])
    fold.apply([ended("acme/web1", Outcome.CHANGED, at)])
    host = only(fold.run)
    assert host.state is HostState.CURRENT
    assert [change.name for change in host.patched] == ["org.lab.App"]


names = st.sampled_from([f"acme/{host}" for host in HOSTS])
found = st.one_of(
    st.sampled_from(
        [scan(), scan(pending("a")), scan(held_back("a", "approval")), scan(restart=True), scan(broken=1)]
    ),
    st.just((upgraded("a"),)),
    st.just(scan(lists_age=10**6)),
    st.just(facts("debian", "12")),
)
host_events = st.builds(
    lambda host, said, outcome, status: worked(host, *said, outcome=outcome, status=status),
    names,
    found,
    st.sampled_from(Outcome),
    st.sampled_from(StepStatus),
)
log = st.lists(st.tuples(st.integers(1, 30), st.lists(host_events, max_size=4), st.booleans()), max_size=4)


def runs_of(nights: Iterable[tuple[int, list[list[Event]], bool]]) -> list[Run]:
    client = client_of(*HOSTS)
    return [
        run_of(
            client,
            datetime(2026, 11, day, 2, tzinfo=UTC) + timedelta(hours=number),
            *_once(told),
            number=number,
            check_mode=check,
        )
        for number, (day, told, check) in enumerate(nights)
    ]


def _once(told: list[list[Event]]) -> Iterable[Event]:
    """A host has one terminal word in a run."""
    first = {events[0].host: events for events in reversed(told)}
    return (event for events in first.values() for event in events)


@given(log)
@settings(deadline=None)
def test_the_states_add_up_to_all_hosts_and_none_without_a_check_is_up_to_date(
    nights: list[tuple[int, list[list[Event]], bool]],
) -> None:
    runs = runs_of(nights)
    summary = month(*runs)
    assert sum(summary.states.values()) == len(HOSTS)
    assert sum(figures.unknown for figures in summary.ages.values()) == sum(
        host.scan is None for host in summary.hosts
    )
    for host in summary.hosts:
        if host.state is not HostState.FAILED:
            assert host.scan is not None or host.state is HostState.NOT_SEEN
        if host.state is HostState.CURRENT:
            assert host.scan_age_days is not None
            assert host.scan_age_days <= 14
            assert not (host.scan and (host.scan.pending or host.scan.held or host.scan.restart))
    assert month(*reversed(runs)) == summary


@given(told=st.lists(host_events, max_size=4))
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_report_of_the_log_is_the_report_of_what_happened(
    told: list[list[Event]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    plan = made_plan(*HOSTS)
    store = open_run_store(f"sqlite:///{tmp_path_factory.mktemp('log')}/runs.db")
    fold, events = Fold(made_run(plan)), list(_once(told))
    store.plan(fold.run, plan)
    fold.apply(events)
    store.record(fold.run.id, events)
    read_back = store.load(fold.run.id, outputs=False)
    store.close()
    assert month(read_back) == month(fold.run)
    assert document(month(read_back)) == document(month(fold.run))
