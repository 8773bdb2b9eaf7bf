"""The certificate of a Windows host: looked at without a login, and held against what is pinned.

Pins stand beside the SSH host keys of the client, as keys of the type `x509`: the certificate in base64.
"""

import hashlib
import ssl
from dataclasses import dataclass

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, Host
from mspctl.transports.deadline import Deadline
from mspctl.transports.reasons import host_key_changed, host_key_revoked, safe, unreachable
from mspctl.transports.ssh.dial import dial
from mspctl.transports.trust import X509, KnownHosts, Pin, fingerprint


@dataclass(frozen=True, slots=True)
class Certificate:
    """As a PublicKey (mspctl.transports.trust): what a host has shown."""

    der: bytes

    def get_name(self) -> str:
        """Its type, as pins have it."""
        return X509

    def asbytes(self) -> bytes:
        """The whole of it."""
        return self.der


@dataclass(frozen=True, slots=True)
class TlsTrust:
    """By what the certificate of a host is trusted: the inventory's word, else the pins."""

    host: Host
    known: KnownHosts

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The certificates that it may show; an authority named in the inventory stands above them."""
        access = self.host.access
        found = self.known.pinned(access.address, access.port)
        return () if access.tls_ca is not None else tuple(pin for pin in found if pin.kind == X509)

    @property
    def pinned(self) -> bool:
        """True if no authority is asked."""
        return self.host.access.tls_fingerprint is not None or bool(self.pins)

    def judge(self, der: bytes) -> Failure | None:
        """Why a certificate is not taken; what authorities say is for others to ask."""
        host, access = self.host, self.host.access
        where, shown = f"{access.address} port {access.port}", fingerprint(der, X509)
        if self.known.revoked(der):
            return host_key_revoked(where, shown)
        if access.tls_fingerprint is not None:
            if hashlib.sha256(der).hexdigest() == access.tls_fingerprint:
                return None
            return unreachable(
                "host-key-changed",
                f"{where} shows the certificate {shown}, tls_fingerprint names another",
                "find out why before anything else; then write its SHA-256 into tls_fingerprint",
            )
        if not self.pins or any(pin.blob == der for pin in self.pins):
            return None
        pinned = ", ".join(fingerprint(pin.blob, X509) for pin in self.pins)
        return host_key_changed(host.client, host.name, where, shown, pinned)


def shown_certificate(access: Access, settings: ssl.SSLContext | None = None) -> Certificate | Failure:
    """The certificate that a host shows; with `settings` only if it passes them. Nothing is logged in to."""
    where = f"{access.address} port {access.port}"
    stream = dial(access.address, access.port, Deadline(access.deadlines.connect))
    if isinstance(stream, Failure):
        return stream
    stream.settimeout(access.deadlines.banner)
    try:
        with (settings or _anything()).wrap_socket(stream, server_hostname=access.address) as secure:
            return Certificate(secure.getpeercert(binary_form=True) or b"")
    except TimeoutError:
        seconds = f"{access.deadlines.banner:g}"
        return unreachable(
            "timeout-banner", f"{where} did not speak TLS within {seconds} s", "is that port HTTPS?"
        )
    except (OSError, ValueError) as error:
        return unreachable("tls", f"{where}: {safe(str(error))}", "does WinRM listen for HTTPS on that port?")
    finally:
        stream.close()


def _anything() -> ssl.SSLContext:
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    settings.check_hostname = False
    settings.verify_mode = ssl.CERT_NONE
    return settings
