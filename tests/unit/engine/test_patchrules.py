"""Policy, ledger and time become rules; the state of an update follows from the same rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from mspctl.engine.patchledger import ledger_of
from mspctl.engine.patchrules import PolicyBook, expired_holds
from mspctl.engine.patchstate import missed_window, patch_state
from mspctl.model.calendar import Blackout, Calendar, Span
from mspctl.model.inventory import Access, Host
from mspctl.model.ledger import Decision, Ledger, PatchFailure, Pending, Seen, Verdict
from mspctl.model.patching import Approval, Hold, PatchPolicy, RebootPolicy, Scope
from tests.unit.engine.test_openings import calendar

NOW = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MYSQL = Hold("mysql*", "8.4*", "till | breaks", "ops", date(2026, 11, 24))


def host(policy: PatchPolicy, name: str = "web1", client: str = "acme") -> Host:
    return Host(client, "hq", name, Access(address=name), patching=policy)


def rules(policy: PatchPolicy, ledger: Ledger | None = None, at: datetime = NOW) -> tuple[str, ...]:
    return PolicyBook(at, {"acme": ledger} if ledger else {}).names(host(policy)).rules


def decided(verdict: Verdict, package: str, version: str = "*", client: str = "", days: int = 0) -> Decision:
    return Decision(verdict, package, version, client, "ops", NOW + days * DAY, "because")


def test_no_policy_gives_no_rules() -> None:
    names = PolicyBook(NOW).names(host(PatchPolicy()))
    assert (names.rules, names.scope, names.approval, names.reboot) == ((), "all", "none", "never")


def test_every_code_in_the_order_in_which_it_decides() -> None:
    policy = PatchPolicy(
        holds=(MYSQL,), exclude=("linux-*",), include=("*",), approval=Approval.ALL, defer_days=7
    )
    ledger = Ledger(
        seen=(Seen("curl", "8.1", security=False, first=NOW - 7 * DAY),),
        approved=(("curl", "8.1"),),
        rejected=(("nginx", "*", "too new"),),
        quarantined=(("php", "8.3"),),
    )
    assert rules(policy, ledger) == (
        "hold|mysql*|8.4*|till / breaks, ops, until 2026-11-24",
        "reject|nginx|*|too new",
        "quarantine|php|8.3|failed elsewhere",
        "exclude|linux-*|*|",
        "include|*|*|",
        "approve|curl|8.1|",
        "ripe|curl|8.1|",
    )


def test_a_hold_ends_with_its_last_local_day() -> None:
    policy = PatchPolicy(holds=(MYSQL,))
    before, after = (
        replace(host(policy), calendar=Calendar(timezone=zone)) for zone in ("UTC", "Asia/Tokyo")
    )
    midnight_in_tokyo = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert PolicyBook(midnight_in_tokyo).names(before).rules
    assert PolicyBook(midnight_in_tokyo).names(after).rules == ()
    assert list(expired_holds((before, after), midnight_in_tokyo)) == [MYSQL]


@pytest.mark.parametrize(
    ("security", "age", "ripe"), [(False, 6, False), (False, 7, True), (True, 1, False), (True, 2, True)]
)
def test_deferral_counts_from_the_first_sight(*, security: bool, age: int, ripe: bool) -> None:
    policy = PatchPolicy(defer_days=7, defer_security_days=2)
    ledger = Ledger(seen=(Seen("curl", "8.1", security, NOW - age * DAY),))
    assert rules(policy, ledger) == (("ripe|curl|8.1|",) if ripe else ())


def test_ages_travel_only_where_policy_asks_for_them_and_approvals_always() -> None:
    ledger = Ledger(seen=(Seen("a", "1", security=False, first=NOW),), approved=(("a", "1"),))
    assert rules(PatchPolicy(), ledger) == ("approve|a|1|",)


def test_hosts_with_one_policy_share_one_value() -> None:
    book, policy = PolicyBook(NOW), PatchPolicy(exclude=("a",))
    assert book.names(host(policy, "a")) is book.names(host(policy, "b"))


@pytest.mark.parametrize(
    "reboot", [RebootPolicy.WINDOW, RebootPolicy.NEVER]
)  # -e reboot=window goes before it
@pytest.mark.parametrize(
    ("windows", "hour", "allowed"),
    [({"reboot": "Tue 20:00-21:00"}, 19, True), ({"reboot": "Tue 20:00-21:00"}, 21, False), ({}, 3, True)],
)
def test_a_reboot_in_the_window_only(
    windows: dict[str, str],
    hour: int,
    allowed: bool,  # noqa: FBT001 - a row
    reboot: RebootPolicy,
) -> None:
    spans = {name: calendar(f'"{text}"').windows["patch"] for name, text in windows.items()}
    made = replace(host(PatchPolicy(reboot=reboot)), calendar=Calendar(spans, (), "Europe/Berlin"))
    at = datetime(2026, 11, 24, hour, 30, tzinfo=UTC)
    assert PolicyBook(at).names(made).reboot_allowed == allowed
    assert PolicyBook(at, override=True).names(made).reboot_allowed


# ------------------------------------------------------------------------------------------------- decisions


def test_the_newest_word_counts_for_whom_it_was_said() -> None:
    said = [
        decided(Verdict.REJECT, "nginx"),
        decided(Verdict.RELEASE, "nginx", client="acme"),
        decided(Verdict.APPROVE, "curl", "8.1", client="acme"),
        decided(Verdict.REJECT, "curl", "8.1", client="bolt"),
    ]
    acme, bolt = (ledger_of(client, (), said, ()) for client in ("acme", "bolt"))
    assert (acme.rejected, acme.approved) == ((), (("curl", "8.1"),))
    assert bolt.rejected == (("nginx", "*", "because"), ("curl", "8.1", "because"))


def test_release_of_one_version_leaves_the_others() -> None:
    said = [
        decided(Verdict.APPROVE, "curl", "8.1"),
        decided(Verdict.APPROVE, "curl", "8.2"),
        decided(Verdict.RELEASE, "curl", "8.1"),
    ]
    assert ledger_of("acme", (), said, ()).approved == (("curl", "8.2"),)


def test_what_failed_at_one_client_is_quarantined_at_the_others_until_released() -> None:
    failures = [PatchFailure("acme", "php", "8.3", NOW)]
    assert ledger_of("acme", (), [], failures).quarantined == ()
    bolt = ledger_of("bolt", (), [], failures)
    assert bolt.quarantined == (("php", "8.3"),)
    assert "acme" not in repr(bolt)
    early, late = (decided(Verdict.RELEASE, "php", days=days) for days in (-1, 1))
    assert ledger_of("bolt", (), [early], failures).quarantined == (("php", "8.3"),)
    assert ledger_of("bolt", (), [late], failures).quarantined == ()


# ---------------------------------------------------------------------------------------------------- states


@pytest.mark.parametrize(
    ("policy", "package", "state"),
    [
        (PatchPolicy(), "curl", "ready"),
        (PatchPolicy(scope=Scope.SECURITY), "curl", "out of scope"),
        (PatchPolicy(holds=(Hold("cur?"),)), "curl:amd64", "held by policy"),
        (PatchPolicy(exclude=("c*",)), "curl", "excluded"),
        (PatchPolicy(include=("d*",)), "curl", "not included"),
        (PatchPolicy(include=("c*",)), "curl", "ready"),
        (PatchPolicy(approval=Approval.FEATURE), "curl", "needs approval"),
        (PatchPolicy(approval=Approval.ALL), "nginx", "approved"),
        (PatchPolicy(defer_days=10), "curl", "deferred until 2026-12-03"),
        (PatchPolicy(defer_days=1), "curl", "ready"),
        (PatchPolicy(exclude=("c*",)), "php", "quarantined"),
        (PatchPolicy(approval=Approval.ALL), "vim", "rejected"),
    ],
)
def test_the_state_of_an_update(policy: PatchPolicy, package: str, state: str) -> None:
    ledger = Ledger(
        seen=(Seen("curl", "8.1", security=False, first=NOW - DAY),),
        approved=(("nginx", "8.1"),),
        rejected=(("vim", "*", "no"),),
        quarantined=(("php", "8.1"),),
    )
    update = Pending("acme/web1", package, "8.0", "8.1", security=False)
    assert str(patch_state(update, host(policy), ledger, NOW)) == state


def test_what_the_host_itself_holds_is_said_so_and_our_own_word_is_decided_anew() -> None:
    update = Pending("acme/web1", "curl", "1", "2", security=False, held="hold")
    assert str(patch_state(update, host(PatchPolicy()), Ledger(), NOW)) == "held on the host (hold)"
    assert str(patch_state(replace(update, held="deferred"), host(PatchPolicy()), Ledger(), NOW)) == "ready"


@pytest.mark.parametrize(("approved", "state"), [((), "needs approval"), ((("KB1", "*"),), "approved")])
def test_what_windows_does_not_install_by_itself_waits_under_every_policy(
    approved: tuple[tuple[str, str], ...], state: str
) -> None:
    update = Pending("acme/dc1", "KB1", "", "w1.200", security=False, held="optional")
    assert str(patch_state(update, host(PatchPolicy()), Ledger(approved=approved), NOW)) == state


# --------------------------------------------------------------------------------------------- missed windows

WINDOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
"""When the last window `Sun 02:00-05:00` in Berlin opened."""


@pytest.mark.parametrize(
    ("last_good", "missed"),
    [(None, True), (WINDOW - DAY, True), (WINDOW, False), (NOW, False)],
)
def test_a_window_is_missed_if_nothing_good_came_after_its_beginning(
    last_good: datetime | None, *, missed: bool
) -> None:
    made = replace(host(PatchPolicy()), calendar=calendar('"Sun 02:00-05:00"'))
    found = missed_window(made, last_good, NOW, NOW - 35 * DAY)
    assert (found is not None) == missed
    if found is not None:
        assert (found.window.begins, found.last_good) == (WINDOW, last_good)
        assert found.next_window is not None
        assert found.next_window.begins == WINDOW + 7 * DAY


@pytest.mark.parametrize(("hours", "missed"), [(-1, True), (0, False), (4, False)])
def test_a_window_that_a_blackout_parts_is_one(hours: int, *, missed: bool) -> None:
    """Good work before the blackout was good work in that window."""
    nightly = Blackout("backup", span=Span("FREQ=DAILY", time(0), time(2)))
    parted = replace(calendar('"Sat 20:00-06:00"'), blackouts=(nightly,))
    opened = WINDOW - timedelta(hours=6)
    made = replace(host(PatchPolicy()), calendar=parted)
    found = missed_window(made, opened + timedelta(hours=hours), NOW, NOW - 35 * DAY)
    assert (found is not None) == missed


def test_a_window_that_is_open_now_is_not_missed_yet() -> None:
    made = replace(host(PatchPolicy()), calendar=calendar('"Sun#4 02:00-05:00"'))
    assert missed_window(made, None, WINDOW + timedelta(hours=1), WINDOW - 20 * DAY) is None
    assert missed_window(host(PatchPolicy()), None, NOW, NOW - 35 * DAY) is None
