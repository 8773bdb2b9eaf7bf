"""Hosts of calls and of contracts: what is asked, what is billed, whom `--all` leaves out."""

import json
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from io import StringIO
from pathlib import Path

import click
import pytest

from mspctl.cli.console import Console
from mspctl.cli.session import Session
from mspctl.errors import EmptySelection, UsageError
from mspctl.model.billing import LineKind
from mspctl.model.call import CallWord
from mspctl.model.outcome import Outcome
from mspctl.testing.clock import HandClock
from mspctl.testing.contracts.fleetbook import Night, keep
from mspctl.testing.runs import START
from mspctl.wiring.app import App
from mspctl.wiring.desk import Saying, draft, start_call, tell_call
from mspctl.wiring.draftnotes import draft_notes
from mspctl.wiring.preparing import prepare
from mspctl.wiring.request import Request, Target
from tests.unit.wiring.test_app import app, project

MONTH = date(2026, 11, 1)
NOW = datetime(2026, 12, 20, tzinfo=UTC)
CLIENT = """
client: acme
defaults: {user: ops, become: sudo}
contract:
  plan: managed
  from: 2026-01-01
  currency: EUR
  labour: {rate: 100}
  managed: {flat: 500}
  hosts: {except: [web1]}
sites: {hq: {hosts: {web1: {}, web2: {}}}}
"""


@pytest.fixture
def desk(tmp_path: Path) -> App:
    folder = project(tmp_path / "project")
    (folder / "inventory" / "clients").mkdir()
    (folder / "inventory" / "clients" / "acme.yml").write_text(CLIENT, encoding="utf-8")
    here = app(folder)
    here.clock = HandClock(NOW)
    with closing(here.open_store()) as store:
        keep(store, Night(Outcome.OK, 0, "fix"))
    return here


def hour(desk: App, **fields: str) -> int:
    """An hour of work around the run on web1."""
    begun = Saying(CallWord.STARTED, "slow", START - timedelta(minutes=5), fields)
    number = start_call(desk, "acme", begun).number
    tell_call(desk, number, Saying(CallWord.STOPPED, "", START + timedelta(minutes=55)))
    return number


def billed(desk: App) -> str:
    _, (found,), _ = draft(desk, "acme", MONTH)
    (line,) = (line for line in found.lines if line.kind is LineKind.LABOUR)
    return str(line.net)


def test_a_run_on_another_host_is_asked_about_and_billed_once_a_person_has_said_so(desk: App) -> None:
    number = hour(desk)
    (note,) = draft_notes(desk, "acme", MONTH)
    assert note.startswith(
        f"call {number} ran on web1, which the contract is not about, and counts as covered"
    )
    assert billed(desk) == "0.00"
    tell_call(desk, number, Saying(CallWord.EDITED, "it was web1", None, {"hosts": "web1"}))
    assert (draft_notes(desk, "acme", MONTH), billed(desk)) == ((), "100.00")
    tell_call(desk, number, Saying(CallWord.EDITED, "no", None, {"hosts": ""}))
    assert (len(draft_notes(desk, "acme", MONTH)), billed(desk)) == (1, "0.00")


def test_who_names_a_host_is_not_asked(desk: App) -> None:
    hour(desk, hosts="web2")
    assert (draft_notes(desk, "acme", MONTH), billed(desk)) == ((), "0.00")


def test_a_host_that_is_not_there_is_refused(desk: App) -> None:
    with pytest.raises(UsageError, match="acme has no host wbe1"):
        start_call(desk, "acme", Saying(CallWord.STARTED, "x", START, {"hosts": "web2 wbe1"}))
    number = hour(desk)
    with pytest.raises(UsageError, match="acme has no host old"):
        tell_call(desk, number, Saying(CallWord.EDITED, "x", None, {"hosts": "old"}))


def test_the_verbs_take_hosts_and_the_draft_tells_what_is_open(desk: App) -> None:
    def say(*words: str) -> tuple[str, str]:
        out, err = StringIO(), StringIO()
        session = Session(desk.options, desk.environment, Console(out, err, wants_json=True))
        session.app.clock = HandClock(NOW)
        command = import_module(f"mspctl.cli.{words[0]}").command
        assert isinstance(command, click.Command)
        command.main(list(words[1:]), obj=session, standalone_mode=False)
        return out.getvalue(), err.getvalue()

    say("call", "start", "acme", "-m", "slow", "--at", "2026-11-23T23:00Z")
    _, asked = say("call", "stop", "--at", "2026-11-23T23:59Z")
    assert "`mspctl call edit 1 --host web1 --reason" in asked
    text, _ = say("invoice", "draft", "--client", "acme", "--month", "2026-11")
    assert [note.partition(",")[0] for note in json.loads(text)["notes"]] == ["call 1 ran on web1"]
    edited, _ = say("call", "edit", "1", "--host", "web1", "--host", "web2", "--reason", "both")
    assert json.loads(edited)["hosts"] == "web1 web2"
    cleared, _ = say("call", "edit", "1", "--no-host", "--reason", "none")
    assert json.loads(cleared)["hosts"] == ""


def test_all_leaves_out_hosts_that_the_contract_is_not_about(desk: App) -> None:
    ((_, plan),) = (everyone := prepare(desk, Request("patch", Target(everyone=True)))).plans
    assert everyone.not_covered == ("acme/web1",)
    assert [bundle.host.name for bundle in plan.bundles] == ["web2"]
    assert [(each.host.name, each.reason) for each in plan.selection.excluded] == [
        ("web1", "not in the contract")
    ]
    called = prepare(desk, Request("patch", Target(clients=("acme",))))
    assert (called.not_covered, called.hosts) == ((), 2)
    with pytest.raises(EmptySelection, match="about none of these hosts"):
        prepare(desk, Request("patch", Target(everyone=True, limit="web1")))


FLEET = """
client: acme
contract: {plan: managed, from: 2026-01-01, currency: EUR, managed: {per: {server: 80}}}
sites:
  hq:
    hosts: {web1: {}, web2: {}, web3: {from: 2026-11-30}, web4: {from: 2026-12-01}}
    former: {old1: {until: 2026-11-02}, old2: {until: 2026-11-01}}
"""


@pytest.mark.usefixtures("desk")
def test_a_month_has_the_hosts_of_the_inventory_and_of_the_run_log(tmp_path: Path) -> None:
    (tmp_path / "project" / "inventory" / "clients" / "acme.yml").write_text(FLEET, encoding="utf-8")
    here = app(tmp_path / "project")
    here.clock = HandClock(NOW)
    _, (found,), _ = draft(here, "acme", MONTH)
    assert [line.quantity for line in found.lines] == [4]  # web1 to web3 and old1
    assert draft_notes(here, "acme", MONTH) == (
        "hosts of 2026-11: counted as today, because no run says since when they are there: web2, old1",
    )
    (tmp_path / "project" / "inventory" / "clients" / "acme.yml").write_text(
        FLEET.replace("web1: {}, ", ""), encoding="utf-8"
    )
    here = app(tmp_path / "project")
    here.clock = HandClock(NOW)
    (_, gone) = draft_notes(here, "acme", MONTH)
    assert gone.endswith("the inventory does not know them any more: web1 (last on 2026-11-23)")


AGREED = "plan: managed, currency: EUR, labour: {rate: 100}, managed: {flat: 500}, hosts: {sites: [hq]}"
MOVED = f"""
client: acme
contract: [{{from: 2026-01-01, {AGREED}}}, {{from: 2026-12-01, {AGREED}}}]
sites:
  hq: {{hosts: {{web2: {{}}}}}}
  branch: {{hosts: {{web1: {{}}}}}}
"""


def test_a_host_that_moved_is_asked_about_and_billed_as_it_was_once_that_is_written_down(
    desk: App, tmp_path: Path
) -> None:
    """web1 was of hq, as the run of November says, and is of branch today."""
    file = tmp_path / "project" / "inventory" / "clients" / "acme.yml"
    hour(desk, hosts="web1")
    file.write_text(MOVED, encoding="utf-8")
    here = app(tmp_path / "project")
    here.clock = HandClock(NOW)
    assert billed(here) == "100.00"
    (note,) = draft_notes(here, "acme", MONTH)
    assert note == (
        "web1 counts as of branch, but runs knew it at hq until 2026-11-23:"
        " if it moved, write it down under `former` of hq as well"
    )
    assert draft_notes(here, "acme", date(2026, 12, 1)) == ()
    told = MOVED.replace("{web2: {}}", "{web2: {}}, former: {web1: {until: 2026-12-01}}")
    file.write_text(told.replace("{web1: {}}", "{web1: {from: 2026-12-01}}"), encoding="utf-8")
    here = app(tmp_path / "project")
    here.clock = HandClock(NOW)
    assert (billed(here), draft_notes(here, "acme", MONTH)) == ("0.00", ())
    number = start_call(
        here, "acme", Saying(CallWord.STARTED, "x", NOW - timedelta(hours=3), {"hosts": "web1"})
    ).number
    tell_call(here, number, Saying(CallWord.STOPPED, "", NOW - timedelta(hours=2)))
    _, (december,), _ = draft(here, "acme", date(2026, 12, 1))
    assert [str(line.net) for line in december.lines if line.kind is LineKind.LABOUR] == ["100.00"]
