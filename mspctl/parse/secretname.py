"""Names that say that their value is a secret: `db_password`, `RootPW`, `Kennwort`."""

import re

_LONG = r"pass(?:word|wd|wort|phrase)|kennwort|secret|token|api[_-]?key|private[_-]?key|credentials?"
_SHORT = r"pass|pwd|pw|psk"
_SECRET = re.compile(
    rf"(?:(?i:{_LONG})|(?:^|[_-])(?i:{_SHORT})|(?<=[a-z0-9])(?:{_SHORT.upper()}|Pass|Pwd|Pw))$"
)


def names_secret(name: str) -> bool:
    """True if a value under this name is a secret by what the name says; short words only as words."""
    return bool(_SECRET.search(name))
