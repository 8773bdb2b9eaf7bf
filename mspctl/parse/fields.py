"""The types of inventory fields: how a node of the tree becomes a value, and what the schema says of it.

A validator gets the node as it was written. None of them puts the value of a secret into its message.
"""

import re
from collections.abc import Mapping
from datetime import tzinfo
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    Strict,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from mspctl.model.fit import SECRET_SCHEMES, seconds
from mspctl.model.inventory import BecomeMethod, ConnectionKind, Scheme, WinrmAuth
from mspctl.model.place import Place
from mspctl.model.secret import SecretRef
from mspctl.model.suggestion import did_you_mean
from mspctl.parse.address import AddressError, canonical_address, canonical_gateway
from mspctl.parse.node import List, Map, Scalar, shown
from mspctl.parse.scalars import BOOLEANS, integer, to_value

NAME = r"^[a-z0-9][a-z0-9._-]{0,62}$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]{0,126}$"
_PATHS: Mapping[str, re.Pattern[str]] = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,126}"),
    "systemd": re.compile(r"[A-Za-z0-9_.-]{1,255}"),
}
_ANY_PATH = re.compile(r"(?!//)[^\s\x00-\x1f]{1,1024}")


def wrong(problem: str, hint: str = "") -> PydanticCustomError:
    """A problem in our own words; `{` and `}` of the text are not placeholders."""
    return PydanticCustomError("mspctl", "{problem}", {"problem": problem, "hint": hint})


def kind_of(node: object) -> str:
    """What a node is, in words, without its value."""
    if isinstance(node, Map):
        return "a map"
    if isinstance(node, List):
        return "a list"
    return "text" if isinstance(node, Scalar) else "nothing"


def _quoted(node: object) -> str:
    return f"`{shown(node)}`" if isinstance(node, Scalar) else kind_of(node)


def _integer(node: object) -> int:
    number = integer(node) if isinstance(node, Scalar) and node.plain else None
    if number is None:
        hint = (
            "remove the quotes"
            if isinstance(node, Scalar) and not node.plain and integer(node) is not None
            else ""
        )
        raise wrong(f"expected a whole number, found {_quoted(node)}", hint)
    return number


def _number(node: object) -> float:
    value = to_value(node) if isinstance(node, Scalar) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(f"expected a number, found {_quoted(node)}")
    return float(value)


def _boolean(node: object) -> bool:
    if isinstance(node, Scalar) and node.plain and node in BOOLEANS:
        return BOOLEANS[node]
    raise wrong(f"expected true or false, found {_quoted(node)}")


def _seconds(node: object) -> float:
    length = seconds(node) if isinstance(node, Scalar) else None
    if length is None:
        raise wrong(f"expected a length of time, found {_quoted(node)}", "write seconds, or 90s, 10m, 2h")
    return length


def _reference(node: object, validation: ValidationInfo) -> SecretRef:
    if not isinstance(node, Scalar):
        raise wrong(f"expected a reference to a secret, found {kind_of(node)}", _REFERENCE_HINT)
    scheme, colon, path = node.removeprefix("cred:").partition(":")
    pattern = _PATHS.get(scheme, _ANY_PATH)
    if not colon or scheme not in SECRET_SCHEMES or not pattern.fullmatch(path):
        raise wrong("a secret is never written here, only a reference to it", _REFERENCE_HINT)
    return SecretRef(scheme, path, Place(str(validation.context or ""), node.line, node.column))


_REFERENCE_HINT = "put it elsewhere and write env:NAME, file:PATH or systemd:NAME"


def _address(text: str) -> str:
    try:
        return canonical_address(text)
    except AddressError as error:
        reason = str(error)
    raise wrong(f"{_unless_login(text)} is refused: {reason}")


def _gateway(text: str) -> str:
    try:
        return canonical_gateway(text)
    except AddressError as error:
        reason = str(error)
    raise wrong(f"{_unless_login(text)} is refused: {reason}", "write user@host:port or the name of a host")


def _unless_login(text: str) -> str:
    """`user:password@host` may have been written by somebody who is used to URLs: it is not shown."""
    return "this" if "@" in text else f"`{shown(text)}`"


def _timezone(text: str) -> str:
    if _zone("UTC") is not None and _zone(text) is None:  # a machine without any zones cannot check
        from zoneinfo import available_timezones  # noqa: PLC0415 - it reads a folder tree, for the hint only

        raise wrong(f"`{shown(text)}` is no time zone", did_you_mean(text, available_timezones()))
    return text


def _zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _database(text: str) -> str:
    authority = text.partition("://")[2].partition("/")[0]
    if ":" in authority.rpartition("@")[0] or "password=" in text:
        raise wrong("the URL holds a password", "leave it out; libpq finds it in PGPASSFILE or ~/.pgpass")
    return text


Name = Annotated[str, StringConstraints(strict=True, pattern=NAME)]
VariableName = Annotated[str, StringConstraints(strict=True, pattern=VARIABLE)]
Line = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[^\n\r]*$")]
Text = Annotated[str, StringConstraints(strict=True, max_length=20_000)]
Word = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$")]
User = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._@\\$-]{0,103}$")]
Algorithm = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z0-9][a-z0-9@.+-]{1,99}$")]
FilePath = Annotated[str, StringConstraints(strict=True, pattern=r"^[^\s\-][^\n\r]{0,1023}$")]
Address = Annotated[str, Strict(), AfterValidator(_address)]
Gateway = Annotated[str, Strict(), AfterValidator(_gateway)]
Timezone = Annotated[str, Strict(), AfterValidator(_timezone)]
Database = Annotated[str, Strict(), AfterValidator(_database)]
Fingerprint = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){31}$")
]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
Port = Annotated[int, Field(ge=1, le=65535), BeforeValidator(_integer)]
Parallel = Annotated[int, Field(ge=1, le=1000), BeforeValidator(_integer)]
Whole = Annotated[int, BeforeValidator(_integer)]
Number = Annotated[float, BeforeValidator(_number)]
Seconds = Annotated[
    float,
    BeforeValidator(_seconds),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?[smhd]?$"}]}
    ),
]
Reference = Annotated[
    SecretRef,
    PlainValidator(_reference),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^(cred:)?(" + "|".join(SECRET_SCHEMES) + r"):\S+$",
            "description": "where a secret is: env:NAME, file:PATH or systemd:NAME; never the secret",
        }
    ),
]
Free = Annotated[Any, PlainValidator(to_value), WithJsonSchema({})]
"""Any value: numbers, texts, lists and maps, read by `mspctl.parse.scalars.to_value`."""


def choice(*words: str) -> BeforeValidator:
    """One of these words, with a did-you-mean for others."""

    def check(node: object) -> object:
        if isinstance(node, str) and node not in words:
            raise wrong(f"`{shown(node)}` is not one of {', '.join(words)}", did_you_mean(node, words))
        return node

    return BeforeValidator(check)


def enum_word(kind: type[StrEnum]) -> tuple[BeforeValidator, WithJsonSchema]:
    """One of the enum's words, with a did-you-mean for others."""
    words = [str(member) for member in kind]

    def check(node: object) -> StrEnum:
        if isinstance(node, str) and node in words:
            return kind(str(node))
        hint = did_you_mean(node, words) if isinstance(node, str) else ""
        raise wrong(f"{_quoted(node)} is not one of {', '.join(words)}", hint)

    return BeforeValidator(check), WithJsonSchema({"enum": words})


Connection = Annotated[ConnectionKind, *enum_word(ConnectionKind)]
Become = Annotated[BecomeMethod, *enum_word(BecomeMethod)]
Auth = Annotated[WinrmAuth, *enum_word(WinrmAuth)]
SchemeWord = Annotated[Scheme, *enum_word(Scheme)]
