"""Each lab package does to apt what its name promises, on a host, by real apt and dpkg."""

import subprocess

from mspctl.testing.lab import PACKAGES, Deb, HostSpec
from mspctl.testing.lab.host import Host
from mspctl.testing.lab.login import ssh
from mspctl.testing.pytest_lab import LabHosts

_QUIET = "sudo DEBIAN_FRONTEND=noninteractive"


def upgrade(host: Host, options: str = "") -> subprocess.CompletedProcess[str]:
    return ssh(host, f"{_QUIET} apt-get -y {options} dist-upgrade", timeout=150)


def version(host: Host, package: str) -> str:
    return ssh(host, f"dpkg-query -W -f '${{db:Status-Status}} ${{Version}}' {package}").stdout


def test_all_updates_are_pending_from_the_start(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("pending", packages=PACKAGES))

    simulated = ssh(host, "apt-get -s dist-upgrade").stdout

    pending = {line.split()[1] for line in simulated.splitlines() if line.startswith("Inst")}
    assert pending == {*PACKAGES, "lab-extra"} - {"lab-held", "lab-phased", "lab-orphan"}
    assert "Inst lab-ssl [1.0] (1.1 Lab-Security:12/stable-security [amd64])" in simulated
    assert "Inst lab-web [1.0] (1.1 Lab:12/stable [amd64])" in simulated


def test_the_package_lists_are_signed_and_can_be_refreshed(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("signed", packages=("web",)))

    refreshed = ssh(host, "sudo apt-get update")

    assert refreshed.returncode == 0
    assert "stable-security InRelease" in refreshed.stdout
    assert refreshed.stderr == ""


def test_a_healthy_host_upgrades(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("healthy", packages=("web", "ssl", "kernel", "held")))

    done = upgrade(host)

    assert done.returncode == 0, done.stderr
    assert version(host, "lab-ssl") == "installed 1.1"
    assert version(host, "lab-held") == "installed 1.0"
    assert ssh(host, "cat /run/reboot-required.pkgs").stdout == "lab-kernel\n"
    assert ssh(host, "sudo service lab-web status").stdout == "lab-web is running\n"
    assert "Remv lab-orphan" in ssh(host, "apt-get -s autoremove").stdout


def test_a_postinst_that_fails_leaves_the_package_half_configured(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("broken", packages=("broken",)))

    failed = upgrade(host)
    half = version(host, "lab-broken")
    host.write_file("/etc/lab-broken-repaired", "")
    repaired = ssh(host, "sudo dpkg --configure -a")

    assert failed.returncode == 100
    assert half == "half-configured 1.1"
    assert repaired.returncode == 0
    assert version(host, "lab-broken") == "installed 1.1"


def test_a_changed_conffile_stops_an_upgrade_that_cannot_ask(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("conf", packages=("conf",), files={"/etc/lab-conf.conf": "colour = mine\n"}))

    asked = upgrade(host)
    kept = ssh(host, f"{_QUIET} dpkg --force-confold --configure -a")

    assert asked.returncode == 100
    assert "end of file on stdin at conffile prompt" in asked.stdout + asked.stderr
    assert kept.returncode == 0
    assert host.read_file("/etc/lab-conf.conf") == "colour = mine\n"


def test_a_slow_postinst_takes_its_time_and_talks(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("slow", packages=("slow",), files={"/etc/lab-slow-seconds": "1\n"}))

    done = upgrade(host)

    assert done.stdout.count("lab-slow: line") == 10
    assert "lab-slow: done" in done.stdout


def test_a_debconf_question_takes_its_default_when_nobody_can_answer(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("question", packages=("debconf",)))

    assert upgrade(host).returncode == 0
    assert host.read_file("/etc/lab-debconf-colour") == "green\n"


def test_a_new_dependency_keeps_a_package_back_from_a_plain_upgrade(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("newdep", packages=("newdep", "phased")))

    plain = ssh(host, "apt-get -s upgrade").stdout

    assert "kept back" in plain
    assert "Inst" not in plain


def test_a_package_published_later_is_seen_after_an_update(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("later"))
    before = ssh(host, "apt-get -s install lab-later").stdout

    lab_host.lab.publish([Deb("lab-later", "1.2")])
    ssh(host, "sudo apt-get update")

    assert "Inst" not in before
    assert "Inst lab-later (1.2 Lab:12/stable" in ssh(host, "apt-get -s install lab-later").stdout


def test_a_power_cut_in_an_upgrade_leaves_dpkg_interrupted(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("cut", packages=("slow",), files={"/etc/lab-slow-seconds": "30\n"}))
    started = "DEBIAN_FRONTEND=noninteractive setsid -f apt-get -y upgrade > /var/log/upgrade 2>&1"
    host.run_inside(["sh", "-c", started])
    host.run_inside(["sh", "-c", "until grep -q 'lab-slow: line 3' /var/log/upgrade; do sleep 0.1; done"])

    host.power_cycle()

    assert version(host, "lab-slow") == "half-configured 1.1"
    assert "lab-slow: line 3" in host.read_file("/var/log/upgrade")
    assert ssh(host, "pgrep apt-get").stdout == ""
