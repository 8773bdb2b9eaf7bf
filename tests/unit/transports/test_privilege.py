"""The talk with sudo, word by word."""

from collections.abc import Sequence

from mspctl.model.failure import Failure
from mspctl.model.secret import Secret
from mspctl.transports.launch import Launch
from mspctl.transports.privilege import ask_for_privilege

LAUNCH = Launch("exec sudo …", b"mspctl-password-0:", b"mspctl-ready-0\n")


class Script:
    """A channel whose stderr says one thing after the other."""

    def __init__(self, says: Sequence[bytes]) -> None:
        self._says = list(says)
        self._said = b""
        self.noise = 0
        self.sent: list[bytes] = []

    def send(self, content: bytes) -> None:
        self.sent.append(content)

    def wait_errors(self, timeout: float) -> bool:
        del timeout
        if not self._says:
            return False
        self._said += self._says.pop(0)
        self.noise += len(self._said)
        return True

    def errors(self) -> bytes:
        return self._said

    def forget_errors(self) -> None:
        self._said = b""


def talk(*says: bytes) -> tuple[Failure | None, list[bytes], bytes]:
    script = Script(says)
    return ask_for_privilege(script, LAUNCH, Secret("word"), 5), script.sent, script.errors()


def test_prompt_then_ready() -> None:
    assert talk(b"We trust you have received\nthe usual lecture\n", LAUNCH.prompt, LAUNCH.ready) == (
        None,
        [b"word\n"],
        b"",
    )


def test_ready_without_a_prompt_sends_no_password() -> None:
    assert talk(b"noise\n", LAUNCH.ready) == (None, [], b"")


def test_a_prompt_in_pieces() -> None:
    assert talk(LAUNCH.prompt[:7], LAUNCH.prompt[7:], LAUNCH.ready[:3], LAUNCH.ready[3:])[:2] == (
        None,
        [b"word\n"],
    )


def test_a_second_prompt_is_a_wrong_password() -> None:
    failure, sent, _ = talk(LAUNCH.prompt, b"\nSorry, try again.\n", LAUNCH.prompt)
    assert isinstance(failure, Failure)
    assert (failure.reason, sent) == ("privilege", [b"word\n"])


def test_another_prompt_gets_nothing() -> None:
    failure, sent, _ = talk(b"[sudo] password for ops: ", b"Password: ")
    assert isinstance(failure, Failure)
    assert sent == []


def test_who_prints_without_end_is_not_read_without_end() -> None:
    failure, sent, _ = talk(*[b"\0" * 65536] * 40, LAUNCH.prompt, LAUNCH.ready)
    assert isinstance(failure, Failure)
    assert "on stderr" in failure.detail
    assert sent == []


def test_sudo_that_says_no() -> None:
    failure, sent, _ = talk(b"ops is not in the sudoers file.\n")
    assert isinstance(failure, Failure)
    assert "not in the sudoers" in failure.detail
    assert sent == []
