"""What the rows about SSH share: a client's transport to a lab host, and the wait for the beginning."""

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, BecomeMethod, Deadlines, Host
from mspctl.model.secret import SecretRef
from mspctl.secrets.files import FileSecrets
from mspctl.testing.lab import Host as LabHost
from mspctl.transports.no_begin import classify_no_begin
from mspctl.transports.ssh.link import SshLink
from mspctl.transports.ssh.transport import SshTransport
from mspctl.transports.trust import KnownHosts

BEGIN = b"the-program-has-begun"
PROGRAM = b"echo " + BEGIN + b"; id -u; exit 0\n"
LIMITS = Deadlines(connect=5, banner=5, auth=8, keepalive=5)


def client_host(host: LabHost, user: str = "ops", become: BecomeMethod = BecomeMethod.NONE) -> Host:
    """A lab host as a host of the client acme."""
    access = Access(
        address=host.address,
        port=host.port,
        user=user,
        identity=SecretRef("file", str(host.access.key_path)),
        become=become,
        deadlines=LIMITS,
    )
    return Host("acme", "hq", host.name, access)


def with_password(host: Host, folder: Path, password: str) -> Host:
    """The same host, with a password for sudo."""
    file = folder / "sudo-password"
    file.touch(mode=0o600)
    file.write_text(password + "\n")
    return replace(host, access=replace(host.access, become_password=SecretRef("file", str(file))))


def transport_to(folder: Path, pins: Iterable[str]) -> SshTransport:
    """The transport of the client acme with these known_hosts lines."""
    known = folder / "known_hosts"
    known.write_text("".join(pins))
    return SshTransport(
        secrets=FileSecrets(folder), known_hosts=KnownHosts.read("acme", known), find_host=lambda _: None
    )


def linked(folder: Path, lab_host: LabHost, host: Host) -> SshLink:
    """A link that must come up."""
    link = transport_to(folder, [lab_host.known_hosts_line]).connect(host)
    assert isinstance(link, SshLink), link
    return link


def beginning(link: SshLink, seconds: float = 10, program: bytes = PROGRAM) -> bytes | Failure:
    """All of stdout if the program began; else why not, as the engine and the transport find out."""
    channel = link.start(program)
    if isinstance(channel, Failure):
        return channel
    out, end = bytearray(), time.monotonic() + seconds
    while time.monotonic() < end:
        chunk = channel.read(0.2)
        if isinstance(chunk, Failure):
            return chunk
        if chunk == b"":
            break
        out += chunk or b""
    if BEGIN in out:
        return bytes(out)
    return classify_no_begin(channel.exit_status(1), bytes(out), channel.errors())


def refusal(answer: bytes | SshLink | Failure) -> Failure:
    """The failure that this must be."""
    assert isinstance(answer, Failure), answer
    return answer
