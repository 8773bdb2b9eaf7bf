"""A windowed patch night in waves, four package managers and every common trouble: right to the package."""

import json
import os
import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mspctl.testing.lab import Host, HostSpec
from mspctl.testing.lab.packages import Deb
from mspctl.testing.lab.project import entry, write_project
from mspctl.testing.lab.spec import FlavourName
from mspctl.testing.pytest_lab import LabHosts
from tests.e2e.cli import Cli, ended
from tests.hostile.fish import give_fish

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(800)]

HEALTHY = ("newdep", "ssl", "web", "held")
UPGRADED = frozenset({"lab-newdep", "lab-extra", "lab-ssl", "lab-web"})
SSL = frozenset({"lab-ssl"})
TAMPER = """
mkdir /srv/tampered && cp -r /srv/lab-repo/dists /srv/lab-repo/pool /srv/tampered/
sed -i 's/^Origin: Lab/Origin: Somebody/' /srv/tampered/dists/*/InRelease
sed -i 's,file:/srv/lab-repo,file:/srv/tampered,' /etc/apt/sources.list.d/lab.list
"""
HALF = "dpkg --unpack $(find /srv/lab-repo/pool -name 'lab-web_1.1*.deb') >/dev/null"
GONE = "echo 'deb [trusted=yes] http://127.0.0.1:9/gone stable main' >/etc/apt/sources.list.d/gone.list"

FUTURE = """
mkdir -p /srv/future/dists/stable/main/binary-all && cd /srv/future/dists/stable
: > main/binary-all/Packages
sum=$(sha256sum main/binary-all/Packages); sum=${sum%% *}
printf '%s\\n' 'Origin: Future' 'Suite: stable' 'Codename: stable' 'Architectures: all' 'Components: main' \
    'Date: Thu, 01 Jan 2099 00:00:00 UTC' 'Valid-Until: Fri, 02 Jan 2099 00:00:00 UTC' \
    'SHA256:' " $sum 0 main/binary-all/Packages" > Release
echo 'deb [trusted=yes arch=all] file:/srv/future stable main' > /etc/apt/sources.list.d/future.list
"""
RIVAL = (Deb("lab-rival", "1.0"), Deb("lab-rival", "1.1", fields={"Conflicts": "lab-orphan"}))
WRITES = "#!/bin/sh\nhead -c 200000 /dev/zero > /boot/image.lab || exit 1\n"
IMAGE = (Deb("lab-bootloader", "1.0"), Deb("lab-bootloader", "1.1", scripts={"postinst": WRITES}))
INSTALL_IMAGE = "apt-get -qq update && apt-get -qq -y install lab-bootloader=1.0 >/dev/null"
INSTALL_RIVAL = "apt-get -qq update && apt-get -qq -y install lab-rival=1.0 >/dev/null"
BUSYBOX = """
rm -rf /usr/bin/apt* /usr/bin/dpkg* /usr/bin/perl* /usr/lib/apt
for applet in $(busybox --list); do ln -sf /bin/busybox "/usr/bin/$applet"; rm -f "/usr/sbin/$applet"; done
"""

SLEEP = "sleep 380"
AROUND = (
    "patching: {hooks: {controller_before: 'echo \"$MSPCTL_HOOK $MSPCTL_HOST\" >>NOTES', "
    "controller_after: 'echo \"$MSPCTL_HOOK $MSPCTL_OUTCOME\" >>NOTES'}}"
)


def shell(line: str) -> Callable[[Host], None]:
    def spoil(host: Host) -> None:
        host.run_inside(["sh", "-c", line])

    return spoil


def boot_full(host: Host) -> None:
    host.run_inside(["sh", "-c", INSTALL_IMAGE])
    host.faults.boot_full()


def nothing(host: Host) -> None:
    del host


@dataclass(frozen=True, slots=True)
class Case:
    """One host: what is the matter with it, and the truth about its night."""

    name: str
    outcome: str
    packages: tuple[str, ...] = ("ssl",)
    flavour: FlavourName = "apt"
    changed: frozenset[str] = frozenset()
    said: str = ""
    state: str = "current"
    tags: tuple[str, ...] = ()
    keys: str = ""
    spoil: Callable[[Host], None] = nothing


def healthy(name: str, flavour: FlavourName, wave: str) -> Case:
    return Case(name, "changed", HEALTHY, flavour, UPGRADED, state="held", tags=(wave,))


def broken(name: str, flavour: FlavourName) -> Case:
    return Case(name, "failed", ("broken", "ssl"), flavour, SSL, "lab-broken", "failed")


CASES = (
    healthy("deb1", "apt", "canary"),
    healthy("rpm1", "dnf", "canary"),
    healthy("suse1", "zypper", "early"),
    healthy("arch1", "pacman", "early"),
    Case(
        "edited1",
        "changed",
        ("conf", "web"),
        changed=frozenset({"lab-conf"}),
        state="held",
        keys="patching: {exclude: [lab-web]}",
        spoil=shell("echo 'colour = red' >/etc/lab-conf.conf"),
    ),
    Case("half1", "changed", ("ssl", "web"), changed=SSL | {"lab-web"}, spoil=shell(HALF)),
    Case(
        "kernel1",
        "changed",
        ("kernel",),
        changed=frozenset({"lab-kernel"}),
        keys="patching: {reboot: if-needed}",
    ),
    Case(
        "noisy1",
        "changed",
        changed=SSL,
        keys=AROUND,
        spoil=shell("echo 'echo hello; echo ok' >>/home/ops/.bashrc"),
    ),
    broken("badeb1", "apt"),
    broken("barpm1", "dnf"),
    broken("basuse1", "zypper"),
    broken("barch1", "pacman"),
    Case(
        "locked1",
        "failed",
        said="lock held by lab-apt",
        state="failed",
        spoil=lambda h: void(h.faults.dpkg_locked()),
    ),
    Case(
        "full1",
        "failed",
        flavour="dnf",
        said="No space left",
        state="failed",
        spoil=lambda h: void(h.faults.disk_full()),
    ),
    Case("boot1", "failed", changed=SSL, said="disk full in /boot", state="failed", spoil=boot_full),
    Case(
        "frozen1", "failed", said="ead-only", state="failed", spoil=lambda h: void(h.faults.root_read_only())
    ),
    Case("forged1", "failed", said="BADSIG", state="failed", spoil=shell(TAMPER)),
    Case("norepo1", "failed", changed=SSL, said="127.0.0.1:9/gone", state="failed", spoil=shell(GONE)),
    Case("nosudo1", "failed", said="sudo", state="failed", spoil=shell("rm /etc/sudoers.d/ops")),
    Case(
        "clock1",
        "failed",
        changed=SSL,
        said="is this host's clock right?",
        state="failed",
        spoil=shell(FUTURE),
    ),
    Case("solver1", "changed", ("orphan", "ssl"), changed=SSL, state="held", spoil=shell(INSTALL_RIVAL)),
    Case("fish1", "changed", changed=SSL, spoil=give_fish),
    Case("tiny1", "failed", said="no package manager", state="failed", spoil=shell(BUSYBOX)),
    Case(
        "busy1",
        "skipped",
        said="another run holds this host",
        state="not-seen",
        keys="timeouts: {lock_wait: 1}",
    ),
    Case("off1", "unreachable", said="did not answer", state="not-seen", spoil=lambda h: h.power_cut()),
    Case("shut1", "held", said="next opening", state="not-seen", keys="windows: {patch: SHUT}"),
)
BY_NAME: Mapping[str, Case] = {case.name: case for case in CASES}
GOOD = ",".join(case.name for case in CASES if case.outcome == "changed")
STILL_BAD = ",".join(case.name for case in CASES if case.outcome in {"failed", "held"})
POLICY = """\
windows: {patch: {rrule: "FREQ=DAILY", start: "00:00", duration: 24h}}
patching:
  waves: [{name: canary, tags: [canary]}, {name: early, tags: [early]}, {name: rest}]
"""


def void(anything: object) -> None:
    """The fault stays until the lab ends."""
    del anything


@pytest.fixture
def cli(lab_hosts: LabHosts, tmp_path: Path) -> Cli:
    specs = [HostSpec(case.name, case.packages, flavour=case.flavour, disk_mb=128) for case in CASES]
    lab_hosts.lab.publish((*RIVAL, *IMAGE))
    hosts = lab_hosts.make(*specs)
    for host in hosts:
        BY_NAME[host.name].spoil(host)
    entries = [entry(host, tags=BY_NAME[host.name].tags) for host in hosts]
    project = write_project(lab_hosts.lab, tmp_path / "project", entries)
    file = project / "inventory" / "clients" / "acme.yml"
    text = file.read_text().replace("sites:\n", f"{POLICY}sites:\n", 1)
    text = text.replace("  become: sudo\n", "  become: sudo\n  timeouts: {connect: 5, reboot: 60}\n", 1)
    for case in CASES:
        keys = case.keys.replace("SHUT", far_window()).replace("NOTES", str(tmp_path / "notes"))
        text = text.replace(f"      {case.name}: {{", f"      {case.name}: {{{keys + ', ' if keys else ''}")
    file.write_text(text)
    return Cli(project, tmp_path / "state", wait=200)


def far_window() -> str:
    """Open for an hour, half a year from now."""
    month = (datetime.now(UTC) + timedelta(days=183)).month
    return f'{{rrule: "FREQ=YEARLY;BYMONTH={month};BYMONTHDAY=1", start: "02:00", duration: 1h}}'


def changes(host: Any) -> set[str]:  # noqa: ANN401 - a JSON document
    """What the run says that it changed on the host's packages, and finished.

    dpkg leaves a package whose script failed half-configured (`state`); for the others a finding says so.
    """
    steps = [step for step in host["steps"] if step["module"] == "packages"]
    failed = {
        each["name"].partition(":")[2] for step in steps for each in step["findings"] if bad(each["name"])
    }
    made = [change for step in steps for change in step["changes"] if not change["fields"].get("state")]
    return {change["name"] for change in made} - failed


def bad(finding: str) -> bool:
    return finding.startswith(("broken:", "failed:"))


def versions(host: Host) -> dict[str, str]:
    """What the host's own package manager says, past mspctl: package → version."""
    asks = {
        "apt": "dpkg-query -W -f '${Package} ${Version}\\n' 'lab-*'",
        "dnf": "rpm -qa --qf '%{NAME} %{VERSION}\\n' 'lab-*'",
        "zypper": "rpm -qa --qf '%{NAME} %{VERSION}\\n' 'lab-*'",
        "pacman": "pacman -Q",
    }
    told = host.run_inside(["sh", "-c", asks[host.spec.flavour]]).stdout
    rows = (line.split() for line in told.splitlines())
    return {row[0]: row[1].partition("-")[0] for row in rows if len(row) == 2 and row[0].startswith("lab-")}


def test_the_whole_night_and_a_second_one_right_after(cli: Cli, lab_hosts: LabHosts) -> None:
    elsewhere = Cli(cli.project, cli.state.parent / "elsewhere")
    other = elsewhere.start("exec", "--client", "acme", "--limit", "busy1", "--", SLEEP)
    elsewhere.await_event("bundle-started")
    screen = cli("patch", "--client", "acme", "-e", "lock_wait=2")
    os.kill(other.pid, signal.SIGTERM)
    ended(other)
    run = cli.last()
    assert screen.returncode == 1
    assert screen.stderr == ""
    rows = {row["host"]: row for row in run["hosts"]}
    assert {name: row["outcome"] for name, row in rows.items()} == {c.name: c.outcome for c in CASES}
    assert_right_to_the_package(rows, lab_hosts)
    assert_on_screen(screen.stdout, rows)
    assert_in_waves(cli)
    assert (cli.state.parent / "notes").read_text() == "before noisy1\nafter changed\n"
    assert cli("runs", "verify").returncode == 0
    assert_reported(cli)
    assert_nothing_waits_that_came(cli)

    before = len(cli.journal())
    cli("patch", "--client", "acme", "--limit", f"{GOOD},{STILL_BAD}", "-e", "lock_wait=2")
    rows = {row["host"]: row for row in cli.last()["hosts"]}
    expected = {case.name: case.outcome for case in CASES if case.name in rows}
    expected |= dict.fromkeys(GOOD.split(","), "ok")
    assert {name: row["outcome"] for name, row in rows.items()} == expected
    assert_nothing_changed(rows, [json.loads(line) for line in cli.journal()[before:]])


def assert_nothing_changed(rows: Mapping[str, Any], told: list[Any]) -> None:
    """On the good hosts not one change of any kind, over one connection, in one bundle."""
    for name, row in rows.items():
        assert changes(row) == set(), (name, row)
        if name in GOOD.split(","):
            assert not any(step["changes"] for step in row["steps"]), name
            mine = [event["event"] for event in told if event.get("host") == f"acme/{name}"]
            assert (mine.count("connected"), mine.count("bundle-started")) == (1, 1)
            assert row["round_trips"] <= 3


def assert_right_to_the_package(rows: Mapping[str, Any], lab_hosts: LabHosts) -> None:
    for case in CASES:
        assert changes(rows[case.name]) == case.changed, (case.name, rows[case.name])
        host = lab_hosts.lab.host(case.name)
        if not host.is_on or case.name == "tiny1":
            continue
        found = versions(host)
        assert {name for name in case.changed if found.get(name) != "1.1"} == set(), case.name
        untouched = {f"lab-{name}" for name in case.packages} - case.changed - {"lab-broken"}
        if case.name != "half1":
            assert {name for name in untouched if found[name] != "1.0"} == set(), case.name
    findings = {f["name"] for step in rows["edited1"]["steps"] for f in step["findings"]}
    assert "conffile:/etc/lab-conf.conf.dpkg-dist" in findings
    assert [row["outcome"] for row in rows.values()].count("changed") == 10


def assert_nothing_waits_that_came(cli: Cli) -> None:
    """Not even where the night failed for something else."""
    waits = {
        (host, each["package"])
        for each in cli.json("patches", "pending")["updates"]
        for host in each["hosts"]
    }
    assert {(case.name, name) for case in CASES for name in case.changed} & waits == set()
    assert ("edited1", "lab-web") in waits


def assert_on_screen(screen: str, rows: Mapping[str, Any]) -> None:
    assert "26 hosts: 10 changed, 13 failed, 1 unreachable, 1 held, 1 skipped (exit 1)" in screen, screen[
        :300
    ]
    for case in CASES:
        told = json_text(rows[case.name])
        assert case.said in told, (case.name, told)
        if case.outcome in {"failed", "unreachable"}:
            assert re.search(rf"^{case.name}: {case.outcome}\b", screen, re.MULTILINE), case.name


def json_text(row: Any) -> str:  # noqa: ANN401 - a JSON document
    steps = [f"{step.get('reason', '')} {step['output']}" for step in row["steps"]]
    return " ".join([row["reason"], str(row.get("detail", "")), *steps])


def assert_in_waves(cli: Cli) -> None:
    """No host of a wave began before the last one of the wave before had ended."""
    begins: dict[str, list[int]] = {"canary": [], "early": [], "rest": []}
    ends: dict[str, list[int]] = {"canary": [], "early": [], "rest": []}
    for number, line in enumerate(map(json.loads, cli.journal())):
        if line["event"] in {"host-started", "host-ended"}:
            wave = (*BY_NAME[line["host"].partition("/")[2]].tags, "rest")[0]
            (begins if line["event"] == "host-started" else ends)[wave].append(number)
    assert len(ends["canary"]) == len(ends["early"]) == 2
    assert max(ends["canary"]) < min(begins["early"])
    assert max(ends["early"]) < min(begins["rest"])


def assert_reported(cli: Cli) -> None:
    month = f"{datetime.now(ZoneInfo('Europe/Berlin')):%Y-%m}"
    told = cli.json("report", "--client", "acme", "--month", month)
    states = {host["host"]: host["state"] for host in told["hosts"]}
    assert states == {case.name: case.state for case in CASES}
    assert sum(told["states"].values()) == told["hosts_total"] == len(CASES)
    patched = {host["host"]: {each["package"] for each in host["changes"]} for host in told["hosts"]}
    assert patched == {case.name: set(case.changed) for case in CASES}
