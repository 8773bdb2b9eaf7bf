"""One running host of the lab: its power, its commands, its way in."""

import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mspctl.testing.lab.command import SCRIPTS, run
from mspctl.testing.lab.errors import LabError
from mspctl.testing.lab.faults import Faults
from mspctl.testing.lab.keys import Access
from mspctl.testing.lab.process import Process
from mspctl.testing.lab.spec import HostSpec

BOOT_LIMIT = 150.0
SSHD_LOG = "/run/sshd.log"
"""In memory: a full or read-only disk keeps nobody from logging in."""
_NAMESPACES = ("--mount", "--uts", "--ipc", "--net", "--pid", "--time", "--cgroup")
_HALT_LIMIT = 60.0
_HOST_KEY = "etc/ssh/ssh_host_ed25519_key.pub"


@dataclass(frozen=True, slots=True)
class Host:
    """A host: `address` as this machine (or its gateway) reaches it, sshd on `port`.

    `folder` holds all that is the host's: seed, disk image, pids, boot id, console.
    """

    spec: HostSpec
    address: str
    interface: str
    folder: Path
    access: Access
    port: int = 22

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def faults(self) -> Faults:
        """What may go wrong with this host; each fault can be undone."""
        return Faults(self)

    # ------------------------------------------------------------------------------------------ power

    def power_on(self) -> None:
        """Give it power and return at once; `await_boot` waits. Does nothing to a host that is on."""
        if self.is_on:
            return
        for stale in ("mains.pid", "init.pid", "off"):
            (self.folder / stale).unlink(missing_ok=True)
        (self.folder / "reboot_delay").write_text(f"{self.spec.reboot_delay:g}\n", encoding="ascii")
        with (self.folder / "console.log").open("ab") as console:
            subprocess.run(
                ["setsid", "--fork", "sh", str(SCRIPTS / "mains.sh"), str(self.folder), str(SCRIPTS)],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                check=True,
                timeout=60,
            )
        self._await_file("mains.pid", _HALT_LIMIT)

    def boot(self) -> None:
        """Power it on and wait until sshd answers."""
        self.power_on()
        self.await_boot()

    def power_cut(self) -> None:
        """Take its power away: every process of it is killed at once, /run is lost, the disk is kept."""
        mains = Process.read(self.folder / "mains.pid")
        init = self.init_process
        if mains is not None:
            mains.kill_group()
        for process in (mains, init):
            if process is not None and not process.wait_gone(_HALT_LIMIT):
                raise LabError(f"{self.name} does not die: pid {process.pid}")
        (self.folder / "init.pid").unlink(missing_ok=True)

    def power_cycle(self) -> None:
        """Power cut, and boot at once."""
        self.power_cut()
        self.boot()

    def await_boot(self, *, seconds: float = BOOT_LIMIT) -> None:
        """Wait until sshd shows its banner (behind a gateway: until it listens); LabError if it does not."""
        deadline = time.monotonic() + seconds
        while not self._answers():
            if (self.folder / "off").exists() or not self.is_on:
                raise LabError(f"{self.name} went down while booting: {self._console()}")
            if time.monotonic() > deadline:
                raise LabError(f"no sshd on {self.name} ({self.address}) in {seconds:g} s: {self._console()}")
            time.sleep(0.02)

    def await_reboot(self, boot_id: str, *, seconds: float = BOOT_LIMIT) -> None:
        """Wait until it is up again with another boot id than `boot_id`."""
        deadline = time.monotonic() + seconds
        while self.boot_id == boot_id or self.init_process is None:
            if time.monotonic() > deadline:
                raise LabError(f"{self.name} did not reboot in {seconds:g} s: {self._console()}")
            time.sleep(0.02)
        self.await_boot(seconds=max(1.0, deadline - time.monotonic()))

    def await_off(self, *, seconds: float = BOOT_LIMIT) -> None:
        """Wait until it has no power any more, as after poweroff."""
        mains = Process.read(self.folder / "mains.pid")
        if mains is not None and not mains.wait_gone(seconds):
            raise LabError(f"{self.name} is still on after {seconds:g} s")

    def set_reboot_delay(self, seconds: float) -> None:
        """How long it stays away at its next reboots."""
        (self.folder / "reboot_delay").write_text(f"{seconds:g}\n", encoding="ascii")

    @property
    def is_on(self) -> bool:
        """Whether it has power; it may be on its way up or down."""
        return Process.read(self.folder / "mains.pid") is not None

    @property
    def init_process(self) -> Process | None:
        """Its process 1, as this machine sees it; None while it is down."""
        try:
            pid = int((self.folder / "init.pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        return Process.of(pid)

    @property
    def boot_id(self) -> str:
        """The boot id of its present or last boot; "" before the first."""
        file = self.folder / "boot_id"
        return file.read_text(encoding="ascii").strip() if file.exists() else ""

    # ------------------------------------------------------------------------------------------ inside

    def inside(self, argv: Sequence[str]) -> list[str]:
        """The command line that runs `argv` as root in this host, past its network and sshd."""
        init = self.init_process
        if init is None:
            raise LabError(f"{self.name} is down")
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        enter = ["nsenter", "--target", str(init.pid), *_NAMESPACES, "--wdns=/"]
        return [*enter, "env", "-i", path, "HOME=/root", "LC_ALL=C.UTF-8", *argv]

    def run_inside(
        self, argv: Sequence[str], *, stdin: str = "", timeout: float = 150, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run `argv` as root in this host; LabError when it fails (with `check`) or takes too long."""
        return run(self.inside(argv), stdin=stdin, timeout=timeout, check=check)

    def read_file(self, path: str) -> str:
        """The text of a file of the host."""
        return self.run_inside(["cat", "--", path]).stdout

    @property
    def sshd_log(self) -> str:
        """What its sshd has said since the boot: connections, and each try to log in."""
        return self.read_file(SSHD_LOG)

    def write_file(self, path: str, text: str) -> None:
        """Write a file of the host, as root."""
        self.run_inside(["sh", "-c", 'cat > "$1"', "sh", path], stdin=text)

    # ------------------------------------------------------------------------------------------ way in

    @property
    def host_key(self) -> str:
        """The public key it was made with: `ssh-ed25519 AAAA…`."""
        words = (self.folder / "seed" / _HOST_KEY).read_text(encoding="ascii").split()
        return " ".join(words[:2])

    @property
    def known_hosts_line(self) -> str:
        """Its line in known_hosts format, sshd(8)."""
        return f"{self.address} {self.host_key}\n"

    def _answers(self) -> bool:
        # Before its network is up an attempt would cost a second, after which its mac is asked for again.
        if self.init_process is None:
            return False
        if self.spec.gateway is not None:
            return self._listens_inside()
        try:
            with socket.create_connection((self.address, self.port), timeout=1) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False

    def _listens_inside(self) -> bool:
        listening = self.run_inside(["ss", "-Hltn", f"sport = :{self.port}"], check=False)
        return listening.returncode == 0 and bool(listening.stdout.strip())

    def _await_file(self, name: str, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not (self.folder / name).exists():
            if time.monotonic() > deadline:
                raise LabError(f"{self.name} did not start: {self._console()}")
            time.sleep(0.002)

    def _console(self) -> str:
        text = (self.folder / "console.log").read_text(encoding="utf-8", errors="replace")
        return text[-1000:].strip() or "its console shows nothing"
