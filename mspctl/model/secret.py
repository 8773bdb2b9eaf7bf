"""Secrets and references to them. A Secret has no printable form; a leak needs an explicit `reveal()`."""

import hmac
from dataclasses import dataclass
from typing import NoReturn, Self

from mspctl.model.place import Place


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A reference such as `file:keys/acme` or `env:ACME_SUDO`: safe to print, useless without its source."""

    scheme: str
    path: str
    place: Place | None = None

    def __str__(self) -> str:
        return f"{self.scheme}:{self.path}"


class Secret:
    """Bytes that cannot be printed, formatted, pickled, copied into JSON or compared in a timing-unsafe way.

    CPython cannot wipe immutable memory; the life of a Secret is kept short instead.
    """

    __slots__ = ("_bytes",)

    def __init__(self, content: bytes | str) -> None:
        self._bytes = content.encode() if isinstance(content, str) else bytes(content)

    def reveal(self) -> bytes:
        """The content; call it only where the bytes leave for their one destination."""
        return self._bytes

    def reveal_text(self) -> str:
        """The content as text.

        Raises:
            UnicodeDecodeError: the secret is not UTF-8.
        """
        return self._bytes.decode()

    def __bool__(self) -> bool:
        return bool(self._bytes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._bytes, other._bytes)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return _refuse("turned into text")

    def __format__(self, format_spec: str) -> NoReturn:
        _refuse("formatted")

    def __reduce__(self) -> NoReturn:
        _refuse("pickled")

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


def _refuse(what: str) -> NoReturn:
    message = f"a secret must not be {what}; call reveal() where its bytes leave for their destination"
    raise TypeError(message)
