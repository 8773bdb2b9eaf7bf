"""A real cron with crontabs, mail and a clock of its own: a mount namespace, and libfaketime to hurry it.

Nothing of this machine's cron is seen or changed. Its jobs run by the machine's own clock.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.cli import wait_until

_SENDMAIL = "#!/bin/sh\n/bin/cat >>{mail}\n"
_INSIDE = """\
set -e
mount -t tmpfs -o mode=1730,gid=crontab tmpfs /var/spool/cron/crontabs
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /etc/cron.d
mount --bind /dev/null /etc/crontab
mount --bind /usr/sbin {folder}/real
ln -s {folder}/real/* {folder}/sbin/
ln -sf {folder}/sendmail {folder}/sbin/sendmail
mount --bind {folder}/sbin /usr/sbin
: >{folder}/ready
export LD_PRELOAD={faketime} FAKETIME='+0 x{hurry}'
exec cron -f
"""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


def lacking() -> str:
    """What this machine lacks for it, empty if nothing."""
    found = [name for name in ("cron", "crontab", "unshare", "nsenter") if shutil.which(name) is None]
    return ", ".join(found + ([] if faketime().exists() else ["faketime"]))


def faketime() -> Path:
    """The library, wherever this architecture has it."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), FAKETIME)


class CronBox:
    """A cron that believes that time passes `hurry` times as fast; `mail` is what it sent."""

    def __init__(self, folder: Path, *, hurry: int = 15) -> None:
        self._folder = folder
        self._hurry = hurry
        self._mail = folder / "mail"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        for name in ("sbin", "real"):
            (self._folder / name).mkdir(parents=True)
        sendmail = self._folder / "sendmail"
        sendmail.write_text(_SENDMAIL.format(mail=self._mail))
        sendmail.chmod(0o755)
        script = _INSIDE.format(folder=self._folder, faketime=faketime(), hurry=self._hurry)
        self._process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script]
        )
        wait_until((self._folder / "ready").exists, "cron's namespace")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def mail(self) -> str:
        return self._mail.read_text() if self._mail.exists() else ""

    def run(
        self, *argv: str, environment: Mapping[str, str], text: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program where it sees this cron's tables."""
        assert self._process is not None
        inside = ["nsenter", "--mount", "--target", str(self._process.pid), "--"]
        return subprocess.run(
            [*inside, *argv],
            env=dict(environment),
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
