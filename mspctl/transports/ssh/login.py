"""The login: exactly what the inventory names is offered, in the order key, agent, password."""

import threading
import weakref
from collections.abc import Callable, Iterator

import paramiko
from paramiko.agent import AgentSSH, get_agent_connection
from paramiko.auth_handler import AuthHandler
from paramiko.common import cMSG_SERVICE_REQUEST, cMSG_USERAUTH_REQUEST

from mspctl.errors import SecretError
from mspctl.model.failure import Failure
from mspctl.model.secret import Secret
from mspctl.transports.deadline import Deadline
from mspctl.transports.reasons import safe, unreachable
from mspctl.transports.ssh.endpoint import Endpoint
from mspctl.transports.ssh.keys import KeyRing
from mspctl.transports.ssh.wire import Wire
from mspctl.transports.trust import fingerprint

# OpenSSH hangs up after six attempts (MaxAuthTries); more keys would use up the password's turn.
_AGENT_KEYS = 5
_ABSENT = "what the server takes is not known"


class Authenticator(AuthHandler):
    """One login. Sends the service request and the first attempt together, which saves a round trip."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire)
        self.accepts: tuple[str, ...] = ()
        self.notice = ""
        self._wire: Wire = weakref.proxy(wire)
        self._asked = False

    def attempt(self, user: str, method: str, finish: Callable[[paramiko.Message], None]) -> threading.Event:
        """Send one attempt; the event is set when the answer is there or the link is gone."""
        event = threading.Event()
        self.auth_event = event
        self.auth_method = method
        self.username = user
        request = paramiko.Message()
        request.add_byte(cMSG_USERAUTH_REQUEST)
        for text in (user, "ssh-connection", method):
            request.add_string(text)
        finish(request)
        if not self._asked:
            self._asked = True
            service = paramiko.Message()
            service.add_byte(cMSG_SERVICE_REQUEST)
            service.add_string("ssh-userauth")
            self._wire.send_now(service)
        self._wire.send_now(request)
        return event

    def signed_with(self, key: paramiko.PKey, user: str) -> Callable[[paramiko.Message], None]:
        """The rest of a publickey attempt (RFC 4252, 7)."""
        kind, bits = self._get_key_type_and_bits(key)  # type: ignore[attr-defined]
        algorithm = self._finalize_pubkey_algorithm(kind)  # type: ignore[attr-defined]
        session = self._get_session_blob(key, "ssh-connection", user, algorithm)  # type: ignore[attr-defined]
        signature = key.sign_ssh_data(session, algorithm)

        def finish(message: paramiko.Message) -> None:
            message.add_boolean(True)  # noqa: FBT003
            message.add_string(algorithm)
            message.add_string(bits)
            message.add_string(signature)

        return finish

    def answering(self, password: Secret) -> Callable[[paramiko.Message], None]:
        """The rest of a keyboard-interactive attempt: the password answers one hidden question, no other."""
        answered = False

        def answer(_title: str, _text: str, prompts: list[tuple[str, bool]]) -> list[bytes]:
            nonlocal answered
            if len(prompts) != 1 or prompts[0][1] or answered:
                return [b""] * len(prompts)
            answered = True
            return [password.reveal()]

        self.interactive_handler = answer  # type: ignore[assignment]

        def finish(message: paramiko.Message) -> None:
            message.add_string("")
            message.add_string("")

        return finish

    def _parse_service_accept(self, m: paramiko.Message) -> None:
        """Nothing to do: the attempt is on its way already."""

    def _parse_userauth_banner(self, m: paramiko.Message) -> None:
        self.notice = safe(m.get_binary()[:1000].decode("utf-8", "replace"))

    def _parse_userauth_failure(self, m: paramiko.Message) -> None:
        self.accepts = tuple(safe(name, 40) for name in m.get_list()[:10])
        self.authenticated = False
        if self.auth_event is not None:
            self.auth_event.set()


Attempt = tuple[str, str, Callable[[paramiko.Message], None]]
"""What it is called in messages, the method, the rest of the request."""


def log_in(wire: Wire, endpoint: Endpoint, ring: KeyRing) -> Failure | None:
    """Authenticate on a wire whose host key was verified. Returns None on success."""
    if not endpoint.user:
        return unreachable("auth", f"no user is named for {endpoint.address}", "set `user` in the inventory")
    deadline = Deadline(endpoint.deadlines.auth)
    handler = Authenticator(wire)
    wire.auth_handler = handler
    offered: list[str] = []
    try:
        for name, method, finish in _attempts(handler, endpoint, ring):
            offered.append(name)
            event = handler.attempt(endpoint.user, method, finish)
            if not event.wait(deadline.left):
                return _late(endpoint)
            if handler.is_authenticated():
                wire.watch()
                return None
            if not wire.is_active():
                break
    except SecretError as error:
        return unreachable("secret", error.problems[0].problem, error.problems[0].hint)
    except (paramiko.SSHException, EOFError, OSError) as error:
        offered.append(safe(str(error)))
    return _refused(wire, handler, endpoint, offered)


def _attempts(handler: Authenticator, endpoint: Endpoint, ring: KeyRing) -> Iterator[Attempt]:
    user = endpoint.user
    wanted: bytes | None = None
    key: paramiko.PKey | bytes | None = None
    if endpoint.identity is not None:
        key = ring.key(endpoint.identity, endpoint.identity_passphrase)
    elif endpoint.identity_file is not None:
        key = ring.key_file(endpoint.identity_file)
    if isinstance(key, paramiko.PKey):
        yield f"key {fingerprint(key.asbytes())}", "publickey", handler.signed_with(key, user)
    elif key is not None:
        wanted = key
    if endpoint.agent or wanted is not None:
        yield from _agent_attempts(handler, user, wanted, endpoint.deadlines.auth)
    if endpoint.password is not None:
        password = ring.secret(endpoint.password)

        def finish(message: paramiko.Message) -> None:
            message.add_boolean(False)  # noqa: FBT003 - RFC 4252, 8: not a change of the password
            message.add_string(password.reveal())

        if not handler.accepts or "password" in handler.accepts:
            yield "password", "password", finish
        if "keyboard-interactive" in handler.accepts:
            yield "keyboard-interactive", "keyboard-interactive", handler.answering(password)


def _agent_attempts(
    handler: Authenticator, user: str, wanted: bytes | None, seconds: float
) -> Iterator[Attempt]:
    connection = get_agent_connection()
    if connection is None:
        return
    # An agent that hangs, or a key that waits for a touch, must not outlast the login.
    connection.settimeout(seconds)
    agent = AgentSSH()
    try:
        agent._connect(connection)  # type: ignore[attr-defined]  # noqa: SLF001 - Agent() would wait for ever
        keys = [key for key in agent.get_keys() if wanted is None or key.asbytes() == wanted]
        for key in keys[:_AGENT_KEYS]:
            yield f"agent key {fingerprint(key.asbytes())}", "publickey", handler.signed_with(key, user)
    finally:
        agent._close()  # type: ignore[attr-defined]  # noqa: SLF001


def _late(endpoint: Endpoint) -> Failure:
    return unreachable(
        "timeout-auth",
        f"{endpoint.address}: no answer to the login of {endpoint.user} within {endpoint.deadlines.auth:g} s",
        "is PAM or a directory service of that host slow?",
    )


def _refused(wire: Wire, handler: Authenticator, endpoint: Endpoint, offered: list[str]) -> Failure:
    if not offered:
        return unreachable(
            "auth",
            f"nothing to offer to {endpoint.address} for {endpoint.user}",
            "set identity, password or agent; with agent: true, is a key loaded (ssh-add -l)?",
        )
    if not handler.accepts and not wire.is_active():
        # A refused key is answered; only PAM's account rules hang up without a word (sshd: "Access denied").
        said = handler.notice
        return unreachable(
            "login-refused",
            f"{endpoint.address} hung up on {endpoint.user} instead of an answer{': ' if said else ''}{said}",
            "has the account expired (chage -l), is there a /run/nologin, does PAM let the user in?",
        )
    takes = ", ".join(handler.accepts) or _ABSENT
    gone = "" if wire.is_active() else "; it then closed the connection"
    return unreachable(
        "auth",
        f"{endpoint.address} refused {endpoint.user}: offered {', '.join(offered)}; it takes {takes}{gone}",
        _remedy(handler, offered),
    )


def _remedy(handler: Authenticator, offered: list[str]) -> str:
    if any("key " in name for name in offered):
        what = "is the key in that user's authorized_keys"
    elif {"password", "keyboard-interactive"} & set(handler.accepts):
        what = "is `password` in the inventory the one of that user"
    else:
        return "give the host an `identity`, or allow passwords there (PasswordAuthentication)"
    return f"{what}, and may the user log in (AllowUsers, account locked)?"
