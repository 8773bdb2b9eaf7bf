"""The server's end of Kerberos by MIT's library, through ctypes: no pyspnego, no pykerberos in between."""

import ctypes
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ACCEPT = 2
_INDEFINITE = 0xFFFFFFFF
_CONTINUE = 1
_HEADER, _TEXT, _PADDING = 2, 1, 9
_ALLOCATE = 0x10000
_ERRORS = 0xFFFF0000
_MECHANISM_STATUS = 2


class GssError(Exception):
    """What the library said."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message under seal: the token before it, and the message."""

    header: bytes
    message: bytes
    padding_length: int


class _Buffer(ctypes.Structure):
    _fields_ = (("length", ctypes.c_size_t), ("value", ctypes.c_void_p))

    @property
    def content(self) -> bytes:
        return ctypes.string_at(self.value, self.length) if self.value else b""


class _Part(ctypes.Structure):
    _fields_ = (("type", ctypes.c_uint32), ("buffer", _Buffer))


class _Element(ctypes.Structure):
    _fields_ = (("key", ctypes.c_char_p), ("value", ctypes.c_char_p))


class _Store(ctypes.Structure):
    _fields_ = (("count", ctypes.c_uint32), ("elements", ctypes.POINTER(_Element)))


class _Bindings(ctypes.Structure):
    _fields_ = (
        ("initiator_type", ctypes.c_uint32),
        ("initiator", _Buffer),
        ("acceptor_type", ctypes.c_uint32),
        ("acceptor", _Buffer),
        ("application", _Buffer),
    )


class Acceptor:
    """One login at a service whose keys are in `keytab`, and the messages after it.

    With a `binding` the login must be bound to that channel.
    """

    def __init__(self, keytab: Path, binding: bytes = b"") -> None:
        name = find_library("gssapi_krb5")
        if name is None:
            raise GssError("no libgssapi_krb5: apt-get install libgssapi-krb5-2")
        self._library: Any = ctypes.CDLL(name)
        self._security = ctypes.c_void_p()
        self._keys = ctypes.c_void_p()
        self._binding = ctypes.create_string_buffer(binding, len(binding)) if binding else None
        self.complete = False
        # Without a replay cache: that would lie in a folder of the system.
        elements = (_Element * 2)(
            _Element(b"keytab", f"FILE:{keytab}".encode()), _Element(b"rcache", b"none:")
        )
        store = _Store(2, elements)
        indefinite, minor = ctypes.c_uint32(_INDEFINITE), ctypes.c_uint32()
        self._checked(
            self._library.gss_acquire_cred_from(
                ctypes.byref(minor),
                None,
                indefinite,
                None,
                ctypes.c_int(_ACCEPT),
                ctypes.byref(store),
                ctypes.byref(self._keys),
                None,
                None,
            ),
            minor,
        )

    def step(self, token: bytes) -> bytes:
        """Take what the client sent; what it is to be sent. Raises GssError."""
        minor, answer, given = ctypes.c_uint32(), _Buffer(), ctypes.create_string_buffer(token, len(token))
        status = self._library.gss_accept_sec_context(
            ctypes.byref(minor),
            ctypes.byref(self._security),
            self._keys,
            ctypes.byref(_Buffer(len(token), ctypes.cast(given, ctypes.c_void_p))),
            self._bindings(),
            None,
            None,
            ctypes.byref(answer),
            None,
            None,
            None,
        )
        self._checked(status, minor)
        self.complete = not status & _CONTINUE
        said = answer.content
        self._library.gss_release_buffer(ctypes.byref(minor), ctypes.byref(answer))
        return said

    def wrap_winrm(self, message: bytes) -> Sealed:
        """Seal it. Raises GssError."""
        held = ctypes.create_string_buffer(message, len(message))
        parts = (_Part * 3)(
            _Part(_HEADER | _ALLOCATE, _Buffer()),
            _Part(_TEXT, _Buffer(len(message), ctypes.cast(held, ctypes.c_void_p))),
            _Part(_PADDING | _ALLOCATE, _Buffer()),
        )
        minor = ctypes.c_uint32()
        status = self._library.gss_wrap_iov(
            ctypes.byref(minor), self._security, 1, ctypes.c_uint32(0), None, parts, 3
        )
        self._checked(status, minor)
        header, text, padding = (part.buffer.content for part in parts)
        self._library.gss_release_iov_buffer(ctypes.byref(minor), parts, 3)
        return Sealed(header, text + padding, len(padding))

    def unwrap_winrm(self, header: bytes, message: bytes) -> bytes:
        """Break the seal. Raises GssError."""
        texts = [ctypes.create_string_buffer(part, len(part)) for part in (header, message)]
        parts = (_Part * 3)(
            *(
                _Part(kind, _Buffer(len(text), ctypes.cast(text, ctypes.c_void_p)))
                for kind, text in zip((_HEADER, _TEXT), texts, strict=True)
            ),
            _Part(_TEXT, _Buffer()),
        )
        minor = ctypes.c_uint32()
        status = self._library.gss_unwrap_iov(ctypes.byref(minor), self._security, None, None, parts, 3)
        self._checked(status, minor)
        opened: _Buffer = parts[1].buffer
        return opened.content

    def _bindings(self) -> Any:  # noqa: ANN401 - a pointer of ctypes, or None
        if self._binding is None:
            return None
        held = _Buffer(len(self._binding), ctypes.cast(self._binding, ctypes.c_void_p))
        return ctypes.byref(_Bindings(0, _Buffer(), 0, _Buffer(), held))

    def _checked(self, status: int, minor: ctypes.c_uint32) -> None:
        if status & _ERRORS:
            raise GssError(f"{self._words(status, 1)}: {self._words(minor.value, _MECHANISM_STATUS)}")

    def _words(self, code: int, kind: int) -> str:
        minor, more, text = ctypes.c_uint32(), ctypes.c_uint32(), _Buffer()
        self._library.gss_display_status(
            ctypes.byref(minor),
            ctypes.c_uint32(code & _INDEFINITE),
            kind,
            None,
            ctypes.byref(more),
            ctypes.byref(text),
        )
        said = text.content.decode(errors="replace")
        self._library.gss_release_buffer(ctypes.byref(minor), ctypes.byref(text))
        return said
