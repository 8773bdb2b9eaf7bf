"""`onboarding/effort.toml`: what each kind of work takes the provider, in minutes."""

from collections.abc import Collection, Mapping

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.onboarding import Minutes
from mspctl.parse.source import Source
from mspctl.parse.toml import parse_toml


def parse_effort(source: Source, kinds: Collection[str]) -> Mapping[str, Minutes]:
    """Kind of work → minutes, for those kinds that the file names.

    Raises:
        ConfigurationError: everything that is wrong with it.
    """
    problems: list[Problem] = []
    table = parse_toml(source, problems)
    table.only(*kinds)
    found = {}
    for kind in table.keys:
        minutes = table.table(kind)
        minutes.only("once", "each")
        found[kind] = Minutes(minutes.whole("once"), minutes.whole("each"))
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return found
