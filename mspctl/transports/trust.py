"""Which host keys a client's hosts may show: read, check and pin, in the known_hosts format of OpenSSH.

One file per client, `inventory/known_hosts/<client>`, so that no client's key is ever taken for another's.
The format is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: plain, negated, wildcard and hashed names,
`[host]:port`, `@revoked` and `@cert-authority`.
"""

import base64
import binascii
import fnmatch
import hashlib
import hmac
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place

RSA_SIGNATURES = ("rsa-sha2-512", "rsa-sha2-256")
CERTIFICATES = tuple(
    f"{kind}-cert-v01@openssh.com"
    for kind in (
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        *RSA_SIGNATURES,
    )
)
X509 = "x509"
"""The type of a pinned TLS certificate; the key is the whole certificate. OpenSSH passes over such lines."""
_LIMIT = 16 * 1024 * 1024
_FIELDS = 3


class PublicKey(Protocol):
    """A host key as paramiko gives it, or a certificate."""

    def get_name(self) -> str: ...
    def asbytes(self) -> bytes: ...


class Verdict(StrEnum):
    """What the client's file says about a key that a host shows."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of the file: names as written, kind such as `ssh-ed25519`, the key's bytes, a marker or ''."""

    names: tuple[str, ...]
    kind: str
    blob: bytes
    marker: str = ""

    def matches(self, name: str) -> bool:
        """True if the line speaks of `name` (`host` or `[host]:port`, lower case)."""
        negated = [pattern[1:] for pattern in self.names if pattern.startswith("!")]
        if any(_match(pattern, name) for pattern in negated):
            return False
        return any(_match(pattern, name) for pattern in self.names if not pattern.startswith("!"))


class KnownHosts:
    """The pins of one client, as they were when read."""

    def __init__(self, client: str, pins: Iterable[Pin] = ()) -> None:
        self.client = client
        self.pins = tuple(pins)

    @classmethod
    def read(cls, client: str, path: Path) -> "KnownHosts":
        """The pins in `path`; none if there is no such file.

        Raises:
            ConfigurationError: a line is not in the format; it is named, and nothing is trusted.
        """
        try:
            with path.open("rb") as file:
                content = file.read(_LIMIT + 1)
        except FileNotFoundError:
            return cls(client)
        except OSError as error:
            raise ConfigurationError(
                f"cannot read known hosts: {error.strerror}", place=Place(str(path))
            ) from error
        if len(content) > _LIMIT:
            raise ConfigurationError("known hosts file of more than 16 MiB", place=Place(str(path)))
        lines = content.decode("utf-8", "replace").splitlines()
        return cls(
            client, [pin for number, line in enumerate(lines, 1) for pin in _parse(line, path, number)]
        )

    def pinned(self, address: str, port: int) -> tuple[Pin, ...]:
        """The keys that this host may show."""
        name = host_name(address, port)
        return tuple(pin for pin in self.pins if not pin.marker and pin.matches(name))

    def authorities(self, address: str, port: int) -> tuple[Pin, ...]:
        """The authorities that may vouch for this host with a certificate."""
        name = host_name(address, port)
        return tuple(pin for pin in self.pins if pin.marker == "@cert-authority" and pin.matches(name))

    def revoked(self, blob: bytes) -> bool:
        """True if the key is marked @revoked, whatever host shows it."""
        return any(pin.marker == "@revoked" and _same(pin.blob, blob) for pin in self.pins)

    def key_types(self, address: str, port: int) -> tuple[str, ...]:
        """Host key algorithms to ask for first, so that the host shows the key that is pinned.

        Where an authority may vouch for the host, its certificate comes before all.
        """
        kinds = list(CERTIFICATES) if self.authorities(address, port) else []
        for pin in self.pinned(address, port):
            kinds += [
                kind
                for kind in (RSA_SIGNATURES if pin.kind == "ssh-rsa" else (pin.kind,))
                if kind not in kinds
            ]
        return tuple(kinds)

    def check(self, address: str, port: int, key: PublicKey) -> Verdict:
        """Hold a key against the pins of `address`. A revoked key is refused under any name."""
        blob = key.asbytes()
        if self.revoked(blob):
            return Verdict.REVOKED
        pins = self.pinned(address, port)
        if any(_same(pin.blob, blob) for pin in pins):
            return Verdict.KNOWN
        return Verdict.CHANGED if pins else Verdict.UNKNOWN


def fingerprint(blob: bytes, kind: str = "") -> str:
    """The key's SHA-256 as `ssh-keygen -l` prints it; that of a certificate in hex, as TLS has it."""
    if kind == X509:
        return "SHA256:" + hashlib.sha256(blob).hexdigest()
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def shown(key: PublicKey) -> str:
    """A host key for a message: kind and fingerprint."""
    return f"{key.get_name()} {fingerprint(key.asbytes(), key.get_name())}"


def host_name(address: str, port: int) -> str:
    """How OpenSSH writes a host in known_hosts."""
    address = address.lower()
    return address if port == 22 else f"[{address}]:{port}"  # noqa: PLR2004 - the SSH port


def pin_keys(path: Path, address: str, port: int, keys: Iterable[PublicKey], *, replace: bool) -> None:
    """Write the keys of a host into the client's file, whole or not at all; `replace` drops its older lines.

    A line that names several hosts loses only this one. Comments, markers and other lines stay as they are.

    Raises:
        ConfigurationError: the file cannot be read or written.
    """
    name = host_name(address, port)
    try:
        lines = path.read_text("utf-8", "surrogateescape").splitlines() if path.exists() else []
        kept = [rest for line in lines if (rest := _without(line, name) if replace else line) is not None]
        for key in keys:
            line = f"{name} {key.get_name()} {base64.b64encode(key.asbytes()).decode()}"
            if line not in kept:
                kept.append(line)
        _write(path, "".join(line + "\n" for line in kept))
    except OSError as error:
        raise ConfigurationError(
            f"cannot write known hosts: {error.strerror}", place=Place(str(path))
        ) from error


def _without(line: str, name: str) -> str | None:
    if not line.strip() or line.lstrip().startswith(("#", "@")):
        return line
    names, *rest = line.split(maxsplit=1)  # by tabs, too, as it is read
    patterns = tuple(names.split(","))
    if not Pin(patterns, "", b"").matches(name):
        return line
    left = [pattern for pattern in patterns if _is_glob(pattern) or not _match(pattern, name)]
    if any(_is_glob(pattern) and _match(pattern, name) for pattern in left):
        left.append(f"!{name}")  # the others that it stands for keep their key
    return " ".join((",".join(left), *rest)) if left else None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # mkstemp makes the file 0600 whatever the umask; renaming it makes readers see the old file or the new.
    number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(number, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parse(line: str, path: Path, number: int) -> list[Pin]:
    fields = line.split()
    if not fields or fields[0].startswith("#"):
        return []
    marker = fields.pop(0) if fields[0].startswith("@") else ""
    if len(fields) < _FIELDS or marker not in {"", "@revoked", "@cert-authority"}:
        raise ConfigurationError(
            "not a known_hosts line", place=Place(str(path), number, 1), hint="names, key type, key in base64"
        )
    try:
        blob = base64.b64decode(fields[2], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError("the key is not base64", place=Place(str(path), number, 1)) from error
    return [Pin(tuple(fields[0].split(",")), fields[1], blob, marker)]


def _match(pattern: str, name: str) -> bool:
    if pattern.startswith("|1|"):
        return _match_hashed(pattern, name)
    pattern = pattern.lower()
    if _is_glob(pattern):
        # fnmatch knows [classes], known_hosts does not: there brackets are part of `[host]:port`
        return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))
    return pattern == name


def _is_glob(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _match_hashed(pattern: str, name: str) -> bool:
    try:
        _, _, salt, digest = pattern.split("|")
        expected = base64.b64decode(digest)
        found = hmac.new(base64.b64decode(salt), name.encode(), "sha1").digest()
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(found, expected)


def _same(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)
