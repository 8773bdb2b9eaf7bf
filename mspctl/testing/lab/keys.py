"""Keys and passwords of one lab, made anew for each."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from mspctl.testing.lab.command import run

_SALT_LETTERS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Access:
    """The way in: `ops` and `admin` by key; `admin` also by password, which its sudo asks for."""

    key_path: Path
    admin_password: str
    admin_hash: str

    @property
    def public_key(self) -> str:
        return self.key_path.with_suffix(".pub").read_text(encoding="ascii").strip()


def make_access(folder: Path) -> Access:
    """A new key pair and a new password, below `folder` (mode 0700)."""
    folder.mkdir(mode=0o700)
    make_key(folder / "id_ed25519", "mspctl lab")
    password = secrets.token_urlsafe(12)
    for name, text in (("admin_password", password), ("admin_hash", _crypted(password))):
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text, encoding="ascii")
    return read_access(folder)


def read_access(folder: Path) -> Access:
    """The access that `make_access` made."""
    password = (folder / "admin_password").read_text(encoding="ascii")
    return Access(folder / "id_ed25519", password, (folder / "admin_hash").read_text(encoding="ascii"))


def make_key(file: Path, comment: str) -> None:
    """A new ed25519 key pair without passphrase: `file` (mode 0600) and `file`.pub."""
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file])


def _crypted(password: str) -> str:
    """The password as crypt(5) sha512 hash; the password goes by stdin, never by argv."""
    salt = "".join(secrets.choice(_SALT_LETTERS) for _ in range(16))
    program = "my $p = <STDIN>; print crypt($p, q($6$rounds=5000$).$ARGV[0].q($));"
    return run(["perl", "-e", program, salt], stdin=password).stdout
