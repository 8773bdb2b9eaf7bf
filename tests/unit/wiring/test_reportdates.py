"""The coming windows, what was written beside earlier months, and the incidents of a month, of a project."""

from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mspctl.errors import ConfigurationError
from mspctl.model.monitoring import IncidentRecord, IncidentWord, Seen
from mspctl.ports import WatchResult
from mspctl.report.facts.maintenance import Maintenance
from mspctl.report.facts.service import IncidentLine
from mspctl.testing.clock import HandClock
from mspctl.wiring.app import App
from mspctl.wiring.reporting import client_health
from tests.unit.wiring.test_app import app, project

ISSUED = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOSTS = """
sites:
  hq:
    hosts:
      web1: {address: 10.0.0.1}
      web2: {address: 10.0.0.2}
      pc1: {address: 10.0.0.3, windows: {patch: "Wed 12:00-13:00"}}
"""


def month(folder: Path, text: str, *, issued: datetime = ISSUED) -> App:
    made = project(folder / "project", "name: Brightwater\n")
    clients = made / "inventory" / "clients"
    clients.mkdir(exist_ok=True)
    told = f"client: alder\nname: Alder\ntimezone: Europe/Berlin\n{text}{HOSTS}"
    (clients / "alder.yml").write_text(told, encoding="utf-8")
    found = app(made)
    found.clock = HandClock(issued)
    return found


def berlin(day: int, hour: int) -> datetime:
    """A winter's hour of November."""
    return datetime(2026, 11, day, hour, tzinfo=UTC) - timedelta(hours=1)


WINDOWS = """
windows: {patch: "Sun 02:00-05:00"}
blackouts:
  - {from: 2026-11-14, to: 2026-11-15, reason: move}
"""


def test_the_windows_of_the_coming_weeks_with_their_hosts_but_no_blackout(tmp_path: Path) -> None:
    found = client_health(month(tmp_path, WINDOWS), "alder", "2026-10").maintenance
    nights = [each for each in found if each.hosts == ("web1", "web2")]
    assert nights[0] == Maintenance(berlin(8, 2), berlin(8, 5), ("web1", "web2"))
    assert [each.begins.day for each in nights] == [8, 22, 29]
    noons = [each for each in found if each.hosts == ("pc1",)]
    assert noons[0] == Maintenance(berlin(4, 12), berlin(4, 13), ("pc1",))
    assert list(found) == sorted(found, key=lambda each: each.begins)


def test_a_month_told_again_much_later_has_the_windows_that_followed_it(tmp_path: Path) -> None:
    late = month(tmp_path, WINDOWS, issued=datetime(2027, 5, 1, tzinfo=UTC))
    assert client_health(late, "alder", "2026-10").maintenance[0].begins == datetime(
        2026, 11, 1, 1, tzinfo=UTC
    )


def test_without_windows_it_is_told_when_the_work_is_started(tmp_path: Path) -> None:
    here = month(
        tmp_path, 'schedules: {night: {at: "Sun 02:05", run: patch}, look: {at: "Mon 07:00", run: health}}\n'
    )
    inventory = here.project / "inventory" / "clients" / "alder.yml"
    inventory.write_text(inventory.read_text().replace(', windows: {patch: "Wed 12:00-13:00"}', ""))
    found = client_health(here, "alder", "2026-10").maintenance
    assert found[0] == Maintenance(datetime(2026, 11, 8, 1, 5, tzinfo=UTC), None)
    assert len(found) == 4


def write(here: App, name: str, text: str) -> None:
    folder = here.project / "report" / "clients" / "alder"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def test_what_was_written_beside_a_month_stands_in_later_reports_of_the_year(tmp_path: Path) -> None:
    here = month(tmp_path, "")
    for name, words in (("2025-10", "Too old"), ("2026-02", "New  backup system"), ("2026-10", "Move")):
        write(here, name, f'milestone = "{words}"\n')
    told = client_health(here, "alder", "2026-10").milestones
    assert told == {date(2026, 2, 1): "New backup system", date(2026, 10, 1): "Move"}


def test_words_without_room_beside_the_line_are_refused(tmp_path: Path) -> None:
    here = month(tmp_path, "")
    write(here, "2026-10", f'milestone = "{"x" * 31}"\n')
    with pytest.raises(ConfigurationError, match="31 letters are too many"):
        client_health(here, "alder", "2026-10")


MONITOR = """
monitor:
  probes:
    shop: {module: services-up, params: {names: [nginx]}, service: Shop}
"""


def test_incidents_are_those_that_were_open_in_the_month(tmp_path: Path) -> None:
    here = month(tmp_path, MONITOR)
    times = (
        ("reach@web1", datetime(2026, 9, 3, tzinfo=UTC), datetime(2026, 9, 4, tzinfo=UTC)),
        ("shop@web2", datetime(2026, 9, 30, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC)),
        ("reach@gone", datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ("site:certificate", datetime(2026, 10, 9, tzinfo=UTC), None),
        ("reach@web1", datetime(2026, 11, 1, 9, tzinfo=UTC), None),
    )
    with closing(here.open_store()) as store:
        book = store.watch_book()
        for number, (key, opened, closed) in enumerate(times, 1):
            record = IncidentRecord(0, "alder", key, IncidentWord.OPENED, opened, Seen.DOWN, "refused")
            book.write("alder", WatchResult((), (record,), (), (), opened))
            if closed is not None:
                book.tell(IncidentRecord(number, "alder", key, IncidentWord.CLOSED, closed, Seen.UP, "well"))
    found = client_health(here, "alder", "2026-10").incidents
    assert found == (
        IncidentLine(2, "alder/web2", "Shop", times[1][1], times[1][2]),
        IncidentLine(3, "", "", times[2][1], None),
        IncidentLine(4, "", "site (certificate)", times[3][1], None),
    )
