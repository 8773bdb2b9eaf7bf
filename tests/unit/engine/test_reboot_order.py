"""The order to reboot, and what is known of it: on lost links, and when mspctl is killed at any point."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mspctl.engine.fold import Fold
from mspctl.engine.openings import Admission
from mspctl.engine.policy import RunPolicy
from mspctl.model.bundle import Plan
from mspctl.model.event import BundleStarted, Rebooting
from mspctl.model.failure import Failure
from mspctl.model.inventory import Deadlines
from mspctl.model.outcome import Outcome
from mspctl.model.playbook import OnFailure
from tests.unit.engine.bundles import bundle, host, leftovers, pending, plan, step
from tests.unit.engine.rebooting import BootTransport, Machine, live, told

REBOOT = "check() { needed reboot; }\napply() { changed reboot; }"
LOOK = 'check() { ok "looked again"; }'
SHORT = Deadlines(step=20, run=60, reboot=1, lock_wait=1)


@pytest.fixture
def before() -> Iterator[None]:
    there = set(leftovers())
    yield
    assert set(leftovers()) <= there


def made(on_failure: OnFailure = OnFailure.CONTINUE, reboot: float = 10) -> Plan:
    deadlines = replace(SHORT, reboot=reboot)
    first = replace(step(0, REBOOT, reboots=True), on_failure=on_failure)
    return plan(bundle(first, step(1, LOOK), at=host(deadlines=deadlines)))


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize(("fate", "orders"), [("unheard", 2), ("heard", 1)])
def test_an_order_that_went_with_the_link_is_repeated_only_if_it_was_not_heard(
    tmp_path: Path, fate: str, orders: int
) -> None:
    machine, work = Machine(tmp_path), made()
    fold = Fold(pending(work))
    found = live(work, fold, BootTransport(machine, at_order=fate))
    row = fold.host("acme/web1")
    assert (row.outcome, row.reason, machine.orders()) == (Outcome.CHANGED, "", 1)
    assert len([each for each in found if isinstance(each, Rebooting)]) == orders
    assert [each.first_step for each in found if isinstance(each, BundleStarted)] == [0, 1]


@pytest.mark.usefixtures("before")
def test_the_time_that_the_work_took_does_not_count_against_the_reboot(tmp_path: Path) -> None:
    slow = "check() { needed reboot; }\napply() { sleep 4.5; changed reboot; }"
    first = replace(step(0, slow, reboots=True), on_failure=OnFailure.CONTINUE)
    work = plan(bundle(first, step(1, LOOK), at=host(deadlines=replace(SHORT, reboot=4))))
    machine, fold = Machine(tmp_path), Fold(pending(work))
    live(work, fold, BootTransport(machine, at_order="unheard"))
    row = fold.host("acme/web1")
    assert (row.outcome, row.reason, machine.orders()) == (Outcome.CHANGED, "", 1)


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("fate", ["dead-unheard", "dead-heard"])
def test_who_is_killed_at_the_order_is_resumed_with_one_reboot(tmp_path: Path, fate: str) -> None:
    machine, work = Machine(tmp_path), made()
    fold = Fold(pending(work))
    live(work, fold, BootTransport(machine, at_order=fate))
    assert fold.host("acme/web1").outcome is None
    live(work, fold, BootTransport(machine))
    row = fold.host("acme/web1")
    assert (row.outcome, row.attempt, machine.orders()) == (Outcome.CHANGED, 2, 1)


@pytest.mark.usefixtures("before")
def test_a_host_that_has_rebooted_by_itself_meanwhile_is_not_rebooted_again(tmp_path: Path) -> None:
    machine, work = Machine(tmp_path), made()
    fold = Fold(pending(work))
    live(work, fold, BootTransport(machine, at_order="dead-unheard"))
    machine.boot()
    live(work, fold, BootTransport(machine))
    row = fold.host("acme/web1")
    assert (row.outcome, [each.status for each in row.steps]) == (Outcome.CHANGED, ["changed", "ok"])
    assert machine.orders() == 0


def second_program() -> Callable[[bytes], bool]:
    """True when the program that goes on after the reboot that was not made is about to be sent."""
    seen: list[bytes] = []

    def asked(program: bytes) -> bool:
        if b"MODE='start'" in program and b"NOT_BOOT='-'" in program:
            seen.append(program)
        return len(seen) > 1

    return asked


def shut() -> RunPolicy:
    word = Failure(Outcome.HELD, "window", "the window reboot closed at Sun 05:00")
    return RunPolicy(reboots={"acme/web1": Admission(word, datetime.now(UTC) - timedelta(minutes=1))})


@pytest.mark.usefixtures("before")
@pytest.mark.parametrize("why", ["reboot-ignored", "reboot-window"])
def test_a_kill_after_a_reboot_that_was_not_made_changes_nothing_of_the_end(tmp_path: Path, why: str) -> None:
    policy = shut() if why == "reboot-window" else RunPolicy()
    ends = []
    for number, before_start in enumerate((None, second_program())):
        folder = tmp_path / str(number)
        folder.mkdir()
        machine, work = Machine(folder, deaf=True), made(reboot=1)
        fold = Fold(pending(work))
        live(work, fold, BootTransport(machine, before_start=before_start), policy)
        if before_start:
            assert fold.host("acme/web1").outcome is None
            live(work, fold, BootTransport(machine), policy)
        ends.append(told(fold.host("acme/web1")))
    assert ends[0] == ends[1]
    assert ends[0][:2] == (Outcome.FAILED, why)


@pytest.mark.usefixtures("before")
def test_a_kill_before_the_last_word_keeps_that_the_order_was_ignored(tmp_path: Path) -> None:
    machine, work = Machine(tmp_path, deaf=True), made(reboot=1)
    fold = Fold(pending(work))
    live(work, fold, BootTransport(machine))
    row = fold.host("acme/web1")
    ended = replace(row, outcome=None, reason="", detail="", remedy="", finished=None)
    again = Fold(replace(fold.run, hosts=(ended,)))
    live(work, again, BootTransport(machine))
    assert told(again.host("acme/web1")) == told(row)


@pytest.mark.usefixtures("before")
def test_a_step_whose_reboot_was_ignored_is_not_left_as_changed(tmp_path: Path) -> None:
    machine, work = Machine(tmp_path, deaf=True), made(OnFailure.STOP, reboot=1)
    fold = Fold(pending(work))
    live(work, fold, BootTransport(machine))
    row = fold.host("acme/web1")
    assert (row.reason, [each.status for each in row.steps]) == ("reboot-ignored", ["failed"])
