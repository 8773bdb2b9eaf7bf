"""Real servers on loopback: HTTP with and without TLS, SMTP, DNS."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from mspctl.testing.sshd import free_port
from tests.e2e.cli import wait_until


def make_certificate(file: Path, *, days: int, left: int) -> Path:
    """A certificate of `localhost` that is its own authority, with so many days left."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    ends = datetime.now(UTC) + timedelta(days=left, minutes=5)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=days))
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + made.public_bytes(Encoding.PEM))
    return file


class _Site(BaseHTTPRequestHandler):
    """`/status/500` answers with that, `/go` leads to `/`, `/loop` to itself; POSTs are kept."""

    def do_GET(self) -> None:
        self._keep(b"")
        status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status/") else 200
        places = {"/go": "/", "/loop": "/loop"}
        body = b"<h1>Welcome to the shop</h1>"
        self.send_response(302 if self.path in places else status)
        if self.path in places:
            self.send_header("Location", places[self.path])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._keep(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _keep(self, body: bytes) -> None:
        assert isinstance(self.server, Site)
        self.server.asked.append((self.command, self.path, body.decode()))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name upstream
        del format, args


class Site(ThreadingHTTPServer):
    """A web site; `asked` is what came: method, path, body."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(address, _Site)
        self.asked: list[tuple[str, str, str]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that refuses our certificate is no error of the server."""


@contextmanager
def site(certificate: Path | None = None, *, address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[Site]:
    server = Site(address)
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Mailbox:
    """What a mail server took in."""

    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - upstream's
        del server, session
        content = envelope.content
        self.mails.append(content.decode() if isinstance(content, bytes) else str(content))
        return "250 taken"


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, ident="mail of the shop", ready_timeout=30)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


@contextmanager
def name_server(folder: Path) -> Iterator[int]:
    """A dnsmasq that knows `shop.example`, and one TXT record that no UDP answer holds."""
    port = free_port()
    text = ",".join("x" * 200 for _ in range(6))
    command = [
        *("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts"),
        *(f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces", f"--pid-file={folder}/pid"),
        *("--user=root", "--local=/example/", "--host-record=shop.example,192.0.2.7,2001:db8::7"),
        *("--mx-host=shop.example,mail.shop.example,10", f"--txt-record=long.example,{text}"),
        "--cname=www.example,shop.example",
    ]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(port), "dnsmasq")
        yield port
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as wire:
        return wire.connect_ex(("127.0.0.1", port)) == 0
