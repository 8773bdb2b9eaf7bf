"""A schedule is started once for each time, waits or not as it says, and what became of it is on record."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from mspctl.cli.main import mspctl
from mspctl.errors import LockHeld, StorageError, UsageError
from mspctl.model.schedule import Firing, Installed, Overlap, Schedule
from mspctl.testing.clock import HandClock
from mspctl.wiring import crontab
from mspctl.wiring.app import App
from mspctl.wiring.firing import called, due_of, fire
from mspctl.wiring.schedules import entries, missed_times, schedule_lock
from tests.unit.wiring.test_app import app, project

CLIENT = """
client: acme
timezone: Europe/Berlin
schedules:
  skips: {at: "20:00", run: patch --tag web}
  waits: {at: "20:00", run: run night, overlap: queue, catch_up: 10m}
  fails: {at: "20:00", run: run night, overlap: fail}
  health: null
sites: {hq: {hosts: {a: {}}}}
"""
PROVIDER = "name: X\nschedules: {health: {every: 1h, run: health}, mail: {every: 24h, run: health}}\n"
DUE = datetime(2026, 11, 24, 19, tzinfo=UTC)


@pytest.fixture
def clocked(tmp_path: Path) -> App:
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(CLIENT, encoding="utf-8")
    (folder / "inventory" / "mspctl.yml").write_text(PROVIDER, encoding="utf-8")
    made = app(folder)
    made.clock = HandClock(DUE + timedelta(seconds=5))
    return made


class Runs:
    """Takes the place of the command; remembers what was called."""

    def __init__(self, code: int = 0) -> None:
        self.calls: list[tuple[str, ...]] = []
        self._code = code

    def __call__(self, words: Sequence[str]) -> int:
        self.calls.append(tuple(words))
        return self._code


def started(clocked: App, name: str, runs: Runs) -> int | None:
    """The exit code, None if it is not due."""
    for schedule, at in due_of(clocked, "acme", name):
        return fire(clocked, "acme", schedule, at, runs)
    return None


def firings(clocked: App) -> list[tuple[str, str, int | None]]:
    with closing(clocked.open_store(write=False)) as store:
        return [(each.schedule, each.word, each.code) for each in store.firings(["acme"], DUE)]


def keep(clocked: App, *names: str, since: datetime) -> None:
    with closing(clocked.open_store()) as store:
        store.install(["acme"], [Installed("acme", name, since, "") for name in names])


def test_the_client_goes_before_the_provider_and_null_takes_away(clocked: App) -> None:
    assert [each.schedule.name for each in entries(clocked, ())] == ["mail", "skips", "waits", "fails"]
    with pytest.raises(UsageError, match="has no schedule `helth`"):
        due_of(clocked, "acme", "helth")


def test_once_for_each_time(clocked: App) -> None:
    runs = Runs(code=1)
    assert started(clocked, "skips", runs) == 1
    assert started(clocked, "skips", runs) == 0
    assert runs.calls == [("patch", "--client", "acme", "--tag", "web")]
    clocked.clock.sleep(86_400)
    assert started(clocked, "skips", runs) == 1
    assert firings(clocked) == [("skips", "ended", 1)] * 2
    clocked.clock.sleep(12 * 3600)
    assert started(clocked, "skips", runs) is None


def test_times_before_the_installation_are_not_made_up_for(clocked: App) -> None:
    keep(clocked, "skips", since=DUE + timedelta(seconds=1))
    assert started(clocked, "skips", Runs()) is None
    keep(clocked, "skips", since=DUE)
    assert started(clocked, "skips", Runs()) == 0


def test_the_same_work_still_going_on_is_skipped_in_silence(clocked: App) -> None:
    keep(clocked, "skips", since=DUE)
    with clocked.lock("acme", "patch", ["mspctl", "patch"]):
        assert started(clocked, "skips", Runs()) == 0
    assert firings(clocked) == [("skips", "overlap", None)]
    (missed,) = missed_times(clocked, ["acme"], 7)
    assert (missed.word, missed.due) == ("overlap", DUE)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("backup prove -e whole=true", "backup prove --client acme -e whole=true"),
        ("backup", "backup --client acme"),
        ("run night", "run --client acme night"),
        ("exec uptime", "exec --client acme uptime"),
        ("exec -- uptime", "exec --client acme -- uptime"),
    ],
)
def test_the_client_stands_where_the_command_takes_it(run: str, words: str) -> None:
    assert " ".join(called(Schedule("x", tuple(run.split())), "acme")) == words


def test_a_command_behind_a_command_takes_the_client() -> None:
    words = called(Schedule("prove", ("backup", "prove")), "acme")
    done = CliRunner().invoke(mspctl, [*words, "--help"])
    assert (done.exit_code, "Usage: mspctl backup prove" in done.output) == (0, True)


def test_a_command_behind_a_command_has_its_own_lock(clocked: App) -> None:
    prove = Schedule("prove", ("backup", "prove"), overlap=Overlap.SKIP)
    runs = Runs()
    with clocked.lock("acme", "backup-prove", ["mspctl", "backup", "prove"]):
        assert fire(clocked, "acme", prove, DUE, runs) == 0
    assert (runs.calls, firings(clocked)) == ([], [("prove", "overlap", None)])


def test_or_it_is_an_error(clocked: App) -> None:
    with clocked.lock("acme", "night", ["mspctl", "run", "night"]), pytest.raises(LockHeld, match="at work"):
        started(clocked, "fails", Runs())
    assert firings(clocked) == [("fails", "overlap", None)]


class WaitingClock(HandClock):
    """Does something after so many waits."""

    def __init__(self, start: datetime, waits: int, then: Iterator[None]) -> None:
        super().__init__(start)
        self._left = waits
        self._then = then

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._left -= 1
        if not self._left:
            next(self._then)


def test_or_it_waits_its_turn(clocked: App) -> None:
    lock = clocked.lock("acme", "night", ["mspctl", "run", "night"])

    def release() -> Iterator[None]:
        assert [each for each in missed_times(clocked, ["acme"], 7) if each.word == "killed"] == []
        lock.release(clean=True)
        yield

    keep(clocked, "waits", since=DUE - timedelta(days=1))
    clocked.clock = WaitingClock(DUE, 3, release())
    lock.take()
    runs = Runs()
    assert started(clocked, "waits", runs) == 0
    assert runs.calls == [("run", "--client", "acme", "night")]
    assert clocked.clock.now() - DUE == timedelta(seconds=15)


def test_but_no_longer_than_it_may(clocked: App) -> None:
    with clocked.lock("acme", "night", ["mspctl", "run", "night"]), pytest.raises(LockHeld):
        started(clocked, "waits", Runs())
    assert timedelta(minutes=10) <= clocked.clock.now() - DUE <= timedelta(minutes=11)
    schedule_lock(clocked, "acme", Schedule("waits", ("run", "night"))).probe()


def test_a_look_at_a_lock_leaves_what_a_dead_holder_wrote(clocked: App) -> None:
    lock = clocked.lock("acme", "patch", ["mspctl", "patch"])
    lock.take()
    lock.announce(["run-1"])
    lock.release()
    assert started(clocked, "skips", Runs()) == 0
    later = clocked.lock("acme", "patch", ["mspctl", "patch"])
    with later:
        assert later.left_behind == ("run-1",)


def test_a_killed_one_is_told(clocked: App) -> None:
    keep(clocked, "skips", since=DUE)
    with closing(clocked.open_store()) as store:
        store.claim_firing(Firing("acme", "skips", DUE, DUE), DUE)
    (missed,) = missed_times(clocked, ["acme"], 7)
    assert missed.word == "killed"
    with clocked.lock("acme", "schedule-skips", ["mspctl"]):
        assert missed_times(clocked, ["acme"], 7) == (), "it is at work"


def test_only_our_block_of_the_crontab_changes() -> None:
    mine = ("# mspctl begin /a", "1 2 * * * x", "# mspctl end /a")
    foreign = "MAILTO=me\n\n* * * * * y\n"
    one = crontab.replaced(foreign, "/a", mine)
    two = crontab.replaced(one, "/b", ("# mspctl begin /b", "# mspctl end /b"))
    assert one == foreign + "\n".join(mine) + "\n"
    assert crontab.replaced(two, "/a", mine) == two
    assert crontab.replaced(crontab.replaced(two, "/a", ()), "/b", ()) == foreign
    for broken in (one.replace("# mspctl end /a\n", ""), one + one):
        with pytest.raises(StorageError, match="lost its first or last line"):
            crontab.replaced(broken, "/a", mine)
