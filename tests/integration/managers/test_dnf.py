"""A patch night on a host with dnf: what the host says is what rpm and dnf's resolver say."""

import time

import pytest

from mspctl.model.outcome import Forecast, StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.managers.night import removal_with_leave
from tests.integration.modules.runner import run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]

REFRESH = Use("packages", {"action": "refresh"})
UPGRADE = Use("packages", {"action": "upgrade"})
LIST = Use("packages", {"action": "list"})
NIGHT = ("web", "ssl", "held", "newdep", "kernel", "conf", "merge", "rival", "stuck")
TROUBLE = ("broken", "ssl", "slow")
ADVISORIES = "LAB-2026:0001 CVE-2026-0001 CVE-2026-0002"
REPOSITORY = "/etc/yum.repos.d/lab.repo"

_WITHOUT_ADVISORIES = f"""
cp -r /srv/lab-repo-dnf /srv/plain
sed -i '/<data type="updateinfo"/,/<.data>/d' /srv/plain/repodata/repomd.xml
sed -i s,/lab-repo-dnf,/plain, {REPOSITORY}
"""

_TAMPERED = f"""
cp -r /srv/lab-repo-dnf /srv/plain
echo '<!-- -->' >> /srv/plain/repodata/repomd.xml
sed -i s,/lab-repo-dnf,/plain, {REPOSITORY}
"""


def _host(hosts: LabHosts, *packages: str) -> lab.Host:
    return hosts(lab.HostSpec("rocky", packages, flavour="dnf"))


def _version(host: lab.Host, package: str) -> str:
    return host.run_inside(["rpm", "-q", "--qf", "%{VERSION};", package], check=False).stdout


def test_a_patch_night_installs_what_is_pending_and_a_second_one_changes_nothing(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    host.write_file("/etc/lab-conf.conf", "colour = red\n")
    refresh, forecast = run(host, REFRESH, UPGRADE, check=True)
    assert int(refresh.metrics["packages.lists_age"]) >= 0
    assert forecast.forecast is Forecast.CHANGE
    refresh, upgrade = run(host, REFRESH, UPGRADE)
    assert upgrade.status is StepStatus.CHANGED
    assert upgrade.changes == forecast.changes
    assert set(upgrade.changes) == {
        "lab-web",
        "lab-ssl",
        "lab-newdep",
        "lab-extra",
        "lab-kernel",
        "lab-conf",
    }
    assert upgrade.changes["lab-ssl"] == {
        "old": "1.0-1",
        "new": "1.1-1",
        "security": "yes",
        "advisories": ADVISORIES,
    }
    assert upgrade.changes["lab-extra"] == {"old": "", "new": "1.1-1", "security": "no"}
    lock = {"old": "1.0-1", "new": "1.1-1", "security": "yes", "reason": "hold", "detail": "versionlock"}
    assert upgrade.held["lab-held"] == lock
    assert upgrade.held["lab-stuck"]["reason"] == "kept-back"
    assert upgrade.held["lab-stuck"]["detail"] == "something that it needs cannot be had"
    assert upgrade.held["lab-merge"]["reason"] == "kept-back"
    assert "lab-rival" in upgrade.held["lab-merge"]["detail"]
    assert "removal:lab-rival" in upgrade.findings
    assert _version(host, "lab-rival") == "1.0;"
    assert upgrade.metrics["packages.pending"] == "0"
    assert upgrade.metrics["packages.held"] == "3"
    assert upgrade.metrics["reboot.required"] == "1"
    assert upgrade.findings["reboot-required"] == {"reason": "asked for by lab-kernel"}
    assert "conffile:/etc/lab-conf.conf.rpmnew" in upgrade.findings
    refresh, upgrade = run(host, REFRESH, UPGRADE)
    assert (refresh.status, upgrade.status) == (StepStatus.OK, StepStatus.OK)
    assert not refresh.changes
    assert not upgrade.changes
    before = host.boot_id
    host.run_inside(["reboot"], check=False)
    host.await_reboot(before)
    assert run_one(host, LIST).metrics["reboot.required"] == "0"


def test_what_would_be_removed_goes_only_with_leave(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    removal_with_leave(host, "lab-merge")
    assert _version(host, "lab-merge") == "1.1;"


def test_security_only_leaves_the_others_and_reports_them(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    result = run_one(host, Use("packages", {"action": "upgrade", "scope": "security"}))
    assert result.status is StepStatus.CHANGED
    assert set(result.changes) == {"lab-ssl"}
    assert result.findings["pending:lab-kernel"]["advisories"] == "LAB-2026:0003"
    assert result.metrics["packages.security"] == "0"


def test_security_only_fails_where_no_repository_tells_which_they_are(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    host.run_inside(["sh", "-c", _WITHOUT_ADVISORIES])
    _, result = run(host, REFRESH, Use("packages", {"action": "upgrade", "scope": "security"}))
    assert result.status is StepStatus.FAILED
    assert "publishes advisories" in result.reason


def test_rules_keep_packages_back_and_the_rest_comes(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    rules = ("hold|lab-web|*|old shop, Ann, until 2027-01-01", "reject|lab-extra|1.1*|bad build")
    policed = Use("packages", {"action": "upgrade", "rules": rules})
    forecast = run_one(host, policed, check=True)
    real = run_one(host, policed)
    assert real.changes == forecast.changes
    assert set(real.changes) == {"lab-ssl", "lab-kernel", "lab-conf"}
    assert real.held["lab-web"]["reason"] == "policy-hold"
    assert real.held["lab-newdep"]["reason"] == "kept-back"
    assert _version(host, "lab-web") == "1.0;"
    assert run_one(host, policed).status is StepStatus.OK


def test_a_failing_scriptlet_fails_by_name_until_it_is_repaired(lab_hosts: LabHosts) -> None:
    """For dnf it ends with 0 and rpm shows the package as installed: only dnf's history remembers."""
    host = _host(lab_hosts, *TROUBLE)
    result = run_one(host, UPGRADE)
    assert result.status is StepStatus.FAILED
    assert result.reason.startswith("package lab-broken: %post scriptlet failed, exit status 1")
    assert "the new configuration does not load" in result.reason
    assert {"lab-broken", "lab-ssl", "lab-slow"} == set(result.changes)
    assert result.findings["broken:lab-broken"] == {"version": "1.1-1", "state": "scriptlet-failed"}
    assert run_one(host, LIST).status is StepStatus.FAILED
    assert run_one(host, UPGRADE).status is StepStatus.FAILED
    host.write_file("/etc/lab-broken-repaired", "")
    assert run_one(host, UPGRADE).status is StepStatus.CHANGED
    assert run_one(host, UPGRADE).status is StepStatus.OK


def test_a_scriptlet_that_refuses_an_update_fails_by_name_and_the_rest_is_upgraded(
    lab_hosts: LabHosts,
) -> None:
    host = _host(lab_hosts, "refuse", "ssl")
    result = run_one(host, UPGRADE)
    assert result.status is StepStatus.FAILED
    assert result.reason.startswith(
        "package lab-refuse: %prein scriptlet failed, exit status 1 (lab-refuse: the"
    )
    assert set(result.changes) == {"lab-ssl"}
    assert set(result.findings) == {"pending:lab-refuse"}
    assert _version(host, "lab-refuse") == "1.0;"
    assert run_one(host, UPGRADE).status is StepStatus.FAILED


def test_who_holds_the_lock_is_named(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    impatient = Use("packages", {"action": "upgrade", "lock_wait": 1})
    with host.faults.dpkg_locked():
        began = time.monotonic()
        result = run_one(host, impatient)
    assert result.status is StepStatus.FAILED
    assert "rpm lock held by lab-apt (pid" in result.reason
    assert time.monotonic() - began < 90
    assert run_one(host, impatient, check=True).forecast is Forecast.CHANGE


def test_a_lock_of_dnf_itself_is_waited_for(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    host.write_file("/etc/lab-slow-seconds", "8")
    background = "setsid dnf -q -y --nobest upgrade lab-slow > /dev/null 2>&1 &"
    lock = "/var/lib/dnf/rpmdb_lock.pid"
    host.run_inside(["sh", "-c", f"{background} until [ -s {lock} ]; do sleep 0.05; done"])
    result = run_one(host, Use("packages", {"action": "upgrade", "scope": "named", "names": ("lab-ssl",)}))
    assert set(result.changes) == {"lab-ssl"}
    assert "waiting for dnf (pid" in result.output


def test_an_upgrade_that_was_killed_is_finished_by_the_next(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    host.write_file("/etc/lab-slow-seconds", "30")
    background = "setsid dnf -q -y --nobest upgrade lab-slow lab-ssl > /dev/null 2>&1 &"
    cut = (
        "until pgrep -f [r]pm-tmp > /dev/null; do sleep 0.05; done; pkill -KILL dnf; pkill -KILL -f [r]pm-tmp"
    )
    host.run_inside(["sh", "-c", f"{background} {cut}"])
    host.write_file("/etc/lab-slow-seconds", "0")
    assert _version(host, "lab-slow") == "1.0;1.1;"
    looked = run_one(host, LIST)
    assert looked.status is StepStatus.FAILED
    assert "lab-slow" in looked.reason
    host.write_file("/etc/lab-broken-repaired", "")
    forecast, mended = run_one(host, UPGRADE, check=True), run_one(host, UPGRADE)
    assert mended.status is StepStatus.CHANGED
    assert mended.changes == forecast.changes
    assert _version(host, "lab-slow") == "1.1;"
    assert run_one(host, UPGRADE).status is StepStatus.OK


@pytest.mark.parametrize("skipped", [False, True], ids=["needed", "skipped if unavailable"])
def test_a_repository_that_cannot_be_reached_is_named(lab_hosts: LabHosts, *, skipped: bool) -> None:
    host = _host(lab_hosts, *TROUBLE)
    edit = "s,/srv/,/nowhere/,;" + ("$askip_if_unavailable=1" if skipped else "")
    host.run_inside(["sed", "-i", edit, REPOSITORY])
    result = run_one(host, REFRESH)
    assert result.status is StepStatus.FAILED
    assert result.reason.startswith("package lists not refreshed: lab: ")
    assert "/nowhere/" in result.findings["source:1"]["reason"]


def test_lists_that_were_tampered_with_are_refused(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    host.run_inside(["sed", "-i", "$arepo_gpgcheck=1", REPOSITORY])
    assert run_one(host, REFRESH).status is StepStatus.OK
    host.run_inside(["sh", "-c", _TAMPERED])
    result = run_one(host, REFRESH)
    assert result.status is StepStatus.FAILED
    assert result.reason.endswith("lab: repomd.xml GPG signature verification error: Bad GPG signature")


def test_lists_that_were_never_fetched_are_no_good_news(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    host.run_inside(["sh", "-c", "rm -rf /var/cache/dnf/*; echo skip_if_unavailable=1 >> " + REPOSITORY])
    result = run_one(host, UPGRADE, check=True)
    assert result.status is StepStatus.FAILED
    assert result.reason == "no package lists of lab: refresh them first"
    assert "packages.pending" not in result.metrics, "nobody has counted"
    assert run(host, REFRESH, LIST)[0].status is StepStatus.OK


def test_a_wrong_signature_stops_the_upgrade_and_says_so(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    lab_hosts.lab.publish_rpms(
        [lab.Rpm("lab-forged", "1.0"), lab.Rpm("lab-forged", "1.1", signer="stranger")]
    )
    host.run_inside(["dnf", "-q", "-y", "--refresh", "install", "lab-forged-1.0"])
    result = run_one(host, Use("packages", {"action": "upgrade", "scope": "named", "names": ("lab-forged",)}))
    assert result.status is StepStatus.FAILED
    assert result.reason == "signature wrong or missing: lab-forged-1.1-1.noarch"
    assert not result.changes
    assert _version(host, "lab-forged") == "1.0;"


def test_a_broken_package_database_is_no_good_news(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    host.run_inside(["sh", "-c", "rm /var/lib/rpm/rpmdb.sqlite-*; echo broken > /var/lib/rpm/rpmdb.sqlite"])
    result = run_one(host, UPGRADE)
    assert result.status is StepStatus.FAILED
    assert "rpmdb" in result.reason.lower()
    assert not result.changes


def test_a_version_that_is_gone_cannot_be_rolled_back_to(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, "refuse", "ssl")
    run_one(host, UPGRADE)
    host.run_inside(["sed", "-i", "$aexcludepkgs=lab-ssl-1.0*", REPOSITORY])
    result = run_one(host, Use("packages", {"action": "rollback"}))
    assert (result.status, result.changes) == (StepStatus.FAILED, {})
    assert result.reason == "cannot be rolled back: no source has lab-ssl 1.0-1"


def test_packages_come_and_go_by_name(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    come = Use("package", {"names": ("lab-extra",)})
    assert set(run_one(host, come).changes) == {"lab-extra"}
    assert run_one(host, come).status is StepStatus.OK
    gone = Use("package", {"names": ("lab-web",), "state": "absent", "allow_removals": True})
    assert run_one(host, gone).changes["lab-web"]["state"] == "removed"
    assert run_one(host, Use("packages", {"action": "autoremove"})).status is StepStatus.OK


def test_kernels_stand_side_by_side_and_other_architectures_beside_this_one(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    kernel = (("Provides", "installonlypkg(kernel)"),)
    versions = ("1.0", "1.1", "1.9", "1.10")
    kernels = [lab.Rpm("lab-multi", each, kernel, files={f"/opt/{each}": each}) for each in versions]
    foreign = [lab.Rpm("lab-lib", each, arch=arch) for each in ("1.0", "1.1") for arch in ("i686", "x86_64")]
    lab_hosts.lab.publish_rpms([*kernels, *foreign])
    for names in (
        ["lab-multi-1.0"],
        ["lab-multi-1.1"],
        ["lab-multi-1.9", "lab-lib-1.0-1.i686", "lab-lib-1.0-1.x86_64"],
    ):
        host.run_inside(["dnf", "-q", "-y", "--refresh", "install", *names])
    upgrade = Use(
        "packages", {"action": "upgrade", "rules": ("exclude|lab-[bs]*||", "exclude|lab-lib:i686||")}
    )
    assert set(run_one(host, upgrade, check=True).changes) == {"lab-multi"}, "one of a pair cannot go alone"
    upgrade = Use("packages", {"action": "upgrade", "rules": ("exclude|lab-[bs]*||",)})
    forecast = run_one(host, upgrade, check=True)
    real = run_one(host, upgrade)
    assert real.changes == forecast.changes
    assert real.changes["lab-multi"]["old"] == "1.9-1"
    assert set(real.changes) == {"lab-multi", "lab-lib", "lab-lib:i686"}
    assert _version(host, "lab-multi") == "1.1;1.9;1.10;"
    assert run_one(host, upgrade).status is StepStatus.OK


def test_looking_needs_no_root(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    ops = ("setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups", "/bin/sh")
    answer = run(host, Use("updates", {}), shell=ops)[0]
    assert answer.metrics["packages.pending"] == "3"
