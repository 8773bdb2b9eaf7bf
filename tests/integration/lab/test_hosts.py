"""Lab hosts are real: each has its own root, processes and clocks, a real sshd and a real way to reboot."""

import subprocess
import time

import pytest

from mspctl.testing.lab import HostSpec, Lab, LabError
from mspctl.testing.lab.login import ssh, ssh_argv
from mspctl.testing.pytest_lab import LabHosts
from mspctl.testing.sshd import asked_to_be_let_in


def test_ops_has_sudo_without_a_password(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("sudo-ops"))

    assert ssh(host, "sudo -n id -u").stdout == "0\n"


def test_admin_needs_the_password_for_sudo(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("sudo-admin"))

    without = ssh(host, "sudo -n id -u", user="admin")
    right = ssh(host, "sudo -S -k -p '' id -u", user="admin", stdin=f"{lab_host.lab.admin_password}\n")
    wrong = ssh(host, "sudo -S -k -p '' id -u", user="admin", stdin="not this\n")

    assert (without.returncode, without.stdout) == (1, "")
    assert right.stdout == "0\n"
    assert wrong.returncode != 0


def test_a_host_has_no_python(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("bare"))

    assert ssh(host, "command -v python3 python perl sh").stdout == "/usr/bin/perl\n/usr/bin/sh\n"


def test_a_host_has_its_own_name_processes_and_uptime(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("alone"))

    assert ssh(host, "hostname").stdout == "alone\n"
    assert "pytest" not in ssh(host, "ps -ef").stdout
    assert float(ssh(host, "cut -d' ' -f1 /proc/uptime").stdout) < 30


def test_hosts_differ_in_boot_id_and_host_key(lab_host: LabHosts) -> None:
    one, two = lab_host.make(HostSpec("one"), HostSpec("two"))

    assert ssh(one, "cat /proc/sys/kernel/random/boot_id").stdout.strip() == one.boot_id
    assert one.boot_id != two.boot_id
    assert one.host_key != two.host_key


def test_files_of_the_spec_are_on_the_disk(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("filed", files={"/etc/lab-slow-seconds": "3\n"}))

    assert ssh(host, "cat /etc/lab-slow-seconds").stdout == "3\n"


def test_a_host_behind_a_gateway_is_reached_through_it_only(lab_host: LabHosts) -> None:
    gate, inner = lab_host.make(HostSpec("gate"), HostSpec("inner", gateway="gate"))

    direct = ssh(inner, "hostname")
    through = ssh(inner, "hostname", jump=gate)

    assert direct.returncode == 255
    assert "No route to host" in direct.stderr
    assert through.stdout == "inner\n"


@pytest.mark.parametrize("command", ["reboot", "shutdown -r now"])
def test_reboot_gives_a_new_boot_id_and_keeps_the_disk(lab_host: LabHosts, command: str) -> None:
    host = lab_host(HostSpec("again", reboot_delay=0.2))
    before = host.boot_id
    ssh(host, "sudo touch /etc/kept /run/lost /tmp/lost")

    ssh(host, f"sudo {command}")
    host.await_reboot(before)

    assert ssh(host, "cat /proc/sys/kernel/random/boot_id").stdout.strip() == host.boot_id != before
    assert ssh(host, "ls /etc/kept /run/lost /tmp/lost").stdout == "/etc/kept\n"


def test_a_rebooting_host_stays_away_for_its_delay(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("slow-boot", reboot_delay=2))
    before = host.boot_id

    began = time.monotonic()
    ssh(host, "sudo reboot")
    host.await_reboot(before)

    assert time.monotonic() - began > 2


def test_poweroff_lasts_until_the_next_boot(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("off"))
    before = host.boot_id

    ssh(host, "sudo poweroff")
    host.await_off(seconds=40)
    silent = ssh(host, "true").returncode
    host.boot()

    assert silent == 255
    assert ssh(host, "true").returncode == 0
    assert host.boot_id != before


def test_a_scheduled_shutdown_can_be_cancelled(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("undecided"))
    before = host.boot_id

    scheduled = ssh(
        host, "sudo shutdown -r +1; until [ -s /run/shutdown.pid ]; do sleep 0.1; done; sudo shutdown -c"
    )
    left = ssh(host, "ps -eo args= | grep '^sleep 60'").stdout

    assert "Shutdown scheduled" in scheduled.stderr
    assert left == ""
    assert host.boot_id == before


def test_orphans_are_reaped(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("reaper"))

    ssh(host, "for i in 1 2 3; do setsid -f sleep 0.1; done")

    gone = (
        "while pgrep -f '^sleep 0.1$' || ps -e -o stat= | grep -q Z; do sleep 0.1; done >/dev/null; echo all"
    )
    assert ssh(host, gone).stdout == "all\n"


def test_root_of_a_host_cannot_turn_the_machines_knobs(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("jailed"))

    assert ssh(host, "sudo sh -c 'echo x > /proc/sys/kernel/hostname'").returncode != 0
    assert ssh(host, "sudo date -s 2001-01-01").returncode != 0
    assert ssh(host, "sudo mknod /tmp/disk b 254 0").returncode != 0


def test_a_wrong_spec_is_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match="no such lab package: lab-nothing"):
        lab.add_host(HostSpec("wrong", packages=("nothing",)))
    with pytest.raises(LabError, match="no name for a lab host"):
        HostSpec("Not A Name")
    with pytest.raises(LabError, match="no host 'ghost'"):
        lab.host("ghost")


def test_ssh_takes_a_host_by_its_own_pinned_key_only(lab_host: LabHosts) -> None:
    one, two = lab_host.make(HostSpec("pinned"), HostSpec("other"))
    argv = ssh_argv(one)
    (one.folder / "known_hosts").write_text(f"{one.address} {two.host_key}\n", encoding="ascii")

    refused = subprocess.run([*argv, "true"], capture_output=True, text=True, timeout=100, check=False)

    assert refused.returncode == 255
    assert "Host key verification failed" in refused.stderr
    assert "Connection from" in one.sshd_log
    assert asked_to_be_let_in(one.sshd_log) == []
    assert ssh(one, "true", user="root").returncode == 255
    assert asked_to_be_let_in(one.sshd_log), "in vain, but asked"


@pytest.mark.lab_systemd
def test_systemd_runs_with_no_failed_unit(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("unit", packages=("web",), init="systemd"))

    state = ssh(host, "systemctl is-system-running --wait; systemctl --failed --no-legend").stdout
    service = ssh(host, "systemctl is-active lab-web").stdout

    assert (state, service) == ("running\n", "active\n")


@pytest.mark.lab_systemd
def test_systemd_reboots(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("unit", init="systemd", reboot_delay=0.1))
    before = host.boot_id

    ssh(host, "sudo systemctl reboot")
    host.await_reboot(before)

    assert ssh(host, "cat /proc/sys/kernel/random/boot_id").stdout.strip() == host.boot_id != before
