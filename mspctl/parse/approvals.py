"""Host keys that somebody has compared: fingerprints, for an address or for whoever shows them.

A line is one of these; what stands behind a `#` is left out, and so is what stands between or behind them:

    10.0.0.11 SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDozxJIBPmE6E7yHvs
    [10.0.0.12]:2222 256 SHA256:8Wv7… root@web2 (ED25519)         the address, then what ssh-keygen -l prints
    10.0.0.13 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5…                   a line of known_hosts
    SHA256:Yf3…                                                   wherever it is shown
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from mspctl.errors import ConfigurationError, Problem, UsageError
from mspctl.model.place import Place
from mspctl.parse.address import AddressError, canonical_address
from mspctl.parse.node import shown
from mspctl.parse.source import read_source

_FINGERPRINT = re.compile(r"SHA256:(?:[A-Za-z0-9+/]{43}|[0-9a-f]{64})")
_HINT = "ADDRESS SHA256:…, as ssh-keygen -lf prints it, or a line of known_hosts"
_SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class Approvals:
    """Fingerprints that were approved: with `address` or `[address]:port` in front, or for anybody."""

    of_host: frozenset[tuple[str, str]] = frozenset()
    of_any: frozenset[str] = frozenset()

    def approves(self, address: str, port: int, fingerprint: str) -> bool:
        """True if the host may show this key. One that is named is bound to the keys beside its name."""
        named = self.of(address, port)
        return fingerprint in named if named else fingerprint in self.of_any

    def of(self, address: str, port: int) -> frozenset[str]:
        """What stands beside the host's own name; empty if it is not named."""
        names = {f"[{address}]:{port}", address} if port == _SSH_PORT else {f"[{address}]:{port}"}
        return frozenset(mark for name, mark in self.of_host if name in names)


def approvals(file: Path | None, fingerprints: Iterable[str]) -> Approvals:
    """What the file and the command line approve.

    Raises:
        UsageError: a fingerprint on the command line is none.
        ConfigurationError: a line of the file is none, or it cannot be read.
    """
    loose = set(fingerprints)
    for each in loose:
        if not _FINGERPRINT.fullmatch(each):
            raise UsageError(f"`{shown(each)}` is no fingerprint", hint="SHA256:… as ssh-keygen -l prints it")
    bound: set[tuple[str, str]] = set()
    problems: list[Problem] = []
    source = read_source(file) if file else None
    for number, line in enumerate(source.text.splitlines() if source else (), 1):
        words = line.partition("#")[0].split()
        mark = _mark(words)
        if source is None or not words:
            continue
        name = "" if mark == words[0] else _name(words[0])
        if not mark or name is None:
            problems.append(Problem("this line approves nothing", Place(source.file, number, 1), hint=_HINT))
        elif name:
            bound.add((name, mark))
        else:
            loose.add(mark)
    if problems:
        raise ConfigurationError.of(tuple(problems))
    return Approvals(frozenset(bound), frozenset(loose))


def _mark(words: list[str]) -> str:
    """The fingerprint that the words hold, or that of the key in them; empty if there is none."""
    for word in words:
        if _FINGERPRINT.fullmatch(word):
            return word
    for kind, key in pairwise(words[1:]):
        if kind.startswith(("ssh-", "ecdsa-", "sk-")):
            try:
                blob = base64.b64decode(key, validate=True)
            except binascii.Error:
                return ""
            return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return ""


def _name(word: str) -> str | None:
    """`address` or `[address]:port` in one spelling; None if it is neither."""
    address, colon, port = word, "", ""
    if word.startswith("["):
        address, _, rest = word[1:].partition("]")
        colon, port = rest[:1], rest[1:]
        if rest and (colon != ":" or not port.isdecimal()):
            return None
    try:
        address = canonical_address(address)
    except AddressError:
        return None
    return f"[{address}]:{int(port)}" if colon else address
