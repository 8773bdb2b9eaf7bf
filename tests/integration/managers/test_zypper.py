"""A patch night on a host with zypper: what the host says is what rpm and zypper's resolver say."""

import time

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.managers.night import LIST, REFRESH, UPGRADE, patch_night, removal_with_leave
from tests.integration.modules.runner import run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]

NIGHT = ("web", "ssl", "held", "newdep", "kernel", "conf", "merge", "rival", "stuck")
TROUBLE = ("broken", "refuse", "ssl", "slow")
REPOSITORY = "/etc/zypp/repos.d/lab.repo"

_COPY = f"cp -r /srv/lab-repo-zypper /srv/copy && sed -i s,/lab-repo-zypper,/copy, {REPOSITORY}"


def _host(hosts: LabHosts, *packages: str) -> lab.Host:
    return hosts(lab.HostSpec("leap", packages, flavour="zypper"))


def _sh(host: lab.Host, program: str) -> str:
    return host.run_inside(["sh", "-c", program]).stdout


def _version(host: lab.Host, package: str) -> str:
    return host.run_inside(["rpm", "-q", "--qf", "%{VERSION};", package], check=False).stdout


def test_a_patch_night_installs_what_is_pending_and_a_second_one_changes_nothing(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    upgrade = patch_night(host)
    ssl = {"old": "1.0-1", "new": "1.1-1", "security": "yes"}
    assert upgrade.changes["lab-ssl"] == ssl | {"advisories": "LAB-2026:0001 CVE-2026-0001 CVE-2026-0002"}
    assert upgrade.held["lab-held"]["detail"] == "zypper lock"
    assert upgrade.held["lab-held"]["security"] == "yes"
    assert upgrade.held["lab-stuck"]["detail"] == "something that it needs cannot be had"
    assert upgrade.held["lab-merge"]["detail"] == "needs the removal of lab-rival, which is not allowed"
    assert _version(host, "lab-rival") == "1.0;"
    assert "conffile:/etc/lab-conf.conf.rpmnew" in upgrade.findings
    unneeded = run_one(host, Use("packages", {"action": "autoremove"}))
    assert set(unneeded.changes) == {"lab-orphan"}


def test_what_would_be_removed_goes_only_with_leave(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    removal_with_leave(host, "lab-merge")
    assert _version(host, "lab-merge") == "1.1;"


def test_security_alone_needs_somebody_to_tell_it(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    security = Use("packages", {"action": "upgrade", "scope": "security"})
    result = run_one(host, security)
    assert (result.status, set(result.changes)) == (StepStatus.CHANGED, {"lab-ssl"})
    assert result.findings["pending:lab-kernel"]["advisories"] == "LAB-2026:0003"
    assert result.metrics["packages.security"] == "0"
    _sh(host, _COPY)
    _sh(host, "sed -i '/<data type=\"updateinfo\"/,/<.data>/d' /srv/copy/repodata/repomd.xml")
    _sh(host, f"sed -i s/gpgcheck=1/gpgcheck=0/ {REPOSITORY}; zypper -n clean -a")
    refresh, result = run(host, REFRESH, security)
    assert (refresh.status, result.status) == (StepStatus.OK, StepStatus.FAILED)
    assert result.reason.endswith("says which updates are for security (none has updateinfo)")


def test_a_scriptlet_that_fails_fails_by_name_until_it_is_repaired_and_keeps_no_other(
    lab_hosts: LabHosts,
) -> None:
    """A run ends at lab-refuse; and rpm shows lab-broken as installed, only zypper's history remembers."""
    host = _host(lab_hosts, *TROUBLE)
    result = run_one(host, UPGRADE)
    assert result.status is StepStatus.FAILED
    told = "(lab-broken: the new configuration does not load)"
    assert f"package lab-broken: %post scriptlet failed, exit status 1 {told}" in result.reason
    assert "package lab-refuse: %prein scriptlet failed" in result.reason
    assert set(result.changes) == {"lab-broken", "lab-ssl", "lab-slow"}
    assert result.findings["broken:lab-broken"] == {"version": "1.1-1", "state": "scriptlet-failed"}
    assert result.findings["pending:lab-refuse"]["new"] == "1.1-1"
    assert run_one(host, LIST).reason == "not finished by rpm: lab-broken"
    _sh(host, "zypper -n addlock lab-refuse")
    assert run_one(host, UPGRADE).status is StepStatus.FAILED
    host.write_file("/etc/lab-broken-repaired", "")
    mended = run_one(host, UPGRADE)
    assert mended.status is StepStatus.CHANGED
    assert mended.changes["lab-broken"] == {"old": "1.1-1", "new": "1.1-1", "security": "no"}
    again = run_one(host, UPGRADE)
    assert (again.status, again.changes) == (StepStatus.OK, {})


def test_who_is_at_work_is_named_and_does_not_hide_what_is_pending(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    impatient = Use("packages", {"action": "upgrade", "lock_wait": 1})
    with host.faults.dpkg_locked():
        began = time.monotonic()
        rpm = run_one(host, impatient)
        assert time.monotonic() - began < 90
    assert rpm.status is StepStatus.FAILED
    assert rpm.reason.startswith("rpm lock held by lab-apt (pid ")
    pid = _sh(host, "sleep 600 > /dev/null 2>&1 & echo $! | tee /run/zypp.pid").strip()
    zypper, refresh = run(host, impatient, Use("packages", {"action": "refresh", "lock_wait": 1}))
    assert zypper.reason == refresh.reason == f"rpm lock held by sleep (pid {pid}) for 1 s"
    assert len(run_one(host, UPGRADE, check=True).changes) == len(TROUBLE)
    _sh(host, f"kill {pid}")
    assert run_one(host, Use("packages", {"action": "upgrade", "scope": "security"})).changes


def test_repositories_that_cannot_be_read_or_trusted_are_named(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    _sh(host, "printf '[bad]\\nname=bad\\nbaseurl=http://127.0.0.1:1/x\\n' > /etc/zypp/repos.d/bad.repo")
    refresh, listed = run(host, REFRESH, LIST)
    assert refresh.reason.startswith(
        "package lists not refreshed: bad: Failed to connect to 127.0.0.1 port 1"
    )
    assert refresh.findings["source:1"]["reason"].startswith("bad: ")
    assert listed.status is StepStatus.FAILED
    assert "127.0.0.1" in listed.reason
    _sh(host, f"rm /etc/zypp/repos.d/bad.repo; {_COPY}; echo '<!-- -->' >> /srv/copy/repodata/repomd.xml")
    refresh, upgrade = run(host, REFRESH, Use("packages", {"action": "upgrade", "scope": "security"}))
    assert refresh.reason == (
        "package lists not refreshed: Lab: Signature verification failed for repomd.xml"
    )
    assert upgrade.status is StepStatus.CHANGED, "the lists that were there before are still good"
    _sh(host, "rm /etc/zypp/repos.d/*.repo")
    assert {result.reason for result in run(host, REFRESH, LIST)} == {"no package repository is defined"}


_KILL = """
until pgrep -f '[r]pm-tmp' > /dev/null; do sleep 0.1; done
pkill -STOP zypper; pkill -9 -x rpm; pkill -9 zypper; pkill -9 -f '[r]pm-tmp'; echo 0 > /etc/lab-slow-seconds
"""
"""In its %post script: by then rpm has written the new version down, and the old one is there still.

rpm goes first: the end of zypper hangs up on the script, and rpm would then take the old version away.
"""


def test_a_killed_zypper_is_finished_by_the_next_run_in_the_version_it_had_begun(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    _sh(host, "zypper -n addlock lab-refuse lab-broken; echo 30 > /etc/lab-slow-seconds")
    _sh(host, "setsid --fork zypper -n --no-refresh update > /dev/null 2>&1 < /dev/null")
    _sh(host, _KILL)
    assert sorted(_version(host, "lab-slow").split(";")) == ["", "1.0", "1.1"]
    assert run_one(host, LIST).findings["broken:lab-slow"] == {"version": "1.0-1", "state": "duplicate"}
    lab_hosts.lab.publish_rpms([lab.Rpm("lab-slow", "1.2")])
    policed = Use("packages", {"action": "upgrade", "rules": ("reject|lab-slow|1.2*|bad build",)})
    assert run_one(host, REFRESH).status is StepStatus.OK
    forecast, mended = run_one(host, policed, check=True), run_one(host, policed)
    assert mended.status is StepStatus.CHANGED
    assert mended.changes == forecast.changes
    assert mended.held["lab-slow"]["reason"] == "rejected"
    assert _version(host, "lab-ssl") == "1.1;"
    assert _version(host, "lab-slow") == "1.1;"
    assert run_one(host, policed).status is StepStatus.OK
    assert set(run_one(host, UPGRADE).changes) == {"lab-slow"}
