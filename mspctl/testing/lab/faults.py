"""What goes wrong with hosts, done for real. Each fault lasts until it is undone; `with` undoes it."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, Self

from mspctl.testing.lab.command import run
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.process import Process
from mspctl.testing.lab.spec import FlavourName, HostSpec

_OPTIONS = "/etc/ssh/sshd_config.d/00-fault.conf"
_TMP = "/tmp"  # noqa: S108 - the host's
_KEY = "/etc/ssh/ssh_host_ed25519_key"

# sshd writes its pid once it listens, and removes the file when it ends; SIGHUP makes it execute itself anew.
_AWAIT_SSHD = "until [ -s /run/sshd.pid ]; do sleep 0.02; done"
_RELOAD_SSHD = f"pid=$(cat /run/sshd.pid) && rm /run/sshd.pid && kill -HUP $pid && {_AWAIT_SSHD}"
_START_SSHD = f"service ssh start && {_AWAIT_SSHD}"
_STOP_SSHD = "kill $(cat /run/sshd.pid) && while [ -e /run/sshd.pid ]; do sleep 0.02; done"

# struct flock of fcntl(2) on 64-bit Linux. POSIX locks, as dpkg takes them: flock(1) would not be seen by it.
_HOLD_LOCKS = r"""
use Fcntl; $0 = "lab-apt"; my ($seconds, @files) = @ARGV; my @open;
for my $file (@files) {
    open(my $handle, "+>>", $file) or die "$file: $!";
    my $lock = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0);
    fcntl($handle, F_SETLK, $lock) or die "$file: $!";
    push @open, $handle;
}
open(my $pid, ">", "/run/lab-lock.pid"); print $pid $$; close $pid;
close STDOUT; close STDERR; sleep $seconds;
"""
_LOCKS: Mapping[FlavourName, tuple[str, ...]] = {
    "apt": ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock"),
    "dnf": ("/var/lib/rpm/.rpm.lock",),
    "zypper": ("/var/lib/rpm/.rpm.lock",),
}

_FILL = """
free=$(stat -f -c '%a %S' "$1" | { read -r blocks size; echo $((blocks * size)); })
fallocate -l "$free" "$1/.lab-filler" || :
cat /dev/zero >> "$1/.lab-filler2" 2> /dev/null || :
"""
_READ_ONLY = """
tries=0
until said=$(mount -o remount,ro / 2>&1); do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "$said" >&2; exit 1; }
    sleep 0.1
done
"""
_FILL_INODES = """
mkdir "$1/.lab-inodes" && cd "$1/.lab-inodes" || exit 0
i=0
while true > "$i"; do i=$((i + 1)); done 2> /dev/null
"""


class Fault:
    """A fault in force. `undo()` ends it (again is harmless); a `with` block does so at its end."""

    def __init__(self, undo: Callable[[], None]) -> None:
        self._undo: Callable[[], None] | None = undo

    def undo(self) -> None:
        undo, self._undo = self._undo, None
        if undo is not None:
            undo()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.undo()


class Breakable(Protocol):
    """What breaking a host takes of it: `mspctl.testing.lab.host.Host` has it."""

    @property
    def spec(self) -> HostSpec: ...

    @property
    def name(self) -> str: ...

    @property
    def address(self) -> str: ...

    @property
    def interface(self) -> str: ...

    @property
    def boot_id(self) -> str: ...

    @property
    def init_process(self) -> Process | None: ...

    def run_inside(
        self, argv: Sequence[str], *, stdin: str = "", timeout: float = 60, check: bool = True
    ) -> subprocess.CompletedProcess[str]: ...

    def write_file(self, path: str, text: str) -> None: ...


class Faults:
    """The faults of one host, which must be up, but for `link_down`."""

    def __init__(self, host: Breakable) -> None:
        self._host = host

    # ------------------------------------------------------------------------------------------ network

    def link_down(self) -> Fault:
        """Pull its cable: no carrier; new connections end with "No route to host" after three seconds."""
        port = self._host.interface
        run(["ip", "link", "set", port, "down"])
        return Fault(lambda: _quietly(["ip", "link", "set", port, "up"]))

    def packets_dropped(self) -> Fault:
        """Lose every packet to and from it, silently: connecting and reading both just wait."""
        port, address = self._host.interface, self._host.address
        bridge = port.rpartition("h")[0]
        mac = self._host.run_inside(["cat", "/sys/class/net/eth0/address"]).stdout.strip()
        run(["ip", "neigh", "replace", address, "lladdr", mac, "dev", bridge, "nud", "permanent"])
        run(["bridge", "link", "set", "dev", port, "state", "0"])

        def undo() -> None:
            _quietly(["bridge", "link", "set", "dev", port, "state", "3"])
            _quietly(["ip", "neigh", "del", address, "dev", bridge])

        return Fault(undo)

    # ------------------------------------------------------------------------------------------ sshd

    def sshd_stopped(self) -> Fault:
        """No sshd listens: connections are refused. Sessions that are open go on."""
        self._host.run_inside(["sh", "-c", _STOP_SSHD], timeout=60)
        return self._undo_passing(_START_SSHD)

    def sshd_frozen(self) -> Fault:
        """Stop all its sshd processes: connections open, for the kernel answers, but nothing is said."""
        self._host.run_inside(["pkill", "-STOP", "-x", "sshd"])
        return self._undo_passing("pkill -CONT -x sshd || true")

    def frozen(self) -> Fault:
        """Stop every process of the host; only its kernel still answers the network."""
        init = self._host.init_process
        if init is None:
            raise LabError(f"{self._host.name} is down")
        os.kill(init.pid, signal.SIGSTOP)
        self._host.run_inside(["sh", "-c", "kill -STOP -1"])

        others = self._undo_passing("kill -CONT -1")

        def undo() -> None:
            if init.alive:
                os.kill(init.pid, signal.SIGCONT)
                others.undo()

        return Fault(undo)

    def sshd_options(self, *lines: str) -> Fault:
        """Put lines of sshd_config(5) before all others, as `MaxSessions 1`; for connections from now on."""
        self._host.write_file(_OPTIONS, "".join(f"{line}\n" for line in lines))
        checked = self._host.run_inside(["/usr/sbin/sshd", "-t"], check=False)
        if checked.returncode != 0:
            self._host.run_inside(["rm", _OPTIONS])
            raise LabError(f"sshd refuses these options: {checked.stderr.strip()}")
        return self._changed_sshd("true", f"rm -f {_OPTIONS}")

    def sftp_disabled(self) -> Fault:
        """Take the sftp subsystem away; for connections from now on."""
        edit = "sed -i 's/^{}Subsystem/{}Subsystem/' /etc/ssh/sshd_config"
        return self._changed_sshd(edit.format("", "#"), edit.format("#", ""))

    def host_key_changed(self) -> Fault:
        """Give it a new host key; `host.host_key` still says the old one, as does every known_hosts."""
        aside = f"mv {_KEY} {_KEY}.old && mv {_KEY}.pub {_KEY}.pub.old"
        back = f"mv {_KEY}.old {_KEY} && mv {_KEY}.pub.old {_KEY}.pub"
        return self._changed_sshd(f"{aside} && ssh-keygen -q -t ed25519 -N '' -f {_KEY}", back)

    def _changed_sshd(self, change: str, back: str) -> Fault:
        """Change sshd's files by a line of shell and make it read them; at the end, change them back."""
        self._host.run_inside(["sh", "-c", f"{change} && {_RELOAD_SSHD}"], timeout=60)
        return self._undo_lasting(f"{back} && {_RELOAD_SSHD}")

    # ------------------------------------------------------------------------------------------ disk

    def disk_full(self) -> Fault:
        """Leave no block on its disk (/, /var, /tmp, /home are one): root gets ENOSPC as well."""
        self._host.run_inside(["sh", "-c", _FILL, "sh", "/var"], timeout=120)
        return self._undo_lasting("rm -f /var/.lab-filler /var/.lab-filler2")

    def boot_full(self) -> Fault:
        """Mount a small file system at /boot, and leave no block on it."""
        fill = "mount -t tmpfs -o size=64k tmpfs /boot; cat /dev/zero > /boot/.lab-filler 2> /dev/null || :"
        self._host.run_inside(["sh", "-c", fill])
        return self._undo_passing("umount -l /boot")

    def inodes_full(self) -> Fault:
        """Leave blocks but no inode: no file can be made, those that exist can grow."""
        self._host.run_inside(["sh", "-c", _FILL_INODES, "sh", "/var"], timeout=120)
        return self._undo_lasting("rm -rf /var/.lab-inodes")

    def root_read_only(self) -> Fault:
        """Mount / read-only, as after disk errors. Raises LabError if a file stays open for writing."""
        self._host.run_inside(["sh", "-c", _READ_ONLY])
        return self._undo_passing("mount -o remount,rw /")

    def tmp_noexec(self) -> Fault:
        """Mount /tmp as hardening guides say: nothing in it can be executed."""
        options = "noexec,nosuid,nodev,mode=1777"
        self._host.run_inside(["mount", "-t", "tmpfs", "-o", options, "tmpfs", _TMP])
        return self._undo_passing(f"umount -l {_TMP}")

    # ------------------------------------------------------------------------------------------ packages

    def dpkg_locked(self, seconds: float = 3600) -> Fault:
        """Another process of the host, `lab-apt`, holds the package database, for `seconds` at the most."""
        self._host.run_inside(["rm", "-f", "/run/lab-lock.pid"])
        program = ["perl", "-e", _HOLD_LOCKS, f"{seconds:g}", *_LOCKS[self._host.spec.flavour]]
        self._host.run_inside(["setsid", "--fork", *program], timeout=60)
        self._host.run_inside(["sh", "-c", "until [ -s /run/lab-lock.pid ]; do sleep 0.02; done"], timeout=60)
        return self._undo_passing("pid=$(cat /run/lab-lock.pid); while kill $pid; do sleep 0.02; done; true")

    def _undo_lasting(self, program: str) -> Fault:
        """A fault on the disk: it outlives reboots, and a host that is off keeps it."""

        def undo() -> None:
            if self._host.init_process is not None:
                self._host.run_inside(["sh", "-c", program], timeout=60)

        return Fault(undo)

    def _undo_passing(self, program: str) -> Fault:
        """A fault in the memory of this boot: the next boot has ended it."""
        boot_id = self._host.boot_id

        def undo() -> None:
            if self._host.init_process is not None and self._host.boot_id == boot_id:
                self._host.run_inside(["sh", "-c", program], timeout=60)

        return Fault(undo)


def _quietly(argv: list[str]) -> None:
    run(argv, check=False)
