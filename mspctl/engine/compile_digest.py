"""Digests: SHA-256 over canonical JSON of everything that decides what happens, places in files left out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

from mspctl.model.secret import SecretRef

_LEFT_OUT = frozenset({"place", "places"})


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest_of(thing: object) -> str:
    """SHA-256 (hex) over a value of the model: the same value gives the same digest on each machine."""
    return digest_of_json(_plain(thing))


def digest_of_json(document: object) -> str:
    """SHA-256 (hex) over what is JSON already: text, numbers, lists and maps."""
    return hashlib.sha256(_CANONICAL.encode(document).encode("ascii")).hexdigest()


def _plain(thing: object) -> object:
    if isinstance(thing, Enum):
        thing = thing.value
    if thing is None or isinstance(thing, str | int | float):
        return thing
    if isinstance(thing, SecretRef):
        return str(thing)
    if is_dataclass(thing):
        return {
            each.name: _plain(getattr(thing, each.name))
            for each in fields(thing)
            if each.name not in _LEFT_OUT
        }
    if isinstance(thing, Mapping):
        return {str(key): _plain(value) for key, value in thing.items()}
    if isinstance(thing, frozenset):
        return sorted(map(str, thing))
    if isinstance(thing, tuple | list):
        return [_plain(each) for each in thing]
    message = f"a {type(thing).__name__} has no canonical form"
    raise TypeError(message)
