"""The talk with sudo -S: the password goes out only under sudo's own prompt with our nonce, once."""

from typing import Protocol

from mspctl.model.failure import Failure
from mspctl.model.secret import Secret
from mspctl.transports.deadline import Deadline
from mspctl.transports.launch import Launch
from mspctl.transports.reasons import failed, safe
from mspctl.transports.tail import NOISE

WRONG = "sudo did not take the password"


class Talk(Protocol):
    """The part of a channel that the talk needs."""

    def send(self, content: bytes) -> None: ...
    def wait_errors(self, timeout: float) -> bool: ...
    def errors(self) -> bytes: ...
    def forget_errors(self) -> None: ...
    @property
    def noise(self) -> int: ...


def ask_for_privilege(channel: Talk, launch: Launch, password: Secret, seconds: float) -> Failure | None:
    """Wait for the prompt or the ready sign; None when the privileged shell reads its input.

    Lectures and other noise around the prompt are ignored. A second prompt means a wrong password: sudo is
    not given another try, so that no account is locked by us.
    """
    deadline = Deadline(seconds)
    answered = False
    while True:
        said = channel.errors()
        if launch.ready in said:
            channel.forget_errors()
            return None
        if channel.noise >= NOISE:
            return failed("privilege", f"{NOISE} bytes came on stderr, and sudo is not ready")
        prompts = said.count(launch.prompt)
        if prompts > 1:
            return failed("privilege", WRONG, "correct become_password in the inventory")
        if prompts == 1 and not answered:
            answered = True
            channel.send(password.reveal() + b"\n")
        if not channel.wait_errors(deadline.left):
            return _ended(said, launch, answered=answered, late=deadline.over, seconds=seconds)


def _ended(said: bytes, launch: Launch, *, answered: bool, late: bool, seconds: float) -> Failure:
    text = said.replace(launch.prompt, b"").decode("utf-8", "replace")
    last = safe(text.strip().rsplit("\n", 1)[-1])
    if late:
        detail = f"sudo did not get ready within {seconds:g} s"
        return failed(
            "privilege", f"{detail}: {last}" if last else detail, "does sudo wait for a name server there?"
        )
    what = WRONG if answered else "sudo refused"
    return failed(
        "privilege", f"{what}: {last}" if last else what, "check sudoers and become_password on that host"
    )
