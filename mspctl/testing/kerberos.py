"""A realm of its own on loopback: MIT's KDC with its database, keytab and tickets below one folder."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from mspctl.testing.sshd import free_port

REALM = "ACME.EXAMPLE"
_SBIN = "/usr/sbin:/sbin:/usr/local/sbin"
_CONFIG = """\
[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}
[domain_realm]
    localhost = {realm}
[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
[dbmodules]
    {realm} = {{
        db_library = db2
        database_name = {folder}/principal
    }}
[logging]
    kdc = FILE:{folder}/log
    admin_server = FILE:{folder}/log
"""
_KDC = """\
[realms]
    {realm} = {{
        key_stash_file = {folder}/stash
        acl_file = {folder}/acl
        max_life = 1d
        supported_enctypes = aes256-cts-hmac-sha1-96:normal
    }}
"""
_DELTA_TIME = struct.pack(">HHHH", 0x0504, 12, 1, 8)


def missing_kerberos() -> str:
    """Which packages are missing for a KDC and a client of it; empty if there are none."""
    wanted = {"krb5kdc": "krb5-kdc", "kadmin.local": "krb5-admin-server", "kinit": "krb5-user"}
    missing = [package for name, package in wanted.items() if _program(name) is None]
    if find_spec("kerberos") is None:
        missing.append("pykerberos (Python; needs libkrb5-dev and a C compiler)")
    return ", ".join(missing)


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_SBIN}")


class KerberosRealm:
    """Serves while it is entered. `accounts` are users with passwords, `services` names such as `HTTP/web1`.

    Raises:
        RuntimeError: on entering; a program is missing or failed, the text says what.
    """

    def __init__(self, folder: Path, accounts: Mapping[str, str], services: tuple[str, ...]) -> None:
        self.folder = folder
        self._accounts = accounts
        self._services = services
        self.port = free_port()
        self._kdc: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> Mapping[str, str]:
        """By which the programs of a client find the realm."""
        return {"KRB5_CONFIG": str(self.folder / "krb5.conf")}

    def __enter__(self) -> Self:
        if missing_kerberos():
            raise RuntimeError(f"no KDC: apt-get install {missing_kerberos()}")
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("krb5.conf", _CONFIG), ("kdc.conf", _KDC)):
            written = text.format(realm=REALM, port=self.port, folder=self.folder)
            (self.folder / name).write_text(written, "utf-8")
        self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        asked = [f"addprinc -pw {word} {user}" for user, word in self._accounts.items()]
        asked += [f"addprinc -randkey {service}" for service in self._services]
        self._run("kadmin.local", said="".join(line + "\n" for line in asked))
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._kdc is not None:
            self._kdc.send_signal(signal.SIGTERM)
            self._kdc.wait(60)

    def ticket(self, user: str, password: str, name: str = "tickets") -> str:
        """Log in; the cache as KRB5CCNAME wants it."""
        cache = f"FILE:{self.folder / name}"
        self._run("kinit", "-c", cache, f"{user}@{REALM}", said=password + "\n")
        return cache

    def keytab_of(self, principal: str) -> Path:
        """A keytab with the key of a service, or of an account, where it is as good as the password."""
        path = self.folder / f"{principal.replace('/', '-')}.keytab"
        if not path.exists():
            self._run("kadmin.local", said=f"ktadd -norandkey -k {path} {principal}\n")
        return path

    def clock_moved(self, cache: str, seconds: int) -> str:
        """A copy of the cache for a client whose clock is off: MIT keeps the difference to the KDC in it."""
        path = Path(cache.removeprefix("FILE:"))
        content = path.read_bytes()
        (length,) = struct.unpack(">H", content[2:4])
        moved = path.with_name(f"{path.name}-moved")
        moved.write_bytes(_DELTA_TIME + struct.pack(">ii", seconds, 0) + content[4 + length :])
        moved.chmod(0o600)
        return f"FILE:{moved}"

    def _start(self) -> None:
        self._kdc = subprocess.Popen(
            [_program("krb5kdc") or "krb5kdc", "-n", "-r", REALM],
            env=self._settings(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 30
        while time.monotonic() < end and self._kdc.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"the KDC did not start: {(self.folder / 'log').read_text()[-500:]}")

    def _settings(self) -> dict[str, str]:
        kdc = {"KRB5_KDC_PROFILE": str(self.folder / "kdc.conf"), "LC_ALL": "C"}
        return {"PATH": "/usr/bin:/bin", **self.environment, **kdc}

    def _run(self, name: str, *arguments: str, said: str = "") -> None:
        done = subprocess.run(
            [_program(name) or name, *arguments],
            input=said,
            env=self._settings(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr[-500:]}")
