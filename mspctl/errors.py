"""Every error that mspctl raises: the user's mistakes, the state of this machine, our own bugs.

    MspctlError                     exit  what it is about
    ├── UsageError                  2     the command line asks for something that cannot be
    │   └── EmptySelection          2     no host matches
    ├── ConfigurationError          2     inventory, playbooks, modules, templates; all problems
    ├── SecretError                 2     a referenced secret cannot be had
    ├── LockHeld                    3     another mspctl is at the same work; says who and since when
    ├── StorageError                4     the run log cannot be read or written
    │   └── NoSuchRun               2     the run log is well, but has no run of this id
    └── InternalError               4     a bug in mspctl

Failures of remote hosts are not errors but values: see mspctl.model.failure.
"""

from dataclasses import dataclass

from mspctl.model.place import Place


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: what, where (file position and dotted path), and what to do about it."""

    problem: str
    place: Place | None = None
    path: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        path = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{where}{path}{self.problem}{hint}"


class MspctlError(Exception):
    """The base of all errors that mspctl raises on purpose; holds one or more problems."""

    exit_code = 4

    def __init__(self, problem: str, *, place: Place | None = None, path: str = "", hint: str = "") -> None:
        super().__init__(problem)
        self.problems: tuple[Problem, ...] = (Problem(problem, place, path, hint),)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(MspctlError):
    """The command line asks for something that cannot be. Nothing was touched; correct the call."""

    exit_code = 2


class EmptySelection(UsageError):
    """No host matches what was asked for. Nothing was touched; see `mspctl inventory list`."""


class ConfigurationError(MspctlError):
    """A file of the project is wrong. Nothing was touched; each problem names file, line and remedy."""

    exit_code = 2

    @classmethod
    def of(cls, problems: tuple[Problem, ...]) -> "ConfigurationError":
        """An error that reports several problems together; `problems` must not be empty."""
        error = cls(problems[0].problem)
        error.problems = problems
        return error


class SecretError(MspctlError):
    """A referenced secret cannot be had. Nothing was touched; the message never holds the secret."""

    exit_code = 2


class LockHeld(MspctlError):
    """Another mspctl is at the same work; the message says who and since when. Wait for it to end."""

    exit_code = 3


class StorageError(MspctlError):
    """The run log cannot be read or written. No host is touched without a run log."""

    exit_code = 4


class NoSuchRun(StorageError):
    """The run log has no run of this id. Nothing was touched; see `mspctl runs list`."""

    exit_code = 2


class InternalError(MspctlError):
    """A bug in mspctl. Please report it with the text shown."""

    exit_code = 4
