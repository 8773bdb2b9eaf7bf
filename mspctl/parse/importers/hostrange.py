"""Ansible's host patterns: `web[01:20:2].example.com`, `db-[a:f]`, a port behind a colon."""

import re
import string
from itertools import islice

from mspctl.errors import ConfigurationError
from mspctl.parse.node import shown

MAX_HOSTS = 100_000
_RANGE = re.compile(r"\[([^\[\]]*:[^\[\]]*)\]")
_HOST = re.compile(r"[\w.:%-]+")
_PORT = re.compile(r"(?:\[([^\[\]]+)\]|((?:[^:\[\]]|\[[^\]]*\])+)):([0-9]{1,5})")


def expand_hosts(pattern: str) -> tuple[list[str], int | None]:
    """All names that a pattern stands for, and the port written behind it.

    Raises:
        ConfigurationError: a range is not one, or stands for more than 100,000 hosts.
    """
    port = None
    if found := _PORT.fullmatch(pattern):
        pattern, port = found[1] or found[2], int(found[3])
    names = [pattern]
    while _RANGE.search(names[0]):
        expanded: list[str] = []
        for name in names:
            expanded += _first_range(name)
            if len(expanded) > MAX_HOSTS:
                raise ConfigurationError(f"a host range stands for more than {MAX_HOSTS} hosts")
        names = expanded
    wrong = next((name for name in names if not _HOST.fullmatch(name)), None)
    if wrong is not None:
        raise ConfigurationError(f"`{shown(wrong)}` is no host's name")
    return names, port


def _first_range(name: str) -> list[str]:
    found = _RANGE.search(name)
    if found is None:
        return [name]
    head, tail = name[: found.start()], name[found.end() :]
    return [f"{head}{item}{tail}" for item in _items(found[1])]


def _items(bounds: str) -> list[str]:
    first, last, *rest = bounds.split(":")
    step_text = rest[0] if rest else "1"
    first = first or "0"
    if len(rest) > 1 or not step_text.isdecimal() or int(step_text) < 1:
        raise ConfigurationError(f"`[{bounds}]` is no range; write [first:last] or [first:last:step]")
    step = int(step_text)
    letters = string.ascii_letters
    if len(first) == len(last) == 1 and first in letters and last in letters:
        items = list(letters[letters.index(first) : letters.index(last) + 1 : step])
    elif first.isdecimal() and last.isdecimal() and len(first) < 10 and len(last) < 10:  # noqa: PLR2004
        width = len(first) if first[0] == "0" and len(first) > 1 else 0
        if width and width != len(last):
            raise ConfigurationError(f"`[{bounds}]`: with leading zeros both ends have the same length")
        numbers = islice(range(int(first), int(last) + 1, step), MAX_HOSTS + 1)
        items = [str(number).zfill(width) for number in numbers]
    else:
        raise ConfigurationError(f"`[{bounds}]` is no range; write [1:20], [01:20:2] or [a:f]")
    if not items:
        raise ConfigurationError(f"`[{bounds}]` is empty: its first is above its last")
    return items
