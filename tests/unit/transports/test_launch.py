"""The literal command lines."""

import re

import pytest

from mspctl.model.failure import Failure
from mspctl.model.inventory import Access, BecomeMethod
from mspctl.model.secret import SecretRef
from mspctl.transports.launch import Launch, launch_for

WORD = SecretRef("env", "SUDO")


@pytest.mark.parametrize(
    ("access", "user", "command"),
    [
        (Access(), "ops", "exec /bin/sh -s"),
        (Access(become=BecomeMethod.SUDO), "ops", "exec sudo -n -- /bin/sh -s"),
        (Access(become=BecomeMethod.SUDO, become_user="app"), "ops", "exec sudo -n -u app -- /bin/sh -s"),
        (Access(become=BecomeMethod.SUDO, become_password=WORD), "root", "exec /bin/sh -s"),
        (Access(become=BecomeMethod.SUDO, become_user="app"), "app", "exec /bin/sh -s"),
        (Access(become=BecomeMethod.DOAS), "ops", "exec doas -n -- /bin/sh -s"),
    ],
)
def test_commands(access: Access, user: str, command: str) -> None:
    assert launch_for(access, user) == Launch(command)


def test_a_password_is_asked_for_under_a_fresh_prompt() -> None:
    access = Access(become=BecomeMethod.SUDO, become_password=WORD)
    first, second = launch_for(access, "ops"), launch_for(access, "ops")
    assert isinstance(first, Launch)
    assert isinstance(second, Launch)
    assert first.prompt != second.prompt
    assert re.fullmatch(
        r"exec sudo -S -p (mspctl-password-[0-9a-f]{32}:) -- "
        r"/bin/sh -c 'echo mspctl-ready-[0-9a-f]{32} >&2; exec /bin/sh -s'",
        first.command,
    )
    assert first.prompt.decode() in first.command


@pytest.mark.parametrize("name", ["a b", "$(id)", "-x", "a;b", "", "x" * 40])
def test_a_strange_become_user_is_refused(name: str) -> None:
    answer = launch_for(Access(become=BecomeMethod.SUDO, become_user=name), "ops")
    assert isinstance(answer, Failure)


def test_doas_takes_no_password() -> None:
    answer = launch_for(Access(become=BecomeMethod.DOAS, become_password=WORD), "ops")
    assert isinstance(answer, Failure)
    assert answer.reason == "unsupported"
