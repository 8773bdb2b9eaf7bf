"""A roadmap over a real inventory and a real run log."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mspctl.errors import UsageError
from mspctl.model.call import CallWord
from mspctl.model.monitoring import IncidentRecord, IncidentWord, Seen, VolumeDay
from mspctl.model.roadmap import Reason
from mspctl.ports import WatchResult
from mspctl.testing.clock import HandClock
from mspctl.testing.healthcase import client, nights
from mspctl.wiring.app import App
from mspctl.wiring.desk import Saying, start_call, tell_call
from mspctl.wiring.pages import Paper
from mspctl.wiring.roadmap import Wanted, import_warranties, roadmap_of, write_roadmap
from tests.unit.wiring.test_app import app, project
from tests.unit.wiring.test_reporting import inventory

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> App:
    folder = project(tmp_path / "project", "name: Brightwater\n")
    inventory(folder, tuple(host.name for host in client().hosts))
    here = app(folder)
    here.clock = HandClock(NOW)
    volumes = [
        VolumeDay("files1", "/srv", f"{NOW - timedelta(days=40 - day):%Y-%m-%d}", 10**9 * (50 + day), 10**11)
        for day in range(40)
    ]
    records = [
        IncidentRecord(0, "alder", "web", word, NOW - timedelta(days=days), seen)
        for days in (60, 20)
        for word, seen in ((IncidentWord.OPENED, Seen.DOWN), (IncidentWord.CLOSED, Seen.UP))
    ]
    with closing(here.open_store()) as store:
        for night in nights(client()):
            store.plan(night.run, night.plan)
            store.record(night.run.id, night.events)
            store.finish(night.run.id, night.end)
        opened = [record for record in records if record.word is IncidentWord.OPENED]
        store.watch_book().write("alder", WatchResult([], opened, [], volumes, NOW - timedelta(days=400)))
    for days in (50, 10):
        at = NOW - timedelta(days=days)
        call = start_call(here, "alder", Saying(CallWord.STARTED, "no mail", at))
        done = Saying(CallWord.STOPPED, "", at + timedelta(hours=1), {"cause": "queue-full"})
        tell_call(here, call.number, done)
    return here


def test_everything_that_is_known_is_in_it(desk: App, tmp_path: Path) -> None:
    listed = tmp_path / "vendor.csv"
    listed.write_text(
        "name,serial,warranty end\ndc1,S1,2027-01-31\nstranger,S2,2027-01-31\n", encoding="utf-8"
    )
    assert import_warranties(desk, "alder", listed) == (1, ("stranger",))
    found = roadmap_of(desk, "alder", Wanted(2, "server"))
    subjects = {(each.reason, each.subject) for each in found.items}
    assert {
        (Reason.SUPPORT, "mail1"),
        (Reason.SUPPORT, "cad1"),
        (Reason.WARRANTY, "dc1"),
        (Reason.CAPACITY, "files1"),
        (Reason.RECURRING, "queue-full"),
        (Reason.RECURRING, "web"),
    } <= subjects
    (full,) = (each for each in found.items if each.reason is Reason.CAPACITY)
    assert full.due is not None
    assert 0 < (full.due - NOW.date()).days < 30
    assert "laptop3" in found.unknown_support
    assert found.more is not None
    assert found.more.fee is None
    files = write_roadmap(desk, "alder", found, Paper(("html",), tmp_path / "out", "de"))
    assert "Fahrplan" in Path(files[0]).read_text(encoding="utf-8")
    # a second list changes what it names, and nothing else
    listed.write_text("name,warranty end\nweb1,2028-01-31\n", encoding="utf-8")
    assert import_warranties(desk, "alder", listed) == (2, ())
    inventory(desk.project, tuple(host.name for host in client().hosts if host.name != "dc1"))
    later = app(desk.project)
    later.clock = desk.clock
    found = roadmap_of(later, "alder")
    assert [each.subject for each in found.items if each.reason is Reason.WARRANTY] == ["web1"]
    assert import_warranties(later, "alder", listed) == (2, ())  # the list keeps what has gone


def test_a_kind_that_is_not_there_is_refused(desk: App) -> None:
    with pytest.raises(UsageError, match="no hosts of the kind printer"):
        roadmap_of(desk, "alder", Wanted(2, "printer"))
