"""A patch night with reboots on real hosts: drained, down, back, probed; and each way in which it fails."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mspctl.engine.compile import compile_plan
from mspctl.engine.fold import Fold
from mspctl.library.folders import open_library
from mspctl.model.bundle import Plan
from mspctl.model.calendar import Calendar
from mspctl.model.event import Event, Rebooting, RebootSeen, RebootState, ReportKind
from mspctl.model.inventory import Client, Host, Site
from mspctl.model.outcome import Outcome, StepStatus
from mspctl.model.patching import PatchPolicy, RebootPolicy
from mspctl.model.run import HostRun, StepRun
from mspctl.model.selection import Selection
from mspctl.render.jinja import JinjaRenderer
from mspctl.testing.lab import Host as LabHost
from mspctl.testing.lab import HostSpec, Lab
from mspctl.testing.lab.login import ssh_argv
from mspctl.testing.pytest_lab import LabHosts
from mspctl.transports.ssh.transport import SshTransport
from tests.integration.engine.real_hosts import PATIENT, execution, site_host, transport
from tests.unit.engine.bundles import pending

pytestmark = [pytest.mark.lab, pytest.mark.timeout(300)]

# As a package whose new version takes another service down with it.
KILLER = {"/etc/apt/apt.conf.d/99lab": 'DPkg::Post-Invoke { "service lab-web stop > /dev/null"; };\n'}
NEVER_OPEN = Calendar({"reboot": ()})
LOG = "/var/log/lab-hooks"
POLICY = PatchPolicy(
    reboot=RebootPolicy.IF_NEEDED,
    before=f"echo before >> {LOG}",
    after=f"echo after >> {LOG}",
    snapshot=f"echo snapshot >> {LOG}",
    drain=f"echo drain >> {LOG}; touch /etc/lab-drained",
    undrain=f"echo undrain >> {LOG}; rm -f /etc/lab-drained",
    probes=("service:lab-web", "port:22", "command:test ! -e /etc/lab-ill", "command:test -e /nowhere"),
    warn_users=1,
)


@dataclass(frozen=True, slots=True)
class Night:
    """What one run over all hosts came to, in the folder with its keys."""

    lab: Lab
    ssh: SshTransport
    hosts: Mapping[str, Host]
    boots: Mapping[str, str]
    fold: Fold
    events: Sequence[Event]
    screen: str
    """What somebody saw who was logged in on well1."""

    def row(self, name: str) -> HostRun:
        return self.fold.host(f"acme/{name}")

    def step(self, name: str, step: str) -> StepRun:
        return next(each for each in self.row(name).steps if each.name == step)

    def told(self, name: str, step: str, kind: ReportKind) -> dict[str, str]:
        reports = self.step(name, step).reports
        return {
            each.name: each.value or dict(each.fields).get("reason", "")
            for each in reports
            if each.kind is kind
        }

    def rebooted(self, name: str) -> bool:
        return self.lab.host(name).boot_id != self.boots[name]


def patch(hosts: Sequence[Host]) -> Plan:
    client = Client("acme", "Acme", "UTC", (Site("hq", tuple(hosts)),))
    library = open_library(None)
    return compile_plan(
        library.playbook("patch"),
        Selection(tuple(hosts)),
        [client],
        library,
        JinjaRenderer(),
        params={"probe_wait": "3"},
    )


def specs() -> Iterator[tuple[HostSpec, PatchPolicy, float]]:
    """Each host with its policy and the time it has for its reboot."""
    # Away for longer than a busy machine needs between two looks, so that it is seen to be away.
    yield HostSpec("well1", ("web", "kernel"), reboot_delay=5), POLICY, 40
    ill = replace(POLICY, drain=f"{POLICY.drain}; touch /etc/lab-ill", probes=POLICY.probes[:-1])
    yield HostSpec("ill1", ("web", "kernel"), reboot_delay=1), ill, 40
    yield HostSpec("drain1", ("web", "kernel")), replace(POLICY, drain="echo no place to go; exit 3"), 40
    yield HostSpec("deaf1", ("kernel",)), replace(POLICY, probes=()), 5
    yield HostSpec("gone1", ("kernel",), reboot_delay=90), replace(POLICY, probes=("port:22",)), 8
    closed = replace(POLICY, probes=("service:lab-web",), reboot=RebootPolicy.WINDOW)
    yield HostSpec("hurt1", ("web", "kernel"), files=KILLER), closed, 40
    yield HostSpec("late1", ("kernel",)), replace(POLICY, reboot=RebootPolicy.NEVER, snapshot="exit 1"), 40


@pytest.fixture(scope="module")
def night(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    made = LabHosts(lab)
    try:
        yield patched(made, tmp_path_factory.mktemp("night"))
    finally:
        made.end()


def patched(made: LabHosts, folder: Path) -> Night:
    given = {spec.name: (policy, limit) for spec, policy, limit in specs()}
    real = {each.name: each for each in made.make(*(spec for spec, _, _ in specs()))}
    make_deaf(real["deaf1"])
    for name in ("well1", "drain1"):
        real[name].run_inside(["sh", "-c", ": > /run/utmp"])
    hosts = {
        name: replace(
            site_host(real[name], deadlines=replace(PATIENT, reboot=limit)),
            patching=policy,
            calendar=NEVER_OPEN,
        )
        for name, (policy, limit) in given.items()
    }
    ssh = transport(made.lab, folder, *((hosts[name], real[name]) for name in hosts))
    boots = {name: each.boot_id for name, each in real.items()}
    plan = patch(list(hosts.values()))
    run = pending(plan)
    fold, events = Fold(run), list[Event]()
    with logged_in(real["well1"]) as screen:
        for batch in execution(plan, ssh, run).batches():
            fold.apply(batch)
            events += batch
        screen.kill()
        shown, _ = screen.communicate(timeout=60)
    return Night(made.lab, ssh, hosts, boots, fold, events, shown)


def logged_in(host: LabHost) -> "subprocess.Popen[str]":
    """Somebody at a terminal of the host."""
    argv = [*ssh_argv(host), "-tt"]
    pipe = subprocess.PIPE
    screen = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
    assert screen.stdout is not None
    assert screen.stdout.readline()
    return screen


def make_deaf(host: LabHost) -> None:
    for name in ("reboot", "shutdown", "systemctl"):
        host.run_inside(["sh", "-c", f"rm -f /sbin/{name} /bin/{name}; ln -s /bin/true /sbin/{name}"])


def test_the_whole_way_of_a_reboot(night: Night) -> None:
    row = night.row("well1")
    assert (row.outcome, row.reason, row.detail) == (Outcome.CHANGED, "", "")
    assert night.rebooted("well1")
    states = [
        event.state if isinstance(event, RebootSeen) else "told"
        for event in night.events
        if isinstance(event, Rebooting | RebootSeen) and event.host == "acme/well1"
    ]
    assert states == ["told", RebootState.DOWN, RebootState.UP]
    hooks = night.lab.host("well1").read_file(LOG).split()
    assert hooks == ["before", "snapshot", "drain", "undrain", "after"]
    assert float(night.told("well1", "Reboot", ReportKind.METRIC)["reboot.seconds"]) > 1
    assert (
        night.told("well1", "Reboot", ReportKind.NOTE)["warned"] == "who was logged in was told, 1 s before"
    )
    assert "This computer restarts in 1 seconds (asked for by lab-kernel)" in night.screen
    assert night.told("well1", "Look again", ReportKind.METRIC)["reboot.required"] == "0"
    assert not drained(night, "well1")


def test_what_was_kept_before_the_reboot_is_known_after_it(night: Night) -> None:
    before = night.told("well1", "Probes before", ReportKind.METRIC)
    after = night.told("well1", "Probes after", ReportKind.METRIC)
    assert before == after == {"probes.good": "3", "probes.bad": "1"}
    findings = [
        each for each in night.step("well1", "Probes after").reports if each.kind is ReportKind.FINDING
    ]
    assert [(each.name, dict(each.fields)["before"]) for each in findings] == [
        ("probe:command:test -e /nowhere", "bad")
    ]


def test_a_host_that_cannot_be_drained_is_not_rebooted(night: Night) -> None:
    row = night.row("drain1")
    assert (row.outcome, row.reason) == (Outcome.FAILED, "step-failed")
    assert "not rebooted: drain ended with status 3: no place to go; it is back in service" in row.detail
    assert night.told("drain1", "Reboot", ReportKind.NOTE)["warned"] == "nobody is logged in"
    assert not night.rebooted("drain1")
    assert night.lab.host("drain1").read_file(LOG).split() == ["before", "snapshot", "undrain", "after"]
    assert not drained(night, "drain1")
    assert night.step("drain1", "Probes after").status is StepStatus.OK


def test_a_host_that_is_ill_after_its_reboot_stays_out_of_service_until_it_is_well(night: Night) -> None:
    row, real = night.row("ill1"), night.lab.host("ill1")
    assert (row.outcome, row.reason, night.rebooted("ill1")) == (Outcome.FAILED, "step-failed", True)
    assert night.step("ill1", "Back into service").status is StepStatus.SKIPPED
    assert real.read_file(LOG).split() == ["before", "snapshot", "drain", "after"]
    assert drained(night, "ill1")
    plan, word = patch([night.hosts["ill1"]]), "is not well on a host that is out of service"
    for ended, stays in ((Outcome.FAILED, True), (Outcome.OK, False)):
        fold = Fold(pending(plan))
        for batch in execution(plan, night.ssh, fold.run).batches():
            fold.apply(batch)
        again = fold.run.hosts[0]
        assert (again.outcome, word in again.detail, drained(night, "ill1")) == (ended, stays, stays)
        real.run_inside(["rm", "-f", "/etc/lab-ill"])


def test_a_host_that_does_not_go_down(night: Night) -> None:
    row = night.row("deaf1")
    assert (row.outcome, row.reason) == (Outcome.FAILED, "reboot-ignored")
    assert "the host is still on the same boot" in row.detail
    assert night.step("deaf1", "Reboot").status is StepStatus.FAILED
    assert night.lab.host("deaf1").read_file(LOG).split() == [
        "before",
        "snapshot",
        "drain",
        "undrain",
        "after",
    ]
    assert not drained(night, "deaf1")
    assert night.told("deaf1", "Look again", ReportKind.METRIC)["reboot.required"] == "1"


def test_a_service_that_the_upgrade_killed(night: Night) -> None:
    row = night.row("hurt1")
    assert (row.outcome, row.reason) == (Outcome.FAILED, "step-failed")
    assert row.detail.endswith("service:lab-web was well before and is not any more: it does not run")
    assert night.step("hurt1", "Upgrade packages").status is StepStatus.CHANGED


def test_outside_its_window_a_host_is_not_rebooted(night: Night) -> None:
    step = night.step("hurt1", "Reboot")
    assert (step.status, step.reason) == (
        StepStatus.OK,
        "a reboot is due (asked for by lab-kernel), but not at this time",
    )
    assert night.told("hurt1", "Look again", ReportKind.METRIC)["reboot.required"] == "1"
    assert not night.rebooted("hurt1")


def test_no_upgrade_without_its_snapshot(night: Night) -> None:
    row = night.row("late1")
    assert (row.outcome, row.reason) == (Outcome.FAILED, "step-failed")
    assert "nothing was upgraded: snapshot ended with status 1" in row.detail
    version = (
        night.lab.host("late1").run_inside(["dpkg-query", "-W", "-f", "${Version}", "lab-kernel"]).stdout
    )
    assert version == "1.0"


def test_a_host_that_does_not_come_back_is_an_alarm_and_is_resumed_when_it_is_there(night: Night) -> None:
    row = night.row("gone1")
    assert (row.outcome, row.reason) == (Outcome.LOST, "not-back")
    assert "away since" in row.detail
    assert "the machine does not answer at all" in row.detail
    assert "console" in row.remedy
    real = night.lab.host("gone1")
    real.power_cycle()
    plan = patch([night.hosts["gone1"]])
    again = replace(row, outcome=None, reason="", detail="", remedy="", finished=None)
    run = replace(pending(plan), nonce=night.fold.run.nonce, hosts=(again,))
    fold = Fold(run)
    for batch in execution(plan, night.ssh, run).batches():
        fold.apply(batch)
    ended = fold.run.hosts[0]
    assert (ended.outcome, ended.detail) == (Outcome.CHANGED, "")
    assert real.read_file(LOG).split() == ["before", "snapshot", "drain", "undrain", "after"]
    assert not drained(night, "gone1")
    probes = next(step for step in ended.steps if step.name == "Probes after")
    assert (probes.status, probes.reason) == (StepStatus.OK, "all 1 probes are well")


def drained(night: Night, name: str) -> bool:
    """Whether the file that says so is there."""
    asked = night.lab.host(name).run_inside(["test", "-e", "/var/lib/mspctl-drained"], check=False)
    return asked.returncode == 0
