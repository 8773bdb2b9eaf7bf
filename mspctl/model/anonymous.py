"""Takes out of recorded output what tells whose it is: the same thing gets the same stand-in each time."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b"), "mail"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "uuid"),
    (re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE), "mac"),
    (re.compile(r"\bS-1-5-21-\d+-\d+-\d+(?=-\d+\b)"), "sid"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])"), "ip"),
    (re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:.])", re.IGNORECASE), "ip"),
    (re.compile(r"(?<=/home/)[\w.-]+|(?<=\\Users\\)[\w.-]+"), "user"),
)
_KEPT_USERS = frozenset({"Public", "Default"})


@dataclass(slots=True)
class Anonymous:
    """`names` are words of this inventory, such as a host's name, with their stand-ins.

    `known` are texts of our own: a UUID in them is no host's, such as that of a kind of update.
    """

    names: Iterable[tuple[str, str]] = ()
    known: str = ""
    _seen: dict[tuple[str, str], str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """The text with stand-ins."""
        for name, stand_in in sorted(self.names, key=lambda pair: -len(pair[0])):
            if name:
                text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", stand_in, text, flags=re.IGNORECASE)
        for pattern, kind in _PATTERNS:
            text = pattern.sub(self._stand_in(kind), text)
        return text

    def _stand_in(self, kind: str) -> Callable[[re.Match[str]], str]:
        def replaced(found: re.Match[str]) -> str:
            word = found[0]
            if not _tells(kind, word) or (kind == "uuid" and word.lower() in self.known.lower()):
                return word
            known = self._seen.get((kind, word.lower()))
            if known is None:
                number = sum(1 for other, _ in self._seen if other == kind) + 1
                known = self._seen[kind, word.lower()] = _made(kind, word, number)
            return known

        return replaced


def _tells(kind: str, word: str) -> bool:
    if kind != "ip":
        return word not in _KEPT_USERS
    try:
        address = ip_address(word)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast)


def _made(kind: str, word: str, number: int) -> str:
    if kind == "mac":
        return f"00:00:5e:00:53:{number % 256:02x}".replace(":", word[2])
    if kind == "ip":
        return f"2001:db8::{number:x}" if ":" in word else f"192.0.2.{number % 256}"
    return _STAND_INS.get(kind, kind + "{}").format(number)


_STAND_INS: Mapping[str, str] = {
    "mail": "user{}@example.test",
    "uuid": "00000000-0000-0000-0000-{:012d}",
    "sid": "S-1-5-21-1-2-{}",
}
