"""A patch night, package by package: what the host says is what dpkg and the resolver say."""

import subprocess
import time

import pytest

from mspctl.model.outcome import Forecast, StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.modules.runner import run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.timeout(240)]

REFRESH = Use("packages", {"action": "refresh"})
UPGRADE = Use("packages", {"action": "upgrade"})
LIST = Use("packages", {"action": "list"})


def _host(hosts: LabHosts, *packages: str) -> lab.Host:
    return hosts(lab.HostSpec("patient", packages))


def _version(host: lab.Host, package: str) -> str:
    return host.run_inside(
        ["dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}", package], check=False
    ).stdout


def test_a_patch_night_installs_what_is_pending_and_a_second_one_changes_nothing(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "web", "ssl", "newdep", "held", "phased", "debconf", "kernel")
    refresh, upgrade = run(host, REFRESH, UPGRADE)
    assert upgrade.status is StepStatus.CHANGED
    assert upgrade.changes["lab-ssl"] == {"old": "1.0", "new": "1.1", "security": "yes"}
    assert upgrade.changes["lab-extra"] == {"old": "", "new": "1.1", "security": "no"}
    assert set(upgrade.changes) == {
        "lab-web",
        "lab-ssl",
        "lab-newdep",
        "lab-extra",
        "lab-debconf",
        "lab-kernel",
    }
    assert upgrade.held["lab-held"] == {"old": "1.0", "new": "1.1", "security": "no", "reason": "hold"}
    assert upgrade.held["lab-phased"]["reason"] == "phased"
    assert upgrade.metrics["packages.pending"] == "0"
    assert upgrade.metrics["packages.held"] == "2"
    assert upgrade.metrics["reboot.required"] == "1"
    assert upgrade.findings["reboot-required"] == {"reason": "asked for by lab-kernel"}
    assert not [name for name in upgrade.findings if name.startswith("pending:")]
    assert _version(host, "lab-ssl") == "1.1 installed"
    refresh, upgrade = run(host, REFRESH, UPGRADE)
    assert (refresh.status, upgrade.status) == (StepStatus.OK, StepStatus.OK)
    assert not refresh.changes
    assert not upgrade.changes


def test_the_forecast_names_what_the_real_run_then_changes(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "web", "ssl", "newdep", "held")
    refresh, forecast = run(host, REFRESH, UPGRADE, check=True)
    assert refresh.status is StepStatus.OK
    assert int(refresh.metrics["packages.lists_age"]) >= 0
    assert forecast.forecast is Forecast.CHANGE
    assert _version(host, "lab-ssl") == "1.0 installed"
    real = run_one(host, UPGRADE)
    assert real.changes == forecast.changes


def test_security_only_leaves_the_others_and_reports_them(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "web", "ssl")
    result = run_one(host, Use("packages", {"action": "upgrade", "scope": "security"}))
    assert result.status is StepStatus.CHANGED
    assert set(result.changes) == {"lab-ssl"}
    assert set(result.findings) == {"pending:lab-web"}
    assert result.metrics["packages.security"] == "0"


def test_only_the_named_packages_are_upgraded(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "web", "ssl", "held")
    names = ("lab-web", "lab-held", "lab-none")
    result = run_one(host, Use("packages", {"action": "upgrade", "scope": "named", "names": names}))
    assert set(result.changes) == {"lab-web"}
    assert _version(host, "lab-held") == "1.0 installed"


def test_a_failing_postinst_fails_by_name_and_the_rest_is_upgraded(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "broken", "ssl")
    result = run_one(host, UPGRADE)
    assert result.status is StepStatus.FAILED
    assert "lab-broken" in result.reason
    assert "the new configuration does not load" in result.reason
    assert result.changes["lab-ssl"]["new"] == "1.1"
    assert result.changes["lab-broken"]["state"] == "half-configured"
    assert result.metrics["packages.broken"] == "1"
    assert result.findings["broken:lab-broken"] == {"version": "1.1", "state": "half-configured"}
    again = run_one(host, LIST)
    assert (again.status, again.reason) == (StepStatus.FAILED, "not finished by dpkg: lab-broken")
    refused = run_one(host, Use("packages", {"action": "upgrade", "repair": False}))
    assert "repair is off" in refused.reason
    host.run_inside(["touch", "/etc/lab-broken-repaired"])
    mended = run_one(host, UPGRADE)
    assert mended.status is StepStatus.CHANGED
    assert mended.changes["lab-broken"] == {"old": "1.1", "new": "1.1", "security": "no"}
    assert _version(host, "lab-broken") == "1.1 installed"


def test_a_changed_configuration_file_is_kept_and_the_new_one_is_a_finding(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "conf")
    host.run_inside(["sh", "-c", "echo 'colour = red' > /etc/lab-conf.conf"])
    result = run_one(host, UPGRADE)
    assert result.status is StepStatus.CHANGED
    assert host.read_file("/etc/lab-conf.conf") == "colour = red\n"
    assert "conffile:/etc/lab-conf.conf.dpkg-dist" in result.findings


def test_a_held_lock_is_waited_for_and_then_named(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "ssl")
    with host.faults.dpkg_locked():
        forecast = run_one(host, UPGRADE, check=True)
        assert forecast.forecast is Forecast.CHANGE
        began = time.monotonic()
        result = run_one(host, Use("packages", {"action": "upgrade", "lock_wait": 2}))
        assert time.monotonic() - began < 60
    assert result.status is StepStatus.FAILED
    assert result.reason.startswith("dpkg lock held by ")
    assert "(pid " in result.reason
    assert result.reason.endswith(" for 2 s")
    assert _version(host, "lab-ssl") == "1.0 installed"
    assert run_one(host, UPGRADE).status is StepStatus.CHANGED


def test_a_source_that_cannot_be_fetched_fails_the_refresh(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "ssl")
    source = "deb [trusted=yes] file:/srv/nowhere stable main"
    host.run_inside(["sh", "-c", f"echo '{source}' > /etc/apt/sources.list.d/nowhere.list"])
    result = run_one(host, REFRESH)
    assert result.status is StepStatus.FAILED
    assert "/srv/nowhere" in result.reason
    assert "source:1" in result.findings


def test_a_full_disk_is_named_and_the_host_stays_as_it_was(lab_hosts: LabHosts) -> None:
    host = lab_hosts(lab.HostSpec("patient", ("ssl",), disk_mb=24))
    with host.faults.disk_full():
        result = run_one(host, UPGRADE)
    assert result.status is StepStatus.FAILED
    assert "disk full" in result.reason or "not enough disk space" in result.reason
    assert run_one(host, UPGRADE).status is StepStatus.CHANGED
    with host.faults.disk_full():
        host.run_inside(["truncate", "-s", "-4K", "/var/.lab-filler"])
        refresh = run_one(host, REFRESH)
    assert refresh.status is StepStatus.FAILED
    assert refresh.reason.startswith("disk full in /"), "apt itself says: invalid signature"


def test_a_power_cut_in_the_middle_is_mended_by_the_next_run(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "slow", "ssl")
    host.run_inside(["sh", "-c", "echo 30 > /etc/lab-slow-seconds"])
    upgrade = ["apt-get", "-y", "-q", "-o", "Dpkg::Use-Pty=0", "upgrade"]
    with subprocess.Popen(host.inside(upgrade), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("lab-slow: line 3" in line for line in process.stdout)
        host.power_cycle()
    host.run_inside(["rm", "/etc/lab-slow-seconds"])
    result = run_one(host, UPGRADE)
    assert result.status is StepStatus.CHANGED
    assert "lab-slow" in result.changes
    assert _version(host, "lab-slow") == "1.1 installed"
    assert run_one(host, LIST).metrics["packages.broken"] == "0"


def test_autoremove_takes_what_nothing_needs(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "web")
    host.run_inside(["apt-mark", "auto", "lab-orphan"])
    rules = ("hold|lab-or*|*|asked for by ops", "hold|lab-orphan|2.0|not this one")
    upgrade, held = run(host, UPGRADE, Use("packages", {"action": "autoremove", "rules": rules}))
    assert (held.status, held.changes) == (StepStatus.OK, {})
    assert held.reason == "nothing is removed, as the policy holds lab-orphan"
    assert held.held["lab-orphan"]["detail"] == "asked for by ops"
    remove = run_one(host, Use("packages", {"action": "autoremove", "rules": rules[1:]}))
    assert upgrade.status is StepStatus.CHANGED
    assert remove.changes == {"lab-orphan": {"old": "1.0", "new": "", "security": "no", "state": "removed"}}
    assert run_one(host, Use("packages", {"action": "autoremove"})).status is StepStatus.OK


def test_pending_updates_are_seen_without_root(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "ssl", "held")
    as_ops = ("setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", "/bin/sh")
    who, result = run(
        host, Use("command", {"command": "id -u"}), Use("updates", {"fail_on_security": True}), shell=as_ops
    )
    assert who.output == "1000\n"
    assert (result.status, result.reason) == (StepStatus.FAILED, "1 security updates are pending")
    assert result.held["lab-held"]["reason"] == "hold"


def test_a_single_package_comes_and_goes(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "ssl")
    present = Use("package", {"names": ("lab-newdep",)})
    assert run_one(host, present, check=True).changes.keys() == {"lab-extra", "lab-newdep"}
    assert run_one(host, present).changes.keys() == {"lab-extra", "lab-newdep"}
    assert run_one(host, present).status is StepStatus.OK
    unasked = run_one(host, Use("package", {"names": ("lab-extra",), "state": "absent"}))
    assert "lab-newdep would be removed, too" in unasked.reason
    absent = Use("package", {"names": ("lab-newdep",), "state": "absent"})
    assert run_one(host, absent).changes.keys() == {"lab-newdep"}
    assert run_one(host, absent).status is StepStatus.OK
    unknown = run_one(host, Use("package", {"names": ("no-such-package",)}))
    assert "no-such-package" in unknown.reason
    latest = run_one(host, Use("package", {"names": ("lab-ssl",), "state": "latest"}))
    assert latest.changes["lab-ssl"]["new"] == "1.1"
