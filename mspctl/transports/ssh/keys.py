"""Keys and passwords of one client, read once for all its hosts: a passphrase's bcrypt takes its time."""

import io
import threading
from pathlib import Path

import paramiko

from mspctl.errors import SecretError
from mspctl.model.secret import Secret, SecretRef
from mspctl.ports import SecretSource


class KeyRing:
    """Keys and passwords of one client, resolved on first use. Safe to share between threads."""

    def __init__(self, secrets: SecretSource) -> None:
        self._secrets = secrets
        self._lock = threading.Lock()
        self._keys: dict[tuple[str, str], paramiko.PKey | bytes] = {}
        self._resolved: dict[str, Secret] = {}

    def secret(self, ref: SecretRef) -> Secret:
        """The secret behind `ref`.

        Raises:
            SecretError: it cannot be had.
        """
        with self._lock:
            return self._resolve(ref)

    def key(self, identity: SecretRef, passphrase: SecretRef | None) -> paramiko.PKey | bytes:
        """The private key behind `identity`; for a public key its bytes, to be looked for in the agent.

        Raises:
            SecretError: it cannot be had, is no key, or the passphrase is wrong.
        """
        name = (str(identity), str(passphrase or ""))
        with self._lock:
            if name not in self._keys:
                word = self._resolve(passphrase) if passphrase else None
                self._keys[name] = _parse(self._resolve(identity), word, str(identity))
            return self._keys[name]

    def key_file(self, path: str) -> paramiko.PKey | bytes:
        """The key in an IdentityFile of ssh_config.

        Raises:
            SecretError: it cannot be read, is no key, or needs a passphrase.
        """
        name = (f"IdentityFile {path}", "")
        with self._lock:
            if name not in self._keys:
                try:
                    content = Secret(Path(path).expanduser().read_bytes())
                except OSError as error:
                    raise SecretError(f"IdentityFile {path}: {error.strerror}") from error
                self._keys[name] = _parse(content, None, name[0])
            return self._keys[name]

    def _resolve(self, ref: SecretRef) -> Secret:
        if str(ref) not in self._resolved:
            self._resolved[str(ref)] = self._secrets.resolve(ref)
        return self._resolved[str(ref)]


def _parse(content: Secret, passphrase: Secret | None, name: str) -> paramiko.PKey | bytes:
    # Secrets are revealed in passing only: no local name of ours holds one when a traceback is printed.
    public = _public_blob(content)
    if public is not None:
        return public
    try:
        # paramiko's from_path only takes files; this is its own choice by the bytes, without one
        return _private(content, passphrase)
    except paramiko.PasswordRequiredException:
        raise SecretError(f"{name} is encrypted", hint="set identity_passphrase") from None
    except (paramiko.SSHException, ValueError, TypeError, UnicodeDecodeError):
        # `from None`: the cause's text may hold parts of the key
        what = "is no private key" if passphrase is None else "is no private key, or its passphrase is wrong"
        raise SecretError(
            f"{name} {what}", hint="OpenSSH format, such as ssh-keygen -t ed25519 makes"
        ) from None


def _private(content: Secret, passphrase: Secret | None) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            file = io.StringIO(content.reveal_text())
            return kind.from_private_key(file, password=passphrase.reveal_text() if passphrase else None)
        except paramiko.PasswordRequiredException:
            raise
        except (paramiko.SSHException, ValueError, TypeError, IndexError):
            continue
    message = "no key type fits"
    raise paramiko.SSHException(message)


def _public_blob(content: Secret) -> bytes | None:
    if b"PRIVATE KEY" in content.reveal():
        return None
    try:
        return paramiko.pkey.PublicBlob.from_string(content.reveal_text()).key_blob
    except (ValueError, UnicodeDecodeError, paramiko.SSHException):
        return None
