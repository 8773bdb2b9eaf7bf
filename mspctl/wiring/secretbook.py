"""The secrets of one call: each resolved once, and each known to everything that prints or writes."""

import threading

from mspctl.model.secret import Secret, SecretRef
from mspctl.ports import SecretSource
from mspctl.secrets.redact import Redactor


class SecretBook:
    """A SecretSource that remembers, and a Redactor (mspctl.model.window) of all that it remembers.

    One object serves transports, run log and console: a secret is known to every sink from the moment it is
    first resolved. Safe to share between threads.
    """

    def __init__(self, source: SecretSource) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Secret] = {}
        self._redactor = Redactor(())

    def resolve(self, ref: SecretRef) -> Secret:
        """The secret behind `ref`. Raises SecretError."""
        with self._lock:
            key = (ref.scheme, ref.path)
            if key not in self._known:
                self._known[key] = self._source.resolve(ref)
                self._redactor = Redactor(self._known.values())
            return self._known[key]

    def text(self, text: str, /) -> str:
        """`text` without any secret resolved so far."""
        return self._redactor.text(text)

    def blob(self, content: bytes, /) -> bytes:
        """`content` without any secret resolved so far."""
        return self._redactor.blob(content)
