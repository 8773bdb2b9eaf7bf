"""The fleet over a real inventory and a real run log, and the folder of its pages."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mspctl.errors import UsageError
from mspctl.model.monitoring import IncidentWord
from mspctl.model.outcome import Outcome
from mspctl.report.staff.concern import Kind
from mspctl.report.staff.fleet import Fleet, Light
from mspctl.testing.contracts.fleetbook import Night, keep
from mspctl.testing.contracts.watchbook import OPENED, result
from mspctl.testing.runs import START
from mspctl.wiring.app import App
from mspctl.wiring.fleet import fleet_of
from mspctl.wiring.patches import missed_windows
from mspctl.wiring.staffsite import MANIFEST, build_site
from tests.unit.wiring.test_app import app, project

ACME = """\
client: acme
name: Acme
timezone: Europe/Berlin
windows: {patch: "Mon 20:00-23:00"}
patching:
  hold:
    - {package: "php*", reason: the shop, owner: ann, until: 2026-12-03}
    - {package: nginx, reason: old, owner: ann, until: 2027-12-03}
security:
  waivers:
    - {check: ssh-password, reason: the till, owner: bob, until: 2026-11-20}
    - {check: ssh-root, reason: the till, owner: bob, until: 2027-11-20}
monitor: {probes: {mail: {tcp: "web1:25"}}}
sites: {hq: {hosts: {web1: {address: 10.0.0.1}, web2: {address: 10.0.0.2, criticality: workstation}}}}
"""


class Noon:
    """The day after the patch window of Monday, the 23rd."""

    def now(self) -> datetime:
        return START + timedelta(hours=13)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


@pytest.fixture
def here(tmp_path: Path) -> App:
    folder = project(tmp_path / "project", "name: Brightwater\n")
    clients = folder / "inventory" / "clients"
    clients.mkdir()
    (clients / "acme.yml").write_text(ACME)
    (clients / "beta.yml").write_text("client: beta\nsites: {hq: {hosts: {pc1: {address: 10.1.0.1}}}}\n")
    made = app(folder)
    made.clock = Noon()
    return made


def seen(here: App) -> Fleet:
    return fleet_of(here, here.inventory())


def test_everything_on_record_comes_together(here: App) -> None:
    with closing(here.open_store()) as store:
        keep(store, Night(Outcome.FAILED, -24), Night(Outcome.OK, client="beta"))
        book = store.watch_book()
        book.write("acme", result(replace(OPENED, key="mail"), replace(OPENED, key="gone@elsewhere")))
        book.tell(replace(OPENED, number=1, key="mail", word=IncidentWord.ACKNOWLEDGED, author="ann"))
    acme, beta = seen(here).clients
    assert {(each.kind, each.host) for each in acme.concerns} == {
        (Kind.FAILING, "web1"),
        (Kind.DOWN, "web1"),
        (Kind.DOWN, ""),
        (Kind.MISSED, "web1"),
        (Kind.MISSED, "web2"),
        (Kind.NOT_SEEN, "web2"),
        (Kind.ENDING, ""),
    }
    assert any("(ann takes care of it)" in each.text for each in acme.of(Kind.DOWN))
    told = [(each.what, each.over, each.owner) for each in acme.exemptions]
    assert told == [("hold on php*", False, "ann"), ("waiver of ssh-password", True, "bob")]
    assert acme.exemptions[0].hosts == ("web1", "web2")
    assert (beta.lights, beta.name) == ({Light.UNSEEN: 1}, "beta")


def test_missed_windows_are_those_of_the_patches_command(here: App) -> None:
    def missed() -> tuple[int, int]:
        ours = len(seen(here).of(Kind.MISSED))
        return ours, len(missed_windows(here, (), 35))

    assert missed() == (2, 2)
    with closing(here.open_store()) as store:
        keep(store, Night(Outcome.OK, 1))
    assert missed() == (1, 1)


def test_the_site_is_built_again_only_when_something_changed(here: App, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    built = build_site(here, folder)
    assert (built.written, built.clients, built.hosts) == (4, 2, 3)
    assert folder.stat().st_mode & 0o077 == 0
    assert build_site(here, folder, only_if_changed=True).written == 0
    with closing(here.open_store()) as store:
        keep(store, Night(Outcome.FAILED))
    assert build_site(here, folder, only_if_changed=True).written == 4
    assert "patch failed: because" in (folder / "index.html").read_text()
    (here.project / "inventory" / "clients" / "beta.yml").unlink()
    assert build_site(here, folder, only_if_changed=True).removed == 1
    assert sorted(path.name for path in (folder / "clients").iterdir()) == ["acme.html"]


def test_a_folder_with_other_things_is_left_alone(here: App, tmp_path: Path) -> None:
    (tmp_path / "thesis.html").write_text("precious")
    with pytest.raises(UsageError, match="something else"):
        build_site(here, tmp_path)
    with pytest.raises(UsageError, match="something else"):
        build_site(here, tmp_path / "thesis.html")
    folder = tmp_path / "site"
    build_site(here, folder)
    (folder / MANIFEST).write_text('{"files": ["../thesis.html", "/etc/x.html", 7, "own.txt"]}')
    assert build_site(here, folder).removed == 0
    assert (tmp_path / "thesis.html").read_text() == "precious"
