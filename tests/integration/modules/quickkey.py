"""Repositories of restic that open at once.

restic makes a password cost half a second of work, for each command anew. For tests, the master key is put
under a key file of the same format whose password costs nothing.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305


def quick_repository(repository: Path, password: str) -> Path:
    """Make one and return its path."""
    _restic(repository, password, "init")
    return quicken(repository, password)


def quicken(repository: Path, password: str) -> Path:
    """Replace the keys of one that is there; its path."""
    master = _restic(repository, password, "cat", "masterkey")
    salt, nonce = os.urandom(64), os.urandom(16)
    derived = hashlib.scrypt(password.encode(), salt=salt, n=2, r=1, p=1, dklen=64)
    encrypt, mac_k, mac_r = derived[:32], derived[32:48], derived[48:]
    sealed = _aes(encrypt, modes.CTR(nonce), master)
    one_time = mac_r + _aes(mac_k, modes.CBC(bytes(16)), nonce)  # one block, so this is plain AES
    content = nonce + sealed + Poly1305.generate_tag(one_time, sealed)
    key = {
        "created": "2026-11-29T00:00:00Z",
        "username": "root",
        "hostname": "tests",
        "kdf": "scrypt",
        "N": 2,
        "r": 1,
        "p": 1,
        "salt": base64.b64encode(salt).decode(),
        "data": base64.b64encode(content).decode(),
    }
    text = json.dumps(key).encode()
    for old in (repository / "keys").iterdir():
        old.unlink()
    (repository / "keys" / hashlib.sha256(text).hexdigest()).write_bytes(text)
    return repository


def _aes(key: bytes, mode: modes.CTR | modes.CBC, text: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), mode).encryptor()
    return encryptor.update(text) + encryptor.finalize()


def _restic(repository: Path, password: str, *arguments: str) -> bytes:
    program = shutil.which("restic")
    assert program is not None
    command = [program, "--repo", str(repository), "--no-cache"]
    environment = {"PATH": "/usr/bin:/bin", "RESTIC_PASSWORD": password}
    return subprocess.run([*command, *arguments], env=environment, check=True, capture_output=True).stdout
