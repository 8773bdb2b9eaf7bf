"""A patch night on a host with pacman: what the host says is what pacman's database and resolver say."""

import time

import pytest

from mspctl.model.outcome import StepStatus
from mspctl.testing import lab
from mspctl.testing.pytest_lab import LabHosts
from tests.integration.managers.night import LIST, REFRESH, UPGRADE, patch_night, removal_with_leave
from tests.integration.modules.runner import run, run_one
from tests.integration.modules.samples import Use

pytestmark = [pytest.mark.lab, pytest.mark.lab_flavours, pytest.mark.timeout(240)]

NIGHT = ("web", "ssl", "held", "newdep", "kernel", "conf", "rival", "stuck")
TROUBLE = ("broken", "web", "slow")
LOCK = "/var/lib/pacman/db.lck"
NOTES = "/var/lib/mspctl-unfinished"

_COPY = "cp -r /srv/lab-repo-pacman /srv/copy && sed -i s,/lab-repo-pacman,/copy, /etc/pacman.conf"


def _host(hosts: LabHosts, *packages: str) -> lab.Host:
    return hosts(lab.HostSpec("arch", packages, flavour="pacman"))


def _sh(host: lab.Host, program: str) -> str:
    return host.run_inside(["sh", "-c", program]).stdout


def _version(host: lab.Host, package: str) -> str:
    return host.run_inside(["pacman", "-Q", package], check=False).stdout.strip().partition(" ")[2]


def test_a_patch_night_installs_what_is_pending_and_a_second_one_changes_nothing(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    upgrade = patch_night(host)
    assert upgrade.held["lab-held"]["detail"] == "IgnorePkg"
    absent = "unable to satisfy dependency 'lab-absent' required by lab-stuck"
    assert upgrade.held["lab-stuck"]["detail"] == absent
    assert upgrade.held["lab-rival"]["detail"] == "lab-merge would take its place, which is not allowed"
    assert _version(host, "lab-rival") == "1.0-1"
    assert upgrade.findings["reboot-required"]["reason"].endswith("its modules are gone")
    assert "conffile:/etc/lab-conf.conf.pacnew" in upgrade.findings


def test_what_would_be_replaced_goes_only_with_leave(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    removal_with_leave(host, "lab-rival")
    assert _version(host, "lab-merge") == "1.1-1"
    latest = run_one(host, Use("package", {"names": ("lab-merge",), "state": "latest"}))
    assert latest.status is StepStatus.OK, latest.reason
    removed = run_one(host, Use("package", {"names": ("lab-extra",), "state": "absent"}))
    assert removed.reason == "lab-newdep would be removed, too; allow_removals is off"


def test_security_alone_is_nothing_that_arch_knows(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *NIGHT)
    result = run_one(host, Use("packages", {"action": "upgrade", "scope": "security"}))
    assert (result.status, result.changes) == (StepStatus.FAILED, {})
    assert result.reason.startswith("pacman's repositories do not say which updates are for security")
    named = run_one(host, Use("packages", {"action": "upgrade", "scope": "named", "names": ("lab-web",)}))
    assert set(named.changes) == {"lab-web"}


def test_a_script_that_fails_fails_by_name_every_night_until_it_is_repaired(lab_hosts: LabHosts) -> None:
    """Pacman ends with 0 and keeps no record of it: a file of ours remembers."""
    host = _host(lab_hosts, *TROUBLE)
    result = run_one(host, UPGRADE)
    told = "package lab-broken: script failed (lab-broken: the new configuration does not load)"
    assert (result.status, result.reason) == (StepStatus.FAILED, told)
    assert set(result.changes) == {"lab-broken", "lab-web", "lab-slow"}
    assert result.findings["broken:lab-broken"] == {"version": "1.1-1", "state": "script-failed"}
    for module in (LIST, Use("updates")):
        assert run_one(host, module).reason == "not finished by pacman: lab-broken"
    second = run_one(host, UPGRADE)
    assert (second.status, second.reason, second.changes) == (StepStatus.FAILED, told, {})
    host.write_file("/etc/lab-broken-repaired", "")
    _sh(host, "sleep 1")
    forecast, mended = run_one(host, UPGRADE, check=True), run_one(host, UPGRADE)
    assert mended.status is StepStatus.CHANGED
    assert mended.changes == forecast.changes
    assert mended.changes == {"lab-broken": {"old": "1.1-1", "new": "1.1-1", "security": "no"}}
    assert run_one(host, UPGRADE).status is StepStatus.OK
    assert _sh(host, f"ls {NOTES} 2>&1 || true").endswith("No such file or directory\n")


_HOOK = """\
[Trigger]
Operation = Upgrade
Type = Package
Target = lab-web
[Action]
Description = Writing what the next boot needs
When = PostTransaction
Exec = /bin/sh -c 'test -e /etc/lab-hook-repaired || { echo "no room in /boot"; exit 1; }'
"""


def test_what_failed_is_forgotten_when_somebody_else_has_mended_it(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    _sh(host, "mkdir -p /etc/pacman.d/hooks")
    host.write_file("/etc/pacman.d/hooks/90-lab.hook", _HOOK)
    assert run_one(host, UPGRADE).status is StepStatus.FAILED
    hook = "hook Writing what the next boot needs"
    failed = (run_one(host, UPGRADE, check=True), run_one(host, LIST))
    assert [each.reason for each in failed] == [f"not finished by pacman: lab-broken, {hook}"] * 2
    _sh(host, "touch /etc/lab-broken-repaired; sleep 1; pacman -S --noconfirm lab-broken")
    assert {run_one(host, each).reason for each in (UPGRADE, LIST)} == {f"not finished by pacman: {hook}"}
    _sh(host, "touch /etc/lab-hook-repaired; sleep 1; pacman -S --noconfirm lab-web")
    assert run_one(host, LIST).status is StepStatus.OK
    fails = "post_upgrade() {\necho no; false\n}\n"
    older = "touch -d '1 hour ago' /var/lib/pacman/sync/lab.db"  # a second may hold two publications
    _sh(host, older)
    lab_hosts.lab.publish_pacs([lab.Pac("lab-flaky", "1.0-1"), lab.Pac("lab-flaky", "1.1-1", install=fails)])
    _sh(host, "pacman -U --noconfirm /srv/lab-repo-pacman/lab-flaky-1.0-1-any.pkg.tar")
    assert run(host, REFRESH, UPGRADE)[1].findings["broken:lab-flaky"]["version"] == "1.1-1"
    lab_hosts.lab.publish_pacs([lab.Pac("lab-flaky", "1.2-1")])
    _sh(host, older)
    _, newer = run(host, REFRESH, UPGRADE)
    assert (newer.status, set(newer.changes)) == (StepStatus.CHANGED, {"lab-flaky"})
    assert run_one(host, UPGRADE).status is StepStatus.OK


def test_who_holds_the_lock_is_named_and_a_lock_of_nobody_is_taken_away_when_asked(
    lab_hosts: LabHosts,
) -> None:
    host = _host(lab_hosts, *TROUBLE)
    pid = _sh(host, f"sleep 600 > {LOCK} 2>&1 & echo $!").strip()
    began = time.monotonic()
    upgrade, refresh = run(
        host, *(Use("packages", {"action": action, "lock_wait": 1}) for action in ("upgrade", "refresh"))
    )
    assert time.monotonic() - began < 90
    assert upgrade.reason == refresh.reason == f"pacman lock held by sleep (pid {pid}) for 1 s"
    assert len(run_one(host, UPGRADE, check=True).changes) == len(TROUBLE)
    _sh(host, f"kill {pid}")
    listed = run_one(host, LIST)
    assert listed.findings["broken:db.lck"] == {"version": "", "state": "a lock that nobody holds"}
    refused = run_one(host, Use("packages", {"action": "upgrade", "repair": False}))
    assert refused.reason == "not finished by pacman, and repair is off: db.lck"
    assert _sh(host, f"ls {LOCK}").strip() == LOCK
    host.write_file("/etc/lab-broken-repaired", "")
    assert run_one(host, UPGRADE).status is StepStatus.CHANGED
    assert run_one(host, UPGRADE).status is StepStatus.OK


def test_a_killed_pacman_is_finished_by_the_next_run(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    _sh(host, "touch /etc/lab-broken-repaired; echo 30 > /etc/lab-slow-seconds")
    _sh(host, "setsid --fork pacman -Su --noconfirm > /root/log 2>&1 < /dev/null")
    _sh(host, "until grep -q 'lab-slow: line' /root/log; do sleep 0.1; done; pkill -9 pacman")
    _sh(host, "echo 0 > /etc/lab-slow-seconds")
    assert _version(host, "lab-web") == "1.0-1"
    assert run_one(host, UPGRADE).status is StepStatus.CHANGED
    assert _version(host, "lab-web") == _version(host, "lab-slow") == "1.1-1"
    assert run_one(host, UPGRADE).status is StepStatus.OK


def test_repositories_that_cannot_be_read_or_trusted_are_named(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    _sh(host, "printf '[bad]\\nServer = http://127.0.0.1:1/x\\n' >> /etc/pacman.conf")
    refresh, listed = run(host, REFRESH, LIST)
    assert refresh.reason.startswith(
        "package lists not refreshed: bad: Failed to connect to 127.0.0.1 port 1"
    )
    assert refresh.findings["source:1"]["reason"].startswith("bad: ")
    assert listed.reason == "package lists of bad were never fetched"
    _sh(
        host,
        f"sed -i '/^.bad/,$d' /etc/pacman.conf; {_COPY}; echo more >> /srv/copy/lab-web-1.1-1-any.pkg.tar",
    )
    refresh, upgrade = run(host, REFRESH, UPGRADE)
    assert refresh.status is StepStatus.OK
    assert (upgrade.status, upgrade.changes) == (StepStatus.FAILED, {})
    assert "lab-web-1.1-1-any.pkg.tar" in upgrade.reason
    _sh(host, "echo more >> /srv/copy/lab.db; touch -d 2030-01-01 /srv/copy/lab.db")
    refresh = run_one(host, REFRESH)
    assert refresh.reason == (
        'package lists not refreshed: lab: signature from "Lab Pac <pac@invalid>" is invalid'
    )
    assert list(refresh.findings) == ["source:1"]


def test_a_conflict_that_somebody_has_to_settle_keeps_no_other_from_its_update(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    clash = (("conflict", "lab-web"),)
    lab_hosts.lab.publish_pacs([lab.Pac("lab-clash", "1.0-1"), lab.Pac("lab-clash", "1.1-1", clash)])
    _sh(host, "pacman -U --noconfirm /srv/lab-repo-pacman/lab-clash-1.0-1-any.pkg.tar")
    host.write_file("/etc/lab-broken-repaired", "")
    _, upgrade = run(host, REFRESH, UPGRADE)
    assert upgrade.status is StepStatus.FAILED
    assert upgrade.reason == "conflicting dependencies: lab-clash and lab-web are in conflict"
    assert set(upgrade.changes) == {"lab-web", "lab-broken", "lab-slow"}


def test_a_stranger_signs_nothing(lab_hosts: LabHosts) -> None:
    host = _host(lab_hosts, *TROUBLE)
    signed = lab.Pac("lab-foreign", "1.0-1", signer="stranger")
    lab_hosts.lab.publish_pacs([signed])
    refresh, install = run(host, REFRESH, Use("package", {"names": ("lab-foreign",)}))
    assert refresh.status is StepStatus.OK
    assert install.status is StepStatus.FAILED
    assert "required key missing from keyring" in install.reason
