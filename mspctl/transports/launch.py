"""The literal command lines that start the bundle's shell."""

import re
import secrets
from dataclasses import dataclass

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, BecomeMethod
from mspctl.transports.reasons import unsupported

SHELL = "/bin/sh -s"
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}\$?")


@dataclass(frozen=True, slots=True)
class Launch:
    """How the shell is started; if `prompt` is set, a password is asked for on stderr under that text."""

    command: str
    prompt: bytes = b""
    ready: bytes = b""
    """What the privileged shell says on stderr before it reads the program: no password is wanted now."""


def launch_for(access: Access, user: str) -> Launch | Failure:
    """The command for a host, logged in as `user`.

    The login shell sees only plain words and one pair of single quotes, which sh, csh and fish read alike.
    """
    become = access.become
    if become is BecomeMethod.NONE or user == access.become_user:
        return Launch(f"exec {SHELL}")
    if not _USER.fullmatch(access.become_user):
        return unsupported("become_user is not a user name")
    whom = "" if access.become_user == "root" else f"-u {access.become_user} "
    if become is BecomeMethod.DOAS:
        if access.become_password is not None:
            return unsupported(
                "doas reads its password from a terminal only", "use nopass in doas.conf, or sudo"
            )
        return Launch(f"exec doas -n {whom}-- {SHELL}")
    if access.become_password is None:
        return Launch(f"exec sudo -n {whom}-- {SHELL}")
    nonce = secrets.token_hex(16)
    prompt, ready = f"mspctl-password-{nonce}:", f"mspctl-ready-{nonce}"
    # sudo asks or does not ask (NOPASSWD, a cached password). The shell that it starts says `ready` before it
    # reads its input, so one of the two always comes: the password is never written into a shell, and the
    # program never into a password prompt.
    return Launch(
        f"exec sudo -S -p {prompt} {whom}-- /bin/sh -c 'echo {ready} >&2; exec {SHELL}'",
        prompt.encode(),
        ready.encode() + b"\n",
    )
