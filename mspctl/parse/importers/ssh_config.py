"""Reads the hosts of an OpenSSH client configuration. Grammar and first-match rule: ssh_config(5)."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from mspctl.errors import ConfigurationError
from mspctl.model.place import Place
from mspctl.parse.importers.ansible_names import command_jump
from mspctl.parse.importers.draft import Draft, DraftHost, Foreign
from mspctl.parse.node import shown
from mspctl.parse.source import Source

_LINE = re.compile(r"([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)")
_WILD = frozenset("*?!")
_TAKEN = frozenset({"hostname", "port", "user", "identityfile", "proxyjump", "proxycommand"})
_NEEDLESS = frozenset(
    {"addkeystoagent", "serveraliveinterval", "serveralivecountmax", "compression", "tcpkeepalive"}
)


@dataclass(slots=True)
class _Block:
    patterns: tuple[str, ...]
    options: dict[str, str] = field(default_factory=dict)

    def covers(self, host: str) -> bool:
        """As ssh: one pattern matches and no negated one does."""
        if any(fnmatchcase(host, pattern[1:]) for pattern in self.patterns if pattern.startswith("!")):
            return False
        return any(fnmatchcase(host, pattern) for pattern in self.patterns if not pattern.startswith("!"))


def read_ssh_config(source: Source, draft: Draft, site: str) -> None:
    """Fill the draft with each host that a `Host` line names without a wildcard.

    Raises:
        ConfigurationError: a line is no option.
    """
    blocks = _blocks(source, draft)
    names = dict.fromkeys(
        pattern for block in blocks for pattern in block.patterns if not _WILD & set(pattern)
    )
    for block in blocks[1:]:
        if block.patterns and all(_WILD & set(pattern) for pattern in block.patterns):
            shown_patterns = " ".join(map(shown, block.patterns))
            draft.note(f"`Host {shown_patterns}` names no host; its options went to the hosts it covers")
    known = {name: draft.name("host", name) for name in names}
    for name, mine in known.items():
        options: dict[str, str] = {}
        for block in blocks:
            if block.covers(name):
                options = {**block.options, **options}
        settings = _settings(draft, name, options, known)
        if mine != name:
            settings.setdefault("address", name)
        draft.hosts.append(DraftHost(settings, {}, mine, site, []))


def _blocks(source: Source, draft: Draft) -> list[_Block]:
    """The blocks in order; the first one stands for what comes before any `Host`."""
    blocks = [_Block(("*",))]
    current: _Block | None = blocks[0]
    for place, keyword, value in _options(source):
        if keyword == "host":
            current = _Block(tuple(_words(value, place)))
            blocks.append(current)
        elif keyword == "match":
            current = None
            draft.note(f"`Match {shown(value)}` was not taken over: it depends on more than the name")
        elif keyword == "include":
            draft.note(f"`Include {shown(value)}` was not followed: import that file, too")
        elif current is not None and keyword in _TAKEN:
            current.options.setdefault(
                keyword, " ".join(_words(value, place)) if keyword != "proxycommand" else value
            )
        elif keyword not in _NEEDLESS:
            draft.note(f"{keyword} was not taken over: keep it in an ssh_config file and set `ssh_config`")
    return blocks


def _options(source: Source) -> Iterator[tuple[Place, str, str]]:
    for number, written in enumerate(source.text.splitlines(), start=1):
        line = written.strip()
        if not line or line.startswith("#"):
            continue
        place = Place(source.file, number, 1)
        found = _LINE.fullmatch(line)
        if found is None:
            raise ConfigurationError("this line is no option of ssh_config", place=place)
        yield place, found[1].lower(), found[2]


def _words(value: str, place: Place) -> list[str]:
    try:
        return shlex.split(value, comments=True)
    except ValueError:
        raise ConfigurationError("the quotes of this line do not match", place=place) from None


def _settings(draft: Draft, name: str, options: dict[str, str], known: dict[str, str]) -> dict[str, Foreign]:
    settings: dict[str, Foreign] = {}
    if "hostname" in options:
        settings["address"] = options["hostname"].replace("%h", name).replace("%%", "%")
    if "port" in options:
        port = options["port"]
        settings["port"] = int(port) if port.isdecimal() else port
    if "user" in options:
        settings["user"] = options["user"]
    if "identityfile" in options and options["identityfile"].lower() != "none":
        settings["identity"] = f"file:{options['identityfile']}"
    jump = options.get("proxyjump")
    if jump is None and "proxycommand" in options and options["proxycommand"].lower() != "none":
        jump = command_jump(options["proxycommand"])
        if jump is None:
            draft.note(
                f"the ProxyCommand of `{shown(name)}` was not taken over: mspctl knows jump hosts only"
            )
    if jump is not None and jump.lower() != "none":
        settings["gateway"] = known.get(jump, jump)
    return settings
