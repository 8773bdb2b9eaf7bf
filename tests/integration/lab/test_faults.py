"""Each fault does what it says, seen from outside by OpenSSH and from inside by the host's own programs."""

import socket
import subprocess
import time

import pytest

from mspctl.testing.lab import HostSpec, LabError
from mspctl.testing.lab.host import Host
from mspctl.testing.lab.login import ssh, ssh_argv
from mspctl.testing.pytest_lab import LabHosts


def knock(host: Host, seconds: float = 20) -> str:
    """What a fresh connection meets: the banner's first letters, silence, or the error's name."""
    try:
        with socket.create_connection((host.address, host.port), timeout=seconds) as connection:
            return connection.recv(4).decode() or "end"
    except TimeoutError:
        return "silence"
    except OSError as error:
        return type(error).__name__


def test_link_down_and_up(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("link"))

    with host.faults.link_down():
        down = knock(host, seconds=8)
        carrier = host.run_inside(["ip", "-br", "link", "show", "eth0"]).stdout

    assert down in {"OSError", "silence"}
    assert "NO-CARRIER" in carrier
    assert knock(host) == "SSH-"


def test_dropped_packets_are_silent_and_an_open_session_survives(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("drop"))

    with socket.create_connection((host.address, host.port), timeout=30) as session:
        banner = session.recv(4)
        with host.faults.packets_dropped():
            met = knock(host, seconds=2)
            session.sendall(b"SSH-2.0-lab\r\n")
        rest = session.recv(4096)

    assert banner == b"SSH-"
    assert met == "silence"
    assert rest
    assert knock(host) == "SSH-"


def test_stopped_sshd_refuses(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("stopped"))

    with host.faults.sshd_stopped():
        assert knock(host) == "ConnectionRefusedError"

    assert knock(host) == "SSH-"


@pytest.mark.parametrize("fault", ["sshd_frozen", "frozen"])
def test_frozen_accepts_and_says_nothing(lab_host: LabHosts, fault: str) -> None:
    host = lab_host(HostSpec("frozen"))

    force = getattr(host.faults, fault)()
    met = knock(host, seconds=2)
    force.undo()

    assert met == "silence"
    assert knock(host) == "SSH-"


def test_a_changed_host_key_is_refused_by_ssh(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("rekeyed"))

    with host.faults.host_key_changed():
        changed = ssh(host, "true")
    back = ssh(host, "true")

    assert changed.returncode == 255
    assert "Host key verification failed" in changed.stderr
    assert back.returncode == 0


def test_sshd_options_hold_until_undone(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("options"))

    with host.faults.sshd_options("ForceCommand echo forced"):
        forced = ssh(host, "hostname").stdout
    free = ssh(host, "hostname").stdout

    assert (forced, free) == ("forced\n", "options\n")


def test_wrong_sshd_options_are_refused(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("options"))

    with pytest.raises(LabError, match="NoSuchOption"):
        host.faults.sshd_options("NoSuchOption yes")

    assert ssh(host, "true").returncode == 0


def test_sftp_disabled(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("nosftp"))
    argv = [*ssh_argv(host), "-s", "sftp"]

    with host.faults.sftp_disabled():
        refused = run_local(argv)
    back = run_local(argv)

    assert "subsystem request failed" in refused[1]
    assert back[1] == ""


def test_a_full_disk_gives_enospc_to_root(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("full", packages=("web",), disk_mb=64))

    with host.faults.disk_full():
        written = ssh(host, "sudo cp /etc/passwd /var/tmp/x")
        temporary = ssh(host, "sudo cp /etc/passwd /tmp/x")
        upgraded = ssh(host, "sudo apt-get -y install lab-web")
    again = ssh(host, "sudo sh -c 'echo x > /var/tmp/x && cat /var/tmp/x'")

    assert "No space left on device" in written.stderr
    assert "No space left on device" in temporary.stderr
    assert upgraded.returncode != 0
    assert again.stdout == "x\n"


def test_full_inodes_leave_room_but_no_new_file(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("inodes", disk_mb=64))

    with host.faults.inodes_full():
        made = ssh(host, "sudo touch /var/tmp/x")
        free = ssh(host, "df --output=avail / | tail -1")
    again = ssh(host, "sudo touch /var/tmp/x")

    assert "No space left on device" in made.stderr
    assert int(free.stdout) > 1000
    assert again.returncode == 0


def test_a_read_only_root(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("readonly"))

    with host.faults.root_read_only():
        written = ssh(host, "sudo touch /etc/x")
    again = ssh(host, "sudo touch /etc/x")

    assert "Read-only file system" in written.stderr
    assert again.returncode == 0


def test_a_noexec_tmp(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("noexec"))
    script = "cp /bin/true /tmp/t && /tmp/t"

    with host.faults.tmp_noexec():
        refused = ssh(host, script)
    again = ssh(host, script)

    assert "Permission denied" in refused.stderr
    assert again.returncode == 0


def test_a_held_dpkg_lock_names_its_holder(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("locked", packages=("web",)))

    with host.faults.dpkg_locked():
        refused = ssh(host, "sudo apt-get -y install lab-web")
        again = ssh(host, "sudo dpkg --configure -a")
    free = ssh(host, "sudo apt-get -y install lab-web")

    assert "Could not get lock /var/lib/dpkg/lock-frontend. It is held by process" in refused.stderr
    assert "(lab-apt)" in refused.stderr
    assert again.returncode == 2
    assert free.returncode == 0


def test_a_held_dpkg_lock_ends_after_its_time(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("locked", packages=("web",)))

    host.faults.dpkg_locked(seconds=1)
    waited = ssh(host, "sudo apt-get -y -o DPkg::Lock::Timeout=20 install lab-web")

    assert waited.returncode == 0


def test_a_power_cut_ends_everything_at_once_and_keeps_the_disk(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("power"))
    before = host.boot_id
    ssh(host, "sudo touch /etc/kept /run/lost /tmp/lost")

    began = time.monotonic()
    host.power_cut()
    took = time.monotonic() - began
    off = host.is_on
    host.boot()

    assert took < 8
    assert not off
    assert host.boot_id != before
    assert ssh(host, "ls /etc/kept /run/lost /tmp/lost").stdout == "/etc/kept\n"


def test_a_power_cut_ends_a_delayed_reboot(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("between", reboot_delay=30))
    ssh(host, "sudo reboot")
    deadline = time.monotonic() + 30
    while host.init_process is not None and time.monotonic() < deadline:
        time.sleep(0.05)

    host.power_cycle()

    assert ssh(host, "true").returncode == 0


def test_a_reboot_ends_faults_of_the_memory_and_keeps_those_of_the_disk(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("both", disk_mb=64))
    passing = (host.faults.tmp_noexec(), host.faults.dpkg_locked(), host.faults.sshd_frozen())
    lasting = host.faults.disk_full()

    host.power_cycle()
    for fault in passing:
        fault.undo()
    still = ssh(host, "sudo cp /etc/passwd /var/tmp/x").stderr
    lasting.undo()

    assert "No space left on device" in still
    assert ssh(host, "sudo cp /etc/passwd /var/tmp/x").returncode == 0


@pytest.mark.lab_systemd
def test_sshd_faults_work_under_systemd(lab_host: LabHosts) -> None:
    host = lab_host(HostSpec("unit", init="systemd"))

    with host.faults.sshd_stopped():
        stopped = knock(host)
    with host.faults.host_key_changed():
        changed = ssh(host, "true").stderr
    with host.faults.frozen():
        frozen = knock(host, seconds=2)

    assert (stopped, frozen) == ("ConnectionRefusedError", "silence")
    assert "Host key verification failed" in changed
    assert ssh(host, "true").returncode == 0


def run_local(argv: list[str]) -> tuple[int, str]:
    done = subprocess.run(argv, input="", capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stderr
