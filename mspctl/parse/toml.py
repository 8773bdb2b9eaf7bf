"""Reads a TOML file of the project key by key and collects the problems."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime

from mspctl.errors import ConfigurationError, Problem
from mspctl.model.place import Place
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.source import Source

Value = object
_AT = re.compile(r" \(at line (\d+), column (\d+)\)$")


class Table:
    """One table of the file; `problems` is shared by all of them. Reading a wrong value gives a default."""

    def __init__(
        self, values: Mapping[str, Value], file: str, problems: list[Problem], path: str = ""
    ) -> None:
        self._values = values
        self._file = file
        self._problems = problems
        self._path = path

    def problem(self, key: str, problem: str, hint: str = "") -> None:
        """Note a problem with a key."""
        self._problems.append(
            Problem(problem, Place(self._file), f"{self._path}.{key}".removeprefix("."), hint)
        )

    def only(self, *known: str) -> None:
        """Refuse all keys but these."""
        for key in self._values:
            if key not in known:
                self.problem(key, f"the key `{key}` is not known here", did_you_mean(key, known))

    def text(self, key: str, default: str = "") -> str:
        """Text on one or more lines."""
        value = self._values.get(key, default)
        if isinstance(value, str):
            return value
        self.problem(key, "expected text in quotes")
        return default

    def required(self, key: str) -> str:
        """Text that must be there."""
        value = self.text(key)
        if not value.strip() and isinstance(self._values.get(key, ""), str):
            self.problem(key, f"`{key}` is missing")
        return value

    def one_of(self, key: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in choices:
            self.problem(key, f"`{value}` is not one of {', '.join(choices)}", did_you_mean(value, choices))
            return default
        return value

    def day(self, key: str) -> date | None:
        """A day as TOML writes it, 2026-11-30; None if it is missing."""
        value = self._values.get(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.problem(key, "expected a day", "write it as 2026-11-30, without quotes")
        return None

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, in the order of the file."""
        return tuple(self._values)

    def whole(self, key: str) -> int:
        """A whole number from 0 on; 0 if it is missing."""
        value = self._values.get(key, 0)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.problem(key, "expected a whole number, 0 or more")
        return 0

    def table(self, key: str) -> "Table":
        """A table (`[key]`, or `key = {…}`)."""
        value = self._values.get(key, {})
        if not isinstance(value, dict):
            self.problem(key, "expected a table", f"write {key} = {{…}}")
            value = {}
        return Table(value, self._file, self._problems, f"{self._path}.{key}".removeprefix("."))

    def tables(self, key: str) -> tuple["Table", ...]:
        """A list of tables (`[[key]]`)."""
        value = self._values.get(key, [])
        if not isinstance(value, list) or any(not isinstance(each, dict) for each in value):
            self.problem(key, f"expected tables, each beginning with [[{key}]]")
            return ()
        path = f"{self._path}.{key}".removeprefix(".")
        return tuple(
            Table(each, self._file, self._problems, f"{path}[{number}]") for number, each in enumerate(value)
        )


def parse_toml(source: Source, problems: list[Problem]) -> Table:
    """The whole file as a table.

    Raises:
        ConfigurationError: it is no TOML.
    """
    try:
        values = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        found = _AT.search(str(error))
        place = Place(source.file, int(found[1]), int(found[2])) if found else Place(source.file)
        raise ConfigurationError(f"this is no TOML: {_AT.sub('', str(error))}", place=place) from error
    return Table(values, source.file, problems)
