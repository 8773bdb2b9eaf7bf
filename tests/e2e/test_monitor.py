"""Monitoring on the command line: real servers that come and go, a real host, incidents from begin to end."""

import json
import socket
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mspctl.errors import MspctlError
from mspctl.model.monitoring import IncidentRecord, IncidentWord
from mspctl.model.uptime import Uptime
from mspctl.notify.apprise import AppriseNotifier
from mspctl.report.facts.period import month_of
from mspctl.testing.localproject import write_local_project
from mspctl.testing.sshd import Sshd, free_port
from mspctl.wiring.app import App
from mspctl.wiring.healing import heal
from mspctl.wiring.incidents import incidents_of, uptimes
from mspctl.wiring.monitoring import Watched, watch
from mspctl.wiring.options import Options
from mspctl.wiring.telling import Telling, tell
from tests.e2e.cli import Cli
from tests.e2e.fixtures import remove_spools
from tests.e2e.inprocess import call, environment_of
from tests.integration.monitor.servers import mail_server, site

MONITOR = """
monitor:
  gates: {{hq: gate}}
  probes:
    gate: {{tcp: "127.0.0.1:{gate}"}}
    shop: {{http: "http://127.0.0.1:{gate}/{path}", expect: Welcome, service: Shop, depends_on: [gate]}}
    state: {{module: plugin, params: {{command: "{command}"}}}}
    disks: {{module: disk, params: {{warning: 100, critical: 101}}}}
    memory: {{module: memory, params: {{warning: 100, critical: 101}}}}
    load: {{module: load, params: {{warning: 100000, critical: 100000}}}}
"""


class World:
    """A client with one host and a web site behind a gate, all of which can be taken away and given back."""

    def __init__(self, folder: Path) -> None:
        self.gate = free_port()
        self.state = folder / "state-of-host"
        self.says("ok", 0)
        self.stack = ExitStack()
        self.sshd = Sshd(folder / "sshd")
        self.stack.enter_context(self.sshd)
        self.site = self.stack.enter_context(site())
        self.cli = Cli(write_local_project(self.sshd, folder / "project"), folder / "state")
        self.write()

    def write(self, path: str = "", gate: int | None = None, more: str = "") -> None:
        """The client's file: the site under this path, behind this port."""
        file = self.cli.project / "inventory" / "clients" / "acme.yml"
        text = file.read_text().partition("\nmonitor:")[0].rstrip("\n")
        command = f"set -- $(cat {self.state}); echo $1; exit $2"
        file.write_text(text + MONITOR.format(gate=gate or self.site.port, path=path, command=command) + more)

    def says(self, word: str, status: int) -> None:
        self.state.write_text(f"{word} {status}\n")

    def call(self, *words: str) -> tuple[int, str, str]:
        return call(self.cli, *words)

    def round(self) -> tuple[int, str, str]:
        return self.call("monitor", "--client", "acme")

    @property
    def app(self) -> App:
        return App(Options(self.cli.project), environment_of(self.cli))

    def watch(self) -> Watched:
        """A round without the command line around it, which takes most of its time."""
        return watch(self.app, "acme", ("mspctl",))

    def phases(self) -> dict[str, str]:
        return {each.key: each.phase.value for each in self.watch().standings}

    def open(self) -> list[str]:
        return [each.key for each in incidents_of(self.app, ()) if each.closed is None]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    with made.stack:
        yield made
        remove_spools(made.cli)


def test_an_incident_from_begin_to_end(world: World) -> None:
    assert world.round() == (0, "", "")
    world.says("queue-is-stuck", 2)
    world.write("status/503")
    assert world.round() == (0, "", ""), "once is not often enough"
    code, told, errors = world.round()
    assert (code, errors) == (1, "")
    title, *lines = told.splitlines()
    assert (title, lines[0]) == ("Acme GmbH: 2 open", "Open:")
    assert [line.partition(" down since ")[0] for line in lines[1:]] == ["  #1 shop", "  #2 state@local1"]
    assert lines[1].endswith(": status 503")
    assert lines[2].endswith(": queue-is-stuck")
    assert world.round() == (1, "", ""), "told once"

    for number in ("1", "2"):
        assert world.call("incident", "ack", number, "-m", "on it")[0] == 0
    assert world.round() == (0, "", ""), "somebody takes care of it"
    assert "queue-is-stuck" in world.call("incident", "list")[1]
    assert world.call("incidents") == world.call("incident", "list")

    world.says("ok", 0)
    world.write()
    code, told, _ = world.round()
    assert (code, told.splitlines()[0]) == (0, "Acme GmbH: 2 over")
    shown = world.cli.json("incident", "show", "2")
    assert [each["word"] for each in shown["records"]] == ["opened", "acknowledged", "closed"]
    assert shown["records"][0]["evidence"] == "UDD"
    assert shown["records"][2]["evidence"] == "UDDDDU"
    assert world.call("incident", "list")[2] == "no incident is open\n"
    assert world.call("incident", "ack", "2", "-m", "late")[0] == 2
    assert world.call("incident", "show", "9")[0] == 2


def test_a_gate_that_is_down_is_one_incident(world: World) -> None:
    assert world.round() == (0, "", "")
    assert world.sshd.log.count("Accepted publickey") == 1, "one login for all questions to a host"
    world.write(gate=free_port())
    world.sshd.__exit__(None, None, None)
    phases = [world.phases() for _ in range(3)][-1]
    assert phases == {
        "gate": "down",
        "shop": "hidden",
        "reach@local1": "hidden",
        "state@local1": "hidden",
        "disks@local1": "hidden",
        "memory@local1": "hidden",
        "load@local1": "hidden",
    }
    assert world.open() == ["gate"]
    world.write()
    assert [world.phases() for _ in range(2)][-1]["reach@local1"] == "down", "the host is still away"
    assert world.open() == ["reach@local1"]


def test_in_maintenance_nothing_is_an_incident(world: World) -> None:
    world.write("status/500", more='windows: {maintenance: "daily 00:00-24:00"}\n')
    assert {world.phases()["shop"] for _ in range(3)} == {"maintenance"}
    world.write("status/500")
    assert [world.phases()["shop"] for _ in range(2)] == ["pending", "down"]
    assert world.open() == ["shop"]


def test_what_is_kept_becomes_uptime_forecast_and_metrics(world: World) -> None:
    metrics = world.cli.project / "acme.prom"
    assert world.call("monitor", "--client", "acme", "--metrics", str(metrics)) == (0, "", "")
    text = metrics.read_text()
    assert 'mspctl_probe_up{client="acme",probe="shop",host=""} 1\n' in text
    assert 'mspctl_probe_value{client="acme",probe="disks",host="local1",name="disk.used:/"} ' in text
    for name in ("memory.percent", "load.5"):
        assert f'host="local1",name="{name}"}} ' in text
    assert text.endswith("# EOF\n")
    assert metrics.stat().st_mode & 0o777 == 0o644

    now = datetime.now(UTC)
    rewind(world, now - timedelta(minutes=20))
    world.write("status/500")
    world.watch()
    zone = set_zone(world, now)
    month = f"{now.astimezone(zone):%Y-%m}"
    shop = service(world, month, zone)
    assert shop.share == 1.0
    assert shop.up == pytest.approx(1200, abs=120)
    assert shop.coverage < 0.2
    assert "100.000 %" in world.call("uptime", "--client", "acme", "--month", month)[1]
    rewind(world, now - timedelta(minutes=45))
    world.watch()
    assert service(world, month, zone).down < 60, "nobody looked for 45 minutes: that is not measured"

    volumes = world.cli.json("volumes", "--client", "acme")["volumes"]
    assert all(each["forecast"] == "not enough days measured" for each in volumes)
    grow(world)
    (first, *_) = world.cli.json("volumes", "--client", "acme")["volumes"]
    assert first["days_left"] == pytest.approx(20, abs=3)
    assert "full in about" in world.call("volumes", "--client", "acme")[1]


def set_zone(world: World, now: datetime) -> ZoneInfo:
    """The client's, in which this month has been there for a while."""
    names = ("Europe/Berlin", "America/Los_Angeles")
    earlier = now - timedelta(hours=4)
    name = next(name for name in names if month_in(name, earlier) == month_in(name, now))
    file = world.cli.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text().replace(names[0], name))
    return ZoneInfo(name)


def month_in(zone: str, at: datetime) -> int:
    return at.astimezone(ZoneInfo(zone)).month


def service(world: World, month: str, zone: ZoneInfo) -> Uptime:
    now = datetime.now(UTC)
    period = month_of(month, zone.key, now)
    found = {each.service: each.uptime for each in uptimes(world.app, "acme", period.start, period.until)}
    return found["Shop"]


def rewind(world: World, at: datetime) -> None:
    """As if the last round had been then."""
    with closing(sqlite3.connect(world.cli.state / "mspctl" / "runs.db")) as connection, connection:
        text = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
        connection.execute(
            "UPDATE seen_span SET begins = ?, ends = ? WHERE seen = 'up' AND ends = begins", (text, text)
        )
        connection.execute("UPDATE seen_span SET ends = ? WHERE seen = 'down'", (text,))


def grow(world: World) -> None:
    """As if the disk had grown by a percent each day, and twenty were left."""
    with closing(sqlite3.connect(world.cli.state / "mspctl" / "runs.db")) as connection, connection:
        connection.execute("DELETE FROM volume_day")
        today = datetime.now(UTC)
        connection.executemany(
            "INSERT INTO volume_day VALUES ('acme', 'local1', '/', ?, ?, 1000)",
            [(f"{today - timedelta(days=days):%Y-%m-%d}", 750 - 10 * days) for days in range(30)],
        )


def test_people_are_told_once_and_together(world: World) -> None:
    notify = "  notify: {urls: [env:MAIL, env:HOOK], every: 1h, alive: env:ALIVE}\n"
    with mail_server() as (box, port), site() as hook:
        world.cli.environment |= {
            "MAIL": f"mailto://127.0.0.1:{port}/?from=msp@example.com&to=ops@example.com",
            "HOOK": f"json://127.0.0.1:{hook.port}/s3cret-hook",
            "ALIVE": f"http://127.0.0.1:{hook.port}/alive",
        }
        world.write("status/500", more=notify)
        world.says("stuck", 2)
        assert say(world, world.watch()) == Telling(), "nothing has opened yet"
        assert say(world, world.watch()) == Telling()
        assert say(world, world.watch()) == Telling(), "nothing new"
        (mail,) = box.mails
        assert "Subject: Acme GmbH: 2 open" in mail
        assert "#2 state@local1 down since" in mail
        (posted,) = [body for method, _, body in hook.asked if method == "POST"]
        assert json.loads(posted)["title"] == "Acme GmbH: 2 open"
        world.says("ok", 0)
        assert say(world, world.watch()) == Telling(), "the last digest is too young"
        assert len(box.mails) == 1
        age_digest(world)
        world.write("", more=notify)
        say(world, world.watch())
        assert "Subject: Acme GmbH: 2 over" in box.mails[1]
        assert world.round() == (0, "", "")
        assert ("GET", "/alive", "") in hook.asked
    world.says("stuck", 2)
    age_digest(world)
    world.watch()
    troubles = say(world, world.watch()).troubles
    assert [each.partition(": ")[0] for each in troubles] == [
        "the digest did not go to env:MAIL",
        "the digest did not go to env:HOOK",
    ]
    code, told, errors = world.round()
    assert (code, told) == (1, "")
    assert errors.count("the digest did not go to env:") == 2, "it is tried again"
    assert "the sign of life did not reach env:ALIVE: connection refused" in errors
    assert "s3cret" not in errors


def test_who_cannot_be_told_keeps_nothing_from_the_others(world: World) -> None:
    """A URL that is missing or does not answer is told and tried again; whom it reached hears it once."""
    with site() as hook:
        world.cli.environment["HOOK"] = f"json://127.0.0.1:{hook.port}/hook"
        world.write("", more="  notify: {urls: [env:HOOK, env:GONE], every: 5m, alive: env:GONE}\n")
        world.says("stuck", 2)
        world.watch()
        for _ in range(2):
            told = say(world, world.watch()).troubles
            assert [each.partition(": ")[0] for each in told] == ["the digest did not go to env:GONE"]
        assert len([each for each in hook.asked if each[0] == "POST"]) == 1, "no storm"
        code, _, errors = world.round()
        assert (code, errors.count("env:GONE: the variable is not set")) == (1, 2), errors
    with site() as other:
        world.cli.environment["GONE"] = f"json://127.0.0.1:{other.port}/back"
        assert say(world, world.watch()) == Telling()
        (posted,) = [body for method, _, body in other.asked if method == "POST"]
        assert json.loads(posted)["title"] == "Acme GmbH: 1 open", "it is told what it has missed"


def say(world: World, watched: Watched) -> Telling:
    return tell(world.app, watched, AppriseNotifier)


def age_digest(world: World) -> None:
    with closing(sqlite3.connect(world.cli.state / "mspctl" / "runs.db")) as connection, connection:
        connection.execute("UPDATE digest_sent SET at = '2026-01-01T00:00:00.000000Z'")


MEND = """name: mend
description: Mends what is watched.
steps:
  - {{name: Mend, module: command, params: {{command: "echo {word} >{state}"}}}}
"""


def test_an_incident_heals_itself_a_limited_number_of_times(world: World) -> None:
    file = world.cli.project / "inventory" / "clients" / "acme.yml"
    file.write_text(file.read_text().replace('exit $2"}}', 'exit $2"}, heal: {playbook: mend, times: 2}}'))
    mend = world.cli.project / "playbooks" / "mend.yml"
    mend.write_text(MEND.format(word="bad 2", state=world.state))
    world.says("bad", 2)
    for _ in range(4):
        mended(world)
    (incident,) = incidents_of(world.app, ())
    told = [f"{each.word.value}: {each.text}" for each in incident.records]
    assert told == [
        "opened: bad",
        "healing: mend on local1",
        "noted: mend on local1 ended with exit code 0",
        "healing: mend on local1",
        "noted: mend on local1 ended with exit code 0",
    ]
    mend.write_text(MEND.format(word="ok 0", state=world.state))
    with closing(sqlite3.connect(world.cli.state / "mspctl" / "runs.db")) as connection, connection:
        connection.execute("DROP TRIGGER incident_record_update_refused")
        connection.execute("UPDATE incident_record SET at = '2026-01-01T00:00:00.000000Z'")
    assert [each.word for each in mended(world)] == [IncidentWord.HEALING, IncidentWord.NOTED]
    assert mended(world) == ()
    assert world.open() == []


def mended(world: World) -> tuple[IncidentRecord, ...]:
    """A round; what it runs is run by a process of its own."""
    return heal(world.app, world.watch(), lambda line: world.cli(*line).returncode)


def test_wrong_files_are_refused_with_their_place(world: World) -> None:
    file = world.cli.project / "inventory" / "clients" / "acme.yml"
    good = file.read_text()
    for wrong, problem in (
        (good.replace("gates: {hq: gate}", "gates: {hh: gate}"), "there is no site `hh`"),
        (good.replace("gates: {hq: gate}", "gates: {hq: state}"), "is no probe that this machine asks"),
        (good.replace("depends_on: [gate]", "depends_on: [shop]"), "in a circle: shop"),
        (good.replace("tcp:", "tcq:"), "`tcq` is not known"),
        (good.replace('tcp: "127.0.0.1:', 'tcp: "'), "`tcp` needs a port"),
        (good.replace("http://", "ftp://"), "`http` needs a whole URL"),
        (good.replace("module: disk,", "module: disk, tcp: x,"), "exactly one kind"),
        (good.replace("module: disk,", "module: dusk,"), "dusk"),
        (good.replace("warning: 100", "warning: much"), "warning"),
    ):
        file.write_text(wrong)
        with pytest.raises(MspctlError) as caught:
            world.watch()
        assert caught.value.exit_code == 2
        assert problem in str(caught.value)
    file.write_text(good.partition("\nmonitor:")[0] + "\n")
    assert "nothing is watched at acme" in world.round()[2]
    assert json.loads(world.call("--json", "incident", "list")[1]) == {"incidents": []}


def test_a_thousand_probes_in_one_round_stay_within_a_minute(world: World) -> None:
    """A hundred of them are never answered, and everything is kept."""
    file = world.cli.project / "inventory" / "clients" / "acme.yml"
    with socket.create_server(("127.0.0.1", 0), backlog=256) as silent:
        port = silent.getsockname()[1]
        ways = {"tcp": f"127.0.0.1:{world.site.port}", "ssh": f"127.0.0.1:{port}"}
        probes = [
            f"    p{number}: {{{way}: '{ways[way]}', timeout: 2}}"
            for number in range(1000)
            for way in ("ssh" if number % 10 == 0 else "tcp",)
        ]
        rest = file.read_text().partition("\nmonitor:")[0]
        file.write_text("\n".join((rest, "monitor:", "  probes:", *probes)))
        begun = time.monotonic()
        assert world.round() == (0, "", "")
        took = time.monotonic() - begun
    assert took < 60
    with closing(world.app.open_store(write=False)) as store:
        phases = Counter(each.phase.value for each in store.watch_book().standings("acme"))
    assert phases == {"up": 900, "pending": 100}
