"""pywinrm's protocol over our wire: what it sends is its own, what comes back is checked first."""

import ssl

import requests
from spnego.exceptions import SpnegoError
from winrm.protocol import Protocol
from winrm.transport import Transport

from mspctl.model.inventory import Access, Scheme
from mspctl.transports.winrm.answers import BadAnswer, checked
from mspctl.transports.winrm.kerberos import prepare
from mspctl.transports.winrm.wire import Wire

OPERATION = 60
"""Seconds that a poll may wait on the host; it is asked again without end, our own deadlines count.

Windows takes no more by default, and less where MaxTimeoutms says so (MS-WSMV on OperationTimeout).
"""
READ = 70


class CheckedTransport(Transport):
    """Sends by `wire` alone and hands no answer on that was not checked. Counts the operations."""

    wire: Wire
    operations = 0

    @classmethod
    def like(cls, plain: Transport, wire: Wire) -> "CheckedTransport":
        """A checked transport with the settings of a plain one that has not been used."""
        made = cls.__new__(cls)
        made.__dict__.update(vars(plain))
        made.wire = wire
        return made

    def setup_encryption(self, session: requests.Session) -> None:
        """The handshake goes over our wire, too."""
        self._prepare(session)
        super().setup_encryption(session)
        login = session.auth
        if getattr(login, "session_security", login) is None or getattr(login, "contexts", login) == {}:
            raise BadAnswer("hostile-answer", "whoever answers lets us in without a login")

    def build_session(self) -> requests.Session:
        if self.session is None:
            # Over HTTP it has been prepared already, for the handshake.
            session = super().build_session()
            if self.encryption is None:
                self._prepare(session)
        return super().build_session()

    def _prepare(self, session: requests.Session) -> None:
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, self.wire)
        if self.auth_method == "kerberos":
            prepare(session.auth, tls=self.endpoint.startswith("https"))

    def send_message(self, message: str | bytes) -> bytes:
        self.operations += 1
        return super().send_message(message)

    def _get_message_response_text(self, response: requests.Response) -> bytes:
        kind = response.headers.get("Content-Type", "")
        if kind.startswith("text/html"):
            return checked(b"<html>")
        if self.encryption is not None and response.ok and not kind.startswith("multipart/encrypted"):
            checked(response.content)
            raise BadAnswer("hostile-answer", "an answer without a seal came to a sealed message")
        try:
            return checked(super()._get_message_response_text(response))
        except SpnegoError as error:
            raise BadAnswer("hostile-answer", "the seal of the answer is broken") from error


class Credentials:
    """What a login is made with; files are paths under which pywinrm finds them."""

    def __init__(self, password: str = "", certificate: str = "", key: str = "", authority: str = "") -> None:
        self.password = password
        self.certificate = certificate
        self.key = key
        self.authority = authority


def service(access: Access, credentials: Credentials, wire: Wire, *, pinned: bool) -> Protocol:
    """A protocol object for one host and one thread; a `pinned` certificate is the wire's to check.

    Raises:
        WinRMError: pywinrm refuses the settings.
    """
    address = f"[{access.address}]" if ":" in access.address else access.address
    protocol = Protocol(
        endpoint=f"{access.scheme.value}://{address}:{access.port}/wsman",
        transport=access.auth.value,
        username=access.user,
        password=credentials.password,
        ca_trust_path=credentials.authority or _authorities(),  # type: ignore[arg-type]
        cert_pem=credentials.certificate or None,
        cert_key_pem=credentials.key or None,
        server_cert_validation="ignore" if pinned else "validate",
        read_timeout_sec=READ,
        operation_timeout_sec=OPERATION,
        # Where TLS does not, the login seals, or nothing is sent at all.
        message_encryption="always" if access.scheme is Scheme.HTTP else "never",
        proxy=None,
    )
    protocol.transport = CheckedTransport.like(protocol.transport, wire)
    return protocol


def _authorities() -> str | None:
    """Those of this machine, as OpenSSL finds them, and not those that come with a library of Python."""
    places = ssl.get_default_verify_paths()
    return places.cafile or places.capath
