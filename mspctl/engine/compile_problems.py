"""Collects what is wrong on all hosts, the same problem once with the hosts it is about."""

from collections.abc import Iterable

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.inventory import Host

_NAMED = 5
"""Hosts named in one message; more would bury the problem."""


class Findings:
    """Problems of one compilation, in the order in which they were found first."""

    def __init__(self) -> None:
        self._hosts: dict[Problem, dict[str, None]] = {}

    def add(self, problems: Iterable[Problem], host: Host) -> None:
        """Note problems of one host."""
        for problem in problems:
            self._hosts.setdefault(problem, {})[host.key] = None

    def raise_if_any(self) -> None:
        """Raises ConfigurationError with all problems; each names its hosts."""
        if self._hosts:
            raise ConfigurationError.of(
                tuple(_about(problem, tuple(hosts)) for problem, hosts in self._hosts.items())
            )


def _about(problem: Problem, hosts: tuple[str, ...]) -> Problem:
    more = f" and {len(hosts) - _NAMED} more" if len(hosts) > _NAMED else ""
    named = f"on {', '.join(hosts[:_NAMED])}{more}"
    return Problem(f"{problem.problem} [{named}]", problem.place, problem.path, problem.hint)
