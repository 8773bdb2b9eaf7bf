"""A client on its way in: what was asked for, what answered, and what its computers said of themselves."""

from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Login:
    """How the new hosts are logged in to, as the client's file will say it; secrets are references."""

    user: str = ""
    identity: str = ""
    password: str = ""
    become: str = ""
    become_password: str = ""
    windows_user: str = ""
    windows_password: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """A port that is open, and what was said there first."""

    port: int
    greeting: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An address that the user named and at which something answers.

    `name`, `os` and `roles` are what the host said after the first login; `trouble` why there was none.
    """

    address: str
    doors: tuple[Door, ...] = ()
    name: str = ""
    os: str = ""
    trouble: str = ""

    @property
    def ports(self) -> frozenset[int]:
        """The ports that are open."""
        return frozenset(door.port for door in self.doors)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The first runs at a client, in order, and when the last of them ended."""

    at: datetime
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Onboarding:
    """All that is known so far; it is kept in the project, so that the work can go on another day."""

    client: str
    name: str = ""
    timezone: str = "UTC"
    site: str = "main"
    ssh_ports: tuple[int, ...] = (22,)
    login: Login = field(default_factory=Login)
    asked: tuple[str, ...] = ()
    """As the user named them."""
    scanned: datetime | None = None
    answers: tuple[Answer, ...] = ()
    proposal: str = ""
    """SHA-256 of the client's file as it was proposed; another one in its place was changed by a person."""
    baseline: Baseline | None = None

    def with_answer(self, answer: Answer) -> "Onboarding":
        """With this answer in the place of the one of its address."""
        answers = tuple(answer if each.address == answer.address else each for each in self.answers)
        return replace(self, answers=answers)


@dataclass(frozen=True, slots=True)
class Minutes:
    """What a kind of work takes: once, and for each computer concerned."""

    once: int
    each: int

    def of(self, hosts: int) -> int:
        """For so many computers."""
        return self.once + self.each * hosts
