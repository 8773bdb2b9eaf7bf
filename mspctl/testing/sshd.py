"""A real sshd on loopback with a configuration of its own, for tests that need no whole lab host.

It runs as the user who runs the tests and lets in that user with the key it made; as root, it is a real
sshd with privilege separation. Nothing outside its folder is touched, and what that user's shell reads at its
start is not: its home is the folder.
"""

import base64
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from mspctl.model.inventory import Access, Deadlines, Host
from mspctl.model.secret import SecretRef
from mspctl.secrets.files import FileSecrets
from mspctl.transports.ssh.transport import SshTransport
from mspctl.transports.trust import KnownHosts

_LOWEST = 15_000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_CONFIG = """\
AddressFamily inet
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/pid
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
LogLevel VERBOSE
SetEnv HOME={folder}
"""


class Sshd:
    """One sshd in `folder`; a context manager. `options` are lines of sshd_config, put first, where they win.

    Raises:
        RuntimeError: sshd is not installed or does not start; the text says why.
    """

    def __init__(self, folder: Path, options: Sequence[str] = (), key_type: str = "ed25519") -> None:
        self.folder = folder
        self.options = tuple(options)
        self.key_type = key_type
        self.address = "127.0.0.1"
        self.port = free_port()
        self.user = pwd.getpwuid(os.getuid()).pw_name
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        make_key(self.folder / "host_key", self.key_type)
        make_key(self.folder / "client_key", "ed25519")
        shutil.copy(self.folder / "client_key.pub", self.folder / "authorized_keys")
        while True:
            try:
                self.start()
            except RuntimeError as error:
                if "Address already in use" not in str(error):
                    raise
                self.port = free_port()
            else:
                return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def client_key(self) -> Path:
        """The private key that is let in."""
        return self.folder / "client_key"

    @property
    def known_hosts_line(self) -> str:
        """The line that pins this server."""
        kind, key = (self.folder / "host_key.pub").read_text().split()[:2]
        return f"[{self.address}]:{self.port} {kind} {key}"

    @property
    def fingerprint(self) -> str:
        """The host key's fingerprint as ssh-keygen prints it."""
        blob = base64.b64decode((self.folder / "host_key.pub").read_text().split()[1])
        return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")

    @property
    def access(self) -> Access:
        """How to log in there with the key that is let in, with short time limits."""
        return Access(
            address=self.address,
            port=self.port,
            user=self.user,
            identity=SecretRef("file", str(self.client_key)),
            deadlines=Deadlines(connect=5, banner=5, auth=5, keepalive=5),
        )

    def host(self, name: str = "web1") -> Host:
        """This server as a host of the client `acme`."""
        return Host("acme", "hq", name, self.access)

    def transport(self, *, pins: Sequence[str] | None = None, hosts: Sequence[Host] = ()) -> SshTransport:
        """A transport of the client `acme` that knows this server's key, or the lines in `pins`."""
        path = self.folder / "known_hosts"
        lines = [self.known_hosts_line] if pins is None else pins
        path.write_text("".join(line + "\n" for line in lines))
        names = {host.name: host for host in hosts}
        return SshTransport(
            secrets=FileSecrets(self.folder), known_hosts=KnownHosts.read("acme", path), find_host=names.get
        )

    @property
    def log(self) -> str:
        """What sshd logged so far."""
        return (self.folder / "log").read_text(errors="replace")

    @property
    def pid(self) -> int:
        """The listening process."""
        if self._process is None:
            raise RuntimeError("sshd is not running")
        return self._process.pid

    def start(self) -> None:
        """Start it (again) on the same port and wait until it listens."""
        binary = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if binary is None:
            raise RuntimeError("sshd is missing: apt-get install openssh-server")
        if os.getuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        config = "\n".join(self.options) + "\n" + _CONFIG.format(port=self.port, folder=self.folder)
        (self.folder / "sshd_config").write_text(config)
        (self.folder / "log").touch()
        seen = len(self.log)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [binary, "-D", "-e", "-f", str(self.folder / "sshd_config")],
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        end = time.monotonic() + 30
        while time.monotonic() < end and self._process.poll() is None:
            if f"port {self.port}." in self.log[seen:]:
                return
            time.sleep(0.01)
        raise RuntimeError(f"sshd did not start: {self.log[-500:]}")

    def stop(self) -> None:
        """End the listening process and the sessions it made."""
        if self._process is None:
            return
        for pid in [*sessions(self._process.pid), self._process.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait(timeout=60)
        self._process = None


_ASKED = ("authenticating", "publickey", "userauth", "Accepted", "Failed", "Invalid user")


def asked_to_be_let_in(log: str) -> list[str]:
    """Of sshd's log (LogLevel VERBOSE) the lines about logins, also those in vain."""
    return [line for line in log.splitlines() if any(word in line for word in _ASKED)]


def sessions(pid: int) -> list[int]:
    """All descendants of a process, children first."""
    found: list[int] = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    for child in children:
        found += [*sessions(int(child)), int(child)]
    return found


def make_key(path: Path, kind: str, passphrase: str = "") -> None:
    """A new key pair in `path` and `path`.pub, replacing what was there."""
    path.unlink(missing_ok=True)
    bits = ["-b", "2048"] if kind == "rsa" else []
    command = ["ssh-keygen", "-q", "-t", kind, *bits, "-N", passphrase, "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def free_port() -> int:
    """A TCP port of loopback that nobody listens on now.

    If it can be, it is none of those that the kernel gives to whoever asks for any: a process beside this one
    might get it before it is used, or while it has to be closed.
    """
    ephemeral = int(_EPHEMERAL.read_text().split()[0]) if _EPHEMERAL.exists() else 0
    while True:
        port = _LOWEST + secrets.randbelow(ephemeral - _LOWEST) if ephemeral > 2 * _LOWEST else 0
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
