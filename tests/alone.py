"""A lock and a /var/tmp of their own for the tests of one process, where this machine is the host.

A bundle takes its host's lock and has its spool in /var/tmp. Run by root, the tests would meet there with the
tests of another process, and with whoever looks after this very machine in earnest.
"""

import ctypes
import os
import subprocess

_CLONE_NEWNS = 0x00020000
_OWN_PLACES = """
mount --make-rprivate / &&
mount -t tmpfs -o mode=1777 mspctl-tests /var/tmp &&
: >>/run/mspctl.lock && : >/var/tmp/lock && mount --bind /var/tmp/lock /run/mspctl.lock
"""


def keep_to_ourselves() -> bool:
    """Give this process and those that it starts mounts of their own; False where that is not allowed.

    What is mounted goes with the last of these processes.
    """
    if os.geteuid() != 0 or ctypes.CDLL(None).unshare(_CLONE_NEWNS) != 0:
        return False
    return subprocess.run(["sh", "-c", _OWN_PLACES], check=False).returncode == 0
