"""A bundle's conversation with an emulated Windows host over our transport, for the tests here."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from mspctl.engine.assemble_windows import GATHER
from mspctl.engine.follow import Allowance, Ended, Ending, follow
from mspctl.engine.frames import Frame
from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, ConnectionKind, Deadlines, Host, Scheme, WinrmAuth
from mspctl.model.outcome import Outcome
from mspctl.model.secret import Secret, SecretRef
from mspctl.ports import Channel
from mspctl.testing.kerberos import REALM
from mspctl.testing.winrm.endpoint import PASSWORD, USER
from mspctl.testing.winrm.manifest import AskedStep
from mspctl.testing.winrm.windows import Done, WindowsHost
from mspctl.transports.trust import KnownHosts
from mspctl.transports.winrm.channel import WinrmChannel
from mspctl.transports.winrm.link import WinrmLink
from mspctl.transports.winrm.transport import WinrmTransport
from mspctl.wiring.clock import SystemClock
from tests.integration import certificates

NONCE = "5f" * 16
SHORT = Deadlines(connect=10, auth=20, run=60, reboot=2.5, lock_wait=1)
MEMBER, WORD, SERVICE = "ops", "Pa55-w0rd", "HTTP/localhost"
"""An account of the realm, its password, and the service that it is let in by."""


class Words:
    """A secret source with one password and files by path."""

    def __init__(self, password: str = PASSWORD) -> None:
        self._password = password

    def resolve(self, ref: SecretRef) -> Secret:
        return Secret(self._password if ref.scheme == "env" else Path(ref.path).read_bytes())


def machine(port: int, scheme: Scheme = Scheme.HTTP, **more: object) -> Host:
    access = Access(
        ConnectionKind.WINRM,
        "127.0.0.1",
        port,
        USER,
        password=SecretRef("env", "PASSWORD"),
        scheme=scheme,
        deadlines=Deadlines(connect=10, auth=20),
    )
    return Host("acme", "hq", "dc1", replace(access, **more))  # type: ignore[arg-type]


def member(port: int, scheme: Scheme = Scheme.HTTP, **more: object) -> Host:
    chosen = {
        "address": "localhost",
        "user": f"{MEMBER}@{REALM}",
        "auth": WinrmAuth.KERBEROS,
        "password": None,
    }
    return machine(port, scheme, **(chosen | more))


def connect(host: Host, password: str = PASSWORD) -> WinrmLink | Failure:
    return WinrmTransport(secrets=Words(password), known_hosts=KnownHosts("acme")).connect(host)


def bundle(steps: int, **more: object) -> bytes:
    listed = [{"index": index, "module": "facts", "params": {}} for index in range(steps)]
    asked = {
        "nonce": NONCE,
        "spool": "mspctl-1",
        "mode": "start",
        "steps": listed,
        "first_wait": GATHER[0],
        "later_wait": GATHER[1],
        **more,
    }
    text = f"#mspctl {json.dumps(asked)}\n{'# padding' * 3000}\n#mspctl-end\n"
    return (text + ("worker\n#mspctl-end\n" if asked["mode"] == "start" else "")).encode()


def hear(channel: Channel) -> tuple[list[Frame], Ending]:
    frames: list[Frame] = []
    conversation = follow(channel, NONCE, SystemClock(), Allowance(), begin_within=10)
    while True:
        try:
            heard = next(conversation)
        except StopIteration as stopped:
            ending: Ending = stopped.value
            return frames, ending
        if isinstance(heard, Frame):
            frames.append(heard)


def verdicts(frames: list[Frame]) -> list[str]:
    return [frame.field(1) for frame in frames if frame.verb == "E"]


def whole_talk(host: Host, steps: int = 20) -> tuple[list[str], int | Failure | None, int]:
    link = connect(host)
    assert isinstance(link, WinrmLink), link
    channel = link.start(bundle(steps))
    assert isinstance(channel, WinrmChannel), channel
    frames, ending = hear(channel)
    assert isinstance(ending, Ended), (ending, channel.errors())
    channel.send(b"mspctl_acknowledge\n")
    channel.end()
    status = channel.exit_status(10)
    link.close()
    return verdicts(frames), status, link.round_trips


def well(step: AskedStep, _host: WindowsHost, _check: bool) -> Done:  # noqa: FBT001 - a Module's shape
    return Done("ok", reports=(("fact", "index", str(step.index)),))


def reboot(_step: AskedStep, _host: WindowsHost, check: bool) -> Done:  # noqa: FBT001 - a Module's shape
    return Done("changed", "a reboot is due", forecast="change" if check else "")


CLIXML = (
    b'#< CLIXML\r\n<Objs><Obj S="progress"><AV>Preparing modules for first use.</AV></Obj>'
    b'<S S="Error">gr\xc3\xbc\xc3\x9fe &lt;1&gt;_x000D__x000A_</S></Objs>'
)


def windows(pause: float = 0.0, hurry: float = 20.0, late: float = 0.0) -> WindowsHost:
    """Its seconds are shorter than ours."""
    lines = {
        r"^whoami": lambda _script: (b"emulated\\vagrant\r\n", b"", 0),
        r"exit 17": lambda _script: (b"", CLIXML, 17),
        r"three megabytes": lambda _script: (b"x" * 3_000_000, b"", 0),
    }
    return WindowsHost({"facts": well, "reboot": reboot}, lines, pause, hurry=hurry, late=late)


def assert_failure(got: object, reason: str, outcome: Outcome = Outcome.UNREACHABLE) -> None:
    assert isinstance(got, Failure), got
    assert (got.reason, got.outcome) == (reason, outcome), got
    assert got.remedy


def binding(certificate: tuple[Path, str]) -> bytes:
    """What a login over TLS with this certificate is bound to, by RFC 5929."""
    return b"tls-server-end-point:" + bytes.fromhex(certificate[1])


def self_signed(folder: Path, called: str) -> tuple[Path, str]:
    """With its key in one file, and its fingerprint."""
    now = datetime.now(UTC)
    made = certificates.self_signed(
        x509.DNSName("localhost"), now - timedelta(days=1), now + timedelta(days=2), called=called
    )
    path = folder / f"{called}.pem"
    path.write_bytes(made.whole)
    path.chmod(0o600)
    return path, made.fingerprint
