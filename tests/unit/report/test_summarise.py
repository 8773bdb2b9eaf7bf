from datetime import UTC, datetime

import pytest

from mspctl.model.event import Event, Report
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.run import Run
from mspctl.report.facts.period import month_of
from mspctl.report.facts.summarise import summarise
from mspctl.report.facts.summary import Figure, HostMonth, HostState, Summary
from mspctl.report.formats.document import document
from mspctl.report.wording.words import headline, subline
from mspctl.testing.reportcase import (
    UPGRADE,
    client_of,
    held_back,
    metric,
    pending,
    run_of,
    scan,
    upgraded,
    worked,
)
from mspctl.testing.runs import ended

NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)
WEB = "acme/web1"


def at(day: int, hour: int = 2, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def month(*runs: Run, hosts: tuple[str, ...] = ("web1",), now: datetime = NOW) -> Summary:
    period = month_of("2026-11", "Europe/Berlin", now)
    return summarise(client_of(*hosts), runs, period, provider="Brightwater", made=now)


def night(day: int, *events: Event, check_mode: bool = False, number: int = 0) -> Run:
    return run_of(client_of("web1"), at(day), *events, check_mode=check_mode, number=number)


def only(*runs: Run) -> HostMonth:
    (host,) = month(*runs).hosts
    return host


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (scan(), HostState.CURRENT),
        (scan(held_back("x")), HostState.HELD),
        (scan(restart=True), HostState.RESTART),
        (scan(pending("x"), restart=True), HostState.PENDING),
        (scan(pending("x"), broken=1), HostState.FAILED),
        (scan(lists_age=10 * 86400), HostState.NOT_SEEN),
        ((), HostState.NOT_SEEN),
        ((metric("packages.pending", "none"),), HostState.NOT_SEEN),
        ((metric("packages.pending", "-1"),), HostState.NOT_SEEN),
        ((metric("packages.pending", "1e3"),), HostState.NOT_SEEN),
        ((metric("packages.pending", "9" * 400),), HostState.NOT_SEEN),
        ((metric("packages.pending", "\u0660"),), HostState.NOT_SEEN),
    ],
)
def test_the_last_scan_decides(found: tuple[Report, ...], state: HostState) -> None:
    assert only(night(28, *worked(WEB, *found))).state is state


def test_a_scan_that_failed_is_no_scan() -> None:
    unanswered = [report for report in scan() if report.name != "packages.pending"]
    events = worked(WEB, *unanswered, status=StepStatus.FAILED, reason="resolver", outcome=Outcome.FAILED)
    host = only(night(28, *events))
    assert (host.state, host.scan) == (HostState.FAILED, None)
    assert host.last is not None
    assert host.last.why == "Look again: resolver"


def test_a_zero_of_a_look_that_failed_is_no_good_news() -> None:
    """Run logs keep what bundles of earlier versions said: 0, where the resolver had not answered."""
    failed = worked(WEB, *scan(), status=StepStatus.FAILED, reason="resolver", outcome=Outcome.FAILED)
    host = only(night(28, *failed, check_mode=True))
    assert (host.state, host.scan) == (HostState.NOT_SEEN, None)
    done = (*scan(pending("a")), upgraded("a"), *scan())
    late = worked(WEB, *done, status=StepStatus.FAILED, reason="a hook", outcome=Outcome.FAILED)
    scanned = only(night(28, *late)).scan
    assert scanned is not None
    assert scanned.pending == 0


def test_a_night_that_failed_for_one_package_knows_what_is_left_of_the_others() -> None:
    """The dry run before it is no truth about what came since."""
    before = scan(pending("a"), pending("b", security=True), pending("c"))
    dry = night(27, *worked(WEB, *before), check_mode=True)
    said = (*before, upgraded("b"), *scan(pending("c"), broken=1))
    bad = worked(WEB, *said, status=StepStatus.FAILED, reason="a", outcome=Outcome.FAILED)
    host = only(dry, night(28, *bad, number=1))
    assert host.state is HostState.FAILED
    assert host.scan is not None
    assert [package.name for package in host.scan.pending_packages] == ["c"]


def test_of_two_scans_the_second_counts() -> None:
    before, after = scan(pending("a"), pending("b")), scan(pending("b", security=True))
    host = only(night(28, *worked(WEB, *before, upgraded("a"), *after)))
    assert host.scan is not None
    assert (host.scan.pending, host.scan.security) == (1, 1)
    assert [package.name for package in host.scan.pending_packages] == ["b"]


def test_a_scan_from_before_the_last_change_does_not_count() -> None:
    host = only(night(28, *worked(WEB, *scan(), upgraded("a"))))
    assert host.state is HostState.NOT_SEEN
    assert len(host.patched) == 1


def test_a_dry_run_scans_and_installs_nothing() -> None:
    host = only(night(28, *worked(WEB, upgraded("a"), *scan(pending("a"))), check_mode=True))
    assert (host.state, host.patched, host.attempts) == (HostState.PENDING, (), 0)


def test_a_package_that_dpkg_did_not_finish_is_not_installed() -> None:
    broken = upgraded("a")
    half = Report(broken.kind, "a", "", (*broken.fields, ("state", "half-configured")))
    assert only(night(28, *worked(WEB, half, *scan(broken=1)))).patched == ()


def test_a_host_that_was_not_found_the_last_time_is_not_seen() -> None:
    good, gone = night(20, *worked(WEB, *scan())), night(28, ended(WEB, Outcome.UNREACHABLE), number=1)
    host = only(good, gone)
    assert (host.state, host.attempts, host.reached, host.failures) == (HostState.NOT_SEEN, 2, 1, 1)
    assert only(gone, night(29, *worked(WEB, *scan()), number=2)).state is HostState.CURRENT


def test_an_old_scan_is_not_seen() -> None:
    assert only(night(10, *worked(WEB, *scan()))).state is HostState.NOT_SEEN
    assert only(night(18, *worked(WEB, *scan()))).state is HostState.CURRENT


@pytest.mark.parametrize("outcome", [Outcome.HELD, Outcome.SKIPPED, Outcome.CANCELLED])
def test_a_host_without_work_is_never_up_to_date(outcome: Outcome) -> None:
    assert only(night(28, ended(WEB, outcome))).state is HostState.NOT_SEEN


def test_a_run_without_an_end_proves_nothing() -> None:
    *begun, _ = worked(WEB, upgraded("a"), *scan())
    summary = month(run_of(client_of("web1"), at(28), *begun))
    assert summary.hosts[0].state is HostState.NOT_SEEN
    assert summary.runs[0].finished is None


def test_no_data_is_neither_zero_nor_all() -> None:
    summary = month(hosts=("web1", "db1"))
    assert summary.installed == Figure(None, 0, 2)
    assert summary.pending == summary.security == summary.held == summary.restarts == Figure(None, 0, 2)
    assert headline(summary) == "No data: none of 2 computers could be checked."
    assert subline(summary).startswith("No patch run reached any of them")
    assert headline(month(hosts=())) == "There are no computers in this agreement."


def test_numbers_rest_on_the_hosts_that_are_known_and_states_add_up() -> None:
    hosts = ("web1", "db1", "mail1")
    client = client_of(*hosts)
    run = run_of(
        client,
        at(28),
        *worked(WEB, upgraded("a", security=True), step=UPGRADE)[:-1],
        *worked(WEB, *scan(pending("b"))),
        ended("acme/db1", Outcome.UNREACHABLE),
        ended("acme/mail1", Outcome.LOST),
    )
    summary = month(run, hosts=hosts)
    assert summary.pending == Figure(1, 1, 3)
    assert summary.installed == Figure(1, 1, 3)
    assert summary.installed_security == 1
    assert sum(summary.states.values()) == 3
    assert headline(summary) == "0 of 3 computers are up to date: 1 with updates pending and 2 not seen."


def test_what_a_host_that_was_lost_told_of_is_installed_all_the_same() -> None:
    told = worked(WEB, upgraded("a", security=True), step=UPGRADE)[:-1]
    summary = month(run_of(client_of("web1"), at(28), *told, ended(WEB, Outcome.LOST)))
    assert (summary.installed, summary.installed_security) == (Figure(1, 1, 1), 1)
    assert subline(summary).startswith("1 update installed on 1 of 1 computer, 1 of them for security.")


def test_other_clients_months_and_hosts_are_left_out() -> None:
    other = run_of(client_of("web1", slug="bolt"), at(28), *worked("bolt/web1", *scan()))
    # 30 November 23:30 UTC is December in Berlin.
    late = run_of(client_of("web1"), datetime(2026, 11, 30, 23, 30, tzinfo=UTC), *worked(WEB, *scan()))
    early = run_of(client_of("web1"), datetime(2026, 10, 31, 23, 30, tzinfo=UTC), *worked(WEB, *scan()))
    assert month(other, late).runs == ()
    assert len(month(early).runs) == 1
    gone = run_of(client_of("web1", "old1"), at(28), *worked("acme/old1", *scan()))
    summary = month(gone)
    assert [host.host for host in summary.former] == ["old1"]
    assert summary.states[HostState.CURRENT] == 0


def test_a_change_told_by_two_runs_is_one_change() -> None:
    first = night(27, *worked(WEB, upgraded("a"), *scan()))
    again = night(28, *worked(WEB, upgraded("a"), *scan()), number=1)
    assert len(only(first, again).patched) == 1


def test_the_document_says_null_for_no_data() -> None:
    told = document(month())
    assert told["pending"] == {"value": None, "known_hosts": 0, "of_hosts": 1}
    assert told["states"] == {state.value: int(state is HostState.NOT_SEEN) for state in HostState}
